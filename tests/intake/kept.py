"""What a home keeps of what was taken in: every file there belongs to a row, and every row has its files, whole."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

_OTHER_NAMES = {"station.db-journal", "station.toml.last-good", "heartbeat"}


class Kept:
    """What is kept in `home`; what lies outside the library at first is how it should stay."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._library = home / "library"
        self._before = set(self._outside())
        self._whole: set[Path] = set()

    def rows(self) -> list[dict[str, Any]]:
        """The segments, in the order of the queue."""
        with closing(sqlite3.connect(self._home / "station.db", timeout=30)) as database:
            database.row_factory = sqlite3.Row
            found = database.execute("SELECT * FROM segment ORDER BY received_at, id")
            return [dict(row) for row in found]

    def of(self, content: bytes) -> dict[str, Any] | None:
        """The segment of that content, if there is one."""
        sha256 = hashlib.sha256(content).hexdigest()
        return next((row for row in self.rows() if row["original"] == sha256), None)

    def waiting(self) -> list[dict[str, Any]]:
        """What is still in the queue of intake."""
        return [row for row in self.rows() if row["state"] == "received"]

    def complaints(self) -> Iterator[str]:
        """Whatever is missing, damaged or left over while nothing is being taken in."""
        rows = self.rows()
        needed = {self._library / "originals" / row["original"] for row in rows}
        needed |= {self._library / "ready" / f"{row['ready']}.flac" for row in rows if row["ready"]}
        there = {path for path in self._library.rglob("*") if path.is_file()}
        yield from (f"{path.relative_to(self._home)} is missing" for path in sorted(needed - there))
        yield from (f"{path.relative_to(self._home)} is nobody's" for path in sorted(there - needed))
        yield from (f"{path} was left over" for path in sorted(self._outside()) if path not in self._before)
        yield from (f"{row['title']!r} is a draft and has no sound" for row in rows if _draft_without_sound(row))
        for path in sorted(there & needed - self._whole):
            if _sha256(path) == path.stem:
                self._whole.add(path)
            else:
                yield f"{path.relative_to(self._home)} is not what its name says"

    def _outside(self) -> Iterator[str]:
        for path in self._home.rglob("*"):
            spoken_or_tone = (
                path.parent.name == "tapes" and path.suffix == ".flac"
            )  # the player makes some at its start
            others = path.name in _OTHER_NAMES or path.parent.name == "redo" or spoken_or_tone
            if not path.is_dir() and self._library not in path.parents and not others:
                yield str(path.relative_to(self._home))


def _draft_without_sound(row: dict[str, Any]) -> bool:
    return row["state"] == "draft" and not (row["ready"] and row["length"])


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
