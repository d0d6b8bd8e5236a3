"""What the station knows of its backup sticks: the mark by which it knows them, and the last backup."""

import json
import secrets
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from station.durable import keep, unfinished
from station.rules.trouble import Trouble

_MARK = "stick.key"
_LAST = "last.json"
_BYTES = 32


@frozen
class Mark:
    """The secret on each of the station's sticks. A person last chose one at `chosen_at` (wall ms)."""

    secret: str
    chosen_at: int


@frozen
class LastBackup:
    """The last good backup on a stick: when (wall ms, None before the first) and how large (bytes).

    `trouble` is what stood in the way of one since.
    """

    good_at: int | None = None
    size: int = 0
    trouble: Trouble | None = None


class Backups:
    """It, in a `folder` of the station's home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mark(self) -> Mark | None:
        """The station's mark; None until somebody made a stick its own."""
        told = self._read(_MARK)
        return Mark(**told) if told else None

    def choose(self, now: int) -> Mark:
        """The mark for a stick that a person chose at wall ms `now`; on return it survives a power cut."""
        known = self.mark()
        mark = Mark(known.secret if known else secrets.token_hex(_BYTES), now)
        self._keep(_MARK, attrs.asdict(mark))
        return mark

    def last(self) -> LastBackup:
        """What was noted last."""
        told = self._read(_LAST)
        if not told:
            return LastBackup()
        return LastBackup(**{**told, "trouble": told["trouble"] and Trouble(**told["trouble"])})

    def note(self, last: LastBackup) -> None:
        """Note how the last one went."""
        self._keep(_LAST, attrs.asdict(last))

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            told = json.loads((self._folder / name).read_text())
        except (OSError, ValueError):  # what is damaged is as good as nothing
            return None
        return told if isinstance(told, dict) else None

    def _keep(self, name: str, told: dict[str, Any]) -> None:
        self._folder.mkdir(exist_ok=True)
        with unfinished(self._folder) as file:
            file.stream.write(json.dumps(told, ensure_ascii=False).encode())
            keep(file, self._folder / name)
