"""What a station told somebody that it has, and whether it still has it after its power was cut."""

import hashlib
import json
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from attrs import asdict, frozen

from station.desk.audit import check_seals
from station.desk.timetable import read_plan
from station.stores.home import open_home
from station.stores.places import Places

_UNFINISHED = ".unfinished"


@frozen
class Told:
    """`name` of a kind was told to be as `value` says; the card's log of writes had `position` bytes then."""

    kind: str
    name: str
    value: str
    position: int


class Ledger:
    """What was told, in a file from the moment on when it was."""

    def __init__(self, place: Path) -> None:
        self._place, self._lock = place, Lock()
        self.told = [Told(**json.loads(line)) for line in place.read_text().splitlines()] if place.exists() else []
        self._known = {(it.kind, it.name, it.value) for it in self.told}

    def note(self, kind: str, name: str, value: str, position: int) -> None:
        """Note what was told just now; what was told before counts from then."""
        with self._lock:
            if (kind, name, value) in self._known:
                return
            self._known.add((kind, name, value))
            self.told.append(told := Told(kind, name, value, position))
            with self._place.open("a") as file:
                file.write(json.dumps(asdict(told), ensure_ascii=False) + "\n")


def complaints(home: Path, told: Iterable[Told]) -> list[str]:
    """What a station's folder, which is not changed, lacks of what was told, and what in it is half or broken."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("library", "tapes", "*.sock"))
        try:
            return [*_of_database(copy / "station.db"), *_of_station(copy), *_of_told(home, copy, list(told))]
        except (sqlite3.Error, OSError, ValueError) as error:
            return [f"{type(error).__name__}: {error}"]


def _of_database(path: Path) -> Iterator[str]:
    """SQLite itself rolls back what was not committed, as at the player's start."""
    with closing(sqlite3.connect(path)) as database:
        if (said := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            yield f"station.db: {said}"


def _of_station(home: Path) -> Iterator[str]:
    """As the product itself opens it."""
    places = Places(home=home, config=home / "station.toml", schedules=home / "schedules", run=home.parent / "run")
    station = open_home(places)
    yield from (f"station.toml: {it}" for it in station.config().troubles)
    yield from (f"a schedule: {it}" for it in read_plan(station).troubles)
    yield from (f"the audit log: {it}" for it in check_seals(station))
    station.engine.dispose()


def _of_told(home: Path, copy: Path, told: Sequence[Told]) -> Iterator[str]:
    with closing(sqlite3.connect(copy / "station.db")) as database:
        originals = dict(_rows(database, "SELECT id, original FROM segment"))
        there: dict[str, dict[str, Any]] = {
            "upload": originals,
            "audit": dict(_rows(database, "SELECT id, seal FROM audit")),
            "person": dict.fromkeys(it for (it,) in _rows(database, "SELECT name FROM person")),
            "opened": dict.fromkeys(it for (it,) in _rows(database, "SELECT key FROM as_run")),
            "record": dict(_rows(database, "SELECT key, result FROM as_run")),
        }
        ready = [it for (it,) in _rows(database, "SELECT ready FROM segment WHERE ready NOT NULL")]
    there = {kind: {str(name): value for name, value in rows.items()} for kind, rows in there.items()}
    for it in told:
        if it.kind == "edit":
            if (now := _number(copy / it.name)) < int(it.value):
                yield f"{it.name} was told to be number {it.value} and is {now}"
        elif it.name not in there[it.kind] or (it.value and there[it.kind][it.name] != it.value):
            yield f"{it.kind} {it.name} was told ({it.value}) and is {there[it.kind].get(it.name, 'not there')}"
    yield from _of_files(home / "library/originals", originals.values())
    yield from _of_files(home / "library/ready", (f"{it}.flac" for it in ready))


def _of_files(folder: Path, named: Iterable[str]) -> Iterator[str]:
    """Each file that a row names is there, and whatever has a file's full name is whole."""
    there = {it.name for it in folder.iterdir() if it.suffix != _UNFINISHED}
    yield from (f"{folder.name}/{it} is not there" for it in sorted(set(named) - there))
    for name in sorted(there):
        with (folder / name).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != name.partition(".")[0]:
                yield f"{folder.name}/{name} is not whole"


def _number(file: Path) -> int:
    """The number that the load wrote last into a file's title or name."""
    table = tomllib.loads(file.read_text())
    found = re.search(r"\d+$", str(table.get("title") or table.get("name")))
    return int(found[0]) if found else 0


def _rows(database: sqlite3.Connection, query: str) -> list[Any]:
    return database.execute(query).fetchall()
