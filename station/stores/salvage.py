"""What can still be read of a broken database, row by row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, Table

_FARTHEST = 1 << 20  # rowids that are leapt over to find what can be read again
_UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
_NUMBER_AT, _MAGIC = slice(68, 72), b"SQLite format 3\0"  # of the file: https://www.sqlite.org/fileformat.html


def number_in_header(broken: Path) -> int | None:
    """The last transaction that a broken database held, by its header; None if that cannot be read."""
    try:
        with broken.open("rb") as file:
            header = file.read(100)
    except OSError:
        return None
    return int.from_bytes(header[_NUMBER_AT], "big") if header.startswith(_MAGIC) else None


def rows_of(broken: Path, table: Table) -> Iterator[dict[str, Any]]:
    """Each row of a table that can be read and looks like one."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(broken))}?mode=ro&immutable=1", uri=True)) as database:
            database.text_factory = lambda told: told.decode(errors="replace")
            for row in _readable(database, table.name):
                if is_right(row, table):
                    yield row
    except (sqlite3.DatabaseError, OSError):
        return


def _readable(database: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    after, leap = -(1 << 62), 0
    while leap <= _FARTHEST:
        query = f'SELECT rowid AS "rowid of it", * FROM "{table}" WHERE rowid > ? ORDER BY rowid'  # noqa: S608 - ours
        try:
            found = database.execute(query, (after + leap,))
            names = [it[0] for it in found.description][1:]
            for rowid, *values in found:
                after, leap = rowid, 0
                yield dict(zip(names, values, strict=True))
        except sqlite3.DatabaseError:
            after = max(after, 0)
            leap = max(1, 2 * leap)
        else:
            return


def is_right(row: dict[str, Any], table: Table) -> bool:
    """Whether each value is of its column's type."""
    return all(_fits(row.get(column.name), column) for column in table.columns)


def _fits(value: Any, column: Column[Any]) -> bool:
    if value is None:
        return bool(column.nullable)
    if isinstance(value, str) and _UNDECODABLE in value:
        return False
    kind = column.type.python_type
    return isinstance(value, {float: (int, float), bool: int}.get(kind, kind))
