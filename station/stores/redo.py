"""The redo log: what each transaction left of the rows that it touched, in plain lines beside the database.

A line is on the card before its transaction is acknowledged, so that copy and log together make the database anew.
The folder holds logs `N.jsonl`, of what came after transaction N, and copies `N.db`, each made after its log began.
A transaction has the number that it leaves in the database's `application_id`: the one number that costs no page.
"""

import fcntl
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from station.durable import is_full, sync_folder

NUMBER = "application_id"
_COPIES = 2  # so that a card that spoils one still has another
_LONGEST = 256 << 10  # bytes of a log at which a new copy is worth its writing


@frozen
class Entry:
    """What one transaction left: `rows` by their table, and the keys of rows that are `gone`."""

    number: int
    rows: Sequence[tuple[str, Mapping[str, Any]]]
    gone: Sequence[tuple[str, Mapping[str, Any]]]


class RedoLog:
    """The log and the copies in `folder`. Who writes, or replaces the database, is `alone` meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other threads and processes out."""
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def is_empty(self) -> bool:
        """Whether nothing was ever written here."""
        return not self._numbers("db") and not any(self._log(it).stat().st_size for it in self._numbers("jsonl"))

    @contextmanager
    def added(self, entry: Entry) -> Iterator[None]:
        """Have an entry on the card; it is taken back if what follows fails."""
        number = max(self._numbers("jsonl"), default=0)
        descriptor = os.open(self._log(number), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            end = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, _torn(descriptor, end) + _line(entry))
                os.fdatasync(descriptor)
                yield
            except BaseException:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def goes_back_to_the_beginning(self) -> bool:
        """Whether it tells all that ever was in the database."""
        return self._log(0).exists()

    def begin(self, number: int) -> None:
        """Begin the log of what comes after that transaction."""
        self._log(number).touch(mode=0o640)
        sync_folder(self._folder)

    def copy(self, number: int) -> Path:
        """Where the copy is that was made after this log began."""
        return self._folder / f"{number}.db"

    def copies(self) -> tuple[int, ...]:
        """The copies that there are, the newest first."""
        return tuple(sorted(self._numbers("db"), reverse=True))

    def entries(self, after: int) -> tuple[Entry, ...]:
        """Each whole entry after that transaction, in order; of two with one number the later one was committed."""
        found = {
            entry.number: entry
            for number in sorted(self._numbers("jsonl"))
            for entry in map(_entry, self._read(number))
            if entry is not None and entry.number > after
        }
        return tuple(found[number] for number in sorted(found))

    def last(self) -> int:
        """The number of the last whole entry, or after which transaction the log begins that has none."""
        number = max(self._numbers("jsonl"), default=0)
        return next((it.number for it in map(_entry, reversed(self._read(number))) if it), number)

    def drop_last(self, number: int) -> None:
        """Take away the entry of a transaction that was never committed."""
        path, end = self._log(max(self._numbers("jsonl"))), 0
        for line in path.read_bytes().splitlines(keepends=True):
            if (entry := _entry(line.rstrip(b"\n"))) and entry.number == number:
                break
            end += len(line)
        os.truncate(path, end)

    def is_long(self) -> bool:
        """Whether it is time for a new copy."""
        number = max(self._numbers("jsonl"), default=0)
        copy = self.copy(max(self.copies(), default=0))
        size = copy.stat().st_size if copy.exists() else 0
        return self._log(number).exists() and self._log(number).stat().st_size > max(_LONGEST, size // 2)

    def forget_old(self) -> None:
        """Remove what no copy that is kept needs."""
        kept = self.copies()[:_COPIES]
        for number in self.copies()[_COPIES:]:
            self.copy(number).unlink(missing_ok=True)
        if len(kept) == _COPIES:
            for number in self._numbers("jsonl"):
                if number < kept[-1]:
                    self._log(number).unlink(missing_ok=True)

    def _log(self, number: int) -> Path:
        return self._folder / f"{number}.jsonl"

    def _read(self, number: int) -> list[bytes]:
        try:
            return self._log(number).read_bytes().splitlines()
        except OSError:  # a card that cannot read it; the copies and the other logs may be whole
            return []

    def _numbers(self, suffix: str) -> list[int]:
        return [int(path.stem) for path in self._folder.glob(f"*.{suffix}") if path.stem.isdecimal()]


class LoggedConnection(sqlite3.Connection):
    """A connection to a database whose every commit is in the redo log first."""

    _redo: RedoLog | None = None

    def log_to(self, redo: RedoLog, keys: Mapping[str, Sequence[str]], is_in_place: Callable[[], bool]) -> None:
        """From now on log the rows of the tables whose `keys` are given, as long as the file is in its place."""
        self.executescript(_triggers(keys))
        self._redo, self._keys, self.is_in_place = redo, keys, is_in_place

    def commit(self) -> None:
        """Commit, and be on the card twice."""
        touched = self._touched()
        if not touched or self._redo is None:
            super().commit()
            return
        try:
            self._commit_logged(self._redo, touched)
        except BaseException as error:
            self.rollback()
            if not isinstance(error, OSError):
                raise
            told = "database or disk is full" if is_full(error) else "disk I/O error"  # as SQLite tells it
            raise sqlite3.OperationalError(told) from error

    def _commit_logged(self, redo: RedoLog, touched: list[tuple[str, str]]) -> None:
        with redo.alone():
            if not self.is_in_place():
                raise sqlite3.DatabaseError(REPLACED)
            number = number_of(self) + 1
            self.execute("DELETE FROM temp.touched")
            self.execute(f"PRAGMA {NUMBER} = {number}")
            with redo.added(self._entry(number, touched)):
                super().commit()

    def _touched(self) -> list[tuple[str, str]]:
        if self._redo is None or not self.in_transaction:
            return []
        return self.execute("SELECT DISTINCT of, key FROM temp.touched").fetchall()

    def _entry(self, number: int, touched: list[tuple[str, str]]) -> Entry:
        rows, gone = [], []
        for table, written in touched:
            key = dict(zip(self._keys[table], json.loads(written), strict=True))
            where = " AND ".join(f'"{name}" = ?' for name in key)
            found = self.execute(f'SELECT * FROM "{table}" WHERE {where}', [*key.values()])  # noqa: S608 - our names
            names = [it[0] for it in found.description]
            row = found.fetchone()
            if row is None:
                gone.append((table, key))
            else:
                rows.append((table, dict(zip(names, row, strict=True))))
        return Entry(number, rows, gone)


REPLACED = "database was replaced"


def number_of(connection: sqlite3.Connection) -> int:
    """The last transaction that a database holds."""
    return int(connection.execute(f"PRAGMA {NUMBER}").fetchone()[0])


def apply(connection: sqlite3.Connection, entry: Entry) -> None:
    """Do again what a transaction did; columns and rows that this version does not know are left out."""
    for table, key in entry.gone:
        where = " AND ".join(f'"{name}" = ?' for name in key)
        with suppress(sqlite3.OperationalError):
            connection.execute(f'DELETE FROM "{table}" WHERE {where}', [*key.values()])  # noqa: S608 - our names
    for table, row in entry.rows:
        put(connection, table, row, "REPLACE")


def put(connection: sqlite3.Connection, table: str, row: Mapping[str, Any], otherwise: str) -> bool:
    """Whether a row could be put into a table; one that is there is treated as `otherwise`: REPLACE or IGNORE."""
    known = {it[1] for it in connection.execute(f'PRAGMA table_info("{table}")')}
    kept = {name: value for name, value in row.items() if name in known}
    if not kept:
        return False
    names, marks = ", ".join(f'"{name}"' for name in kept), ", ".join("?" * len(kept))
    statement = f'INSERT OR {otherwise} INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - our names
    try:
        return connection.execute(statement, [*kept.values()]).rowcount == 1
    except sqlite3.IntegrityError:
        return False


def _triggers(keys: Mapping[str, Sequence[str]]) -> str:
    made = ["PRAGMA temp_store = MEMORY;", "CREATE TEMP TABLE touched (of, key);"]
    for table, names in keys.items():
        for deed, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            key = ", ".join(f'{row}."{name}"' for name in names)
            told = f"INSERT INTO touched VALUES ('{table}', json_array({key}));"  # noqa: S608 - our own names
            made.append(f'CREATE TEMP TRIGGER "{table}_{deed}" AFTER {deed} ON main."{table}" BEGIN {told} END;')
    return "\n".join(made)


def _line(entry: Entry) -> bytes:
    told = {"n": entry.number, "rows": entry.rows, "gone": entry.gone}
    line = json.dumps(told, ensure_ascii=False, default=_blob, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(line), line)


def _entry(line: bytes) -> Entry | None:
    """What a line says; None of one that was torn or spoilt."""
    check, _, told = line.partition(b" ")
    try:
        if int(check, 16) != zlib.crc32(told):
            return None
        read = json.loads(told, object_hook=_unblob)
        rows, gone = ([(table, row) for table, row in read[name]] for name in ("rows", "gone"))
        return Entry(read["n"], rows, gone)
    except (ValueError, KeyError, TypeError):
        return None


def _blob(value: Any) -> dict[str, str]:
    return {"hex": bytes(value).hex()}


def _unblob(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["hex"]) if value.keys() == {"hex"} else value


def _torn(descriptor: int, end: int) -> bytes:
    """What ends a line that a power cut tore."""
    return b"\n" if end and os.pread(descriptor, 1, end - 1) != b"\n" else b""


def _write_all(descriptor: int, told: bytes) -> None:
    left = memoryview(told)
    while left:
        left = left[os.write(descriptor, left) :]
