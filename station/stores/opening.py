"""Opening `station.db`: whole, up to date, and with a redo log that tells all that it holds.

Two processes write, so the journal is the rollback one (TRUNCATE) with full sync: what a commit acknowledged is on
the card, in the redo log as well. A database that turns out damaged, at the start or while it is used, is set aside
and made anew before the next connection to it (`rebuilding.py`); whoever wants what failed at it tries again.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, DisconnectionError
from sqlalchemy.pool import NullPool

from station.durable import keep, sweep, unfinished
from station.stores.database import bring_up_to_date, metadata
from station.stores.rebuilding import BUSY_TIMEOUT_S, Look, mend, tells_damage
from station.stores.rebuilt import Notices
from station.stores.redo import NUMBER, REPLACED, LoggedConnection, RedoLog, apply, number_of

REDO = "redo"  # the folder, beside the database
_LOGGED = {table.name: tuple(column.name for column in table.primary_key) for table in metadata.sorted_tables}
_FARTHEST = 1_000_000  # transactions that the log can lag behind; a number beyond is a damaged one
_PAGES = 512  # of the database at once: who writes meanwhile waits that long only


def open_database(path: Path, *, thorough: bool = False) -> Engine:
    """Open the database at `path`, making it when it is not there and bringing an older one up to date.

    A `thorough` look at it reads every row, and takes a second or so for ten thousand segments.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    redo = RedoLog(path.parent / REDO)
    mend(path, redo, Look.THOROUGH if thorough else Look.QUICK)
    try:
        _prepare(path, redo)
    except DatabaseError as error:
        if not tells_damage(error.orig):
            raise
        mend(path, redo, Look.NONE)
        _prepare(path, redo)
    connect = _Connecting(path, redo)
    engine = create_engine(f"sqlite:///{path}", creator=connect)
    event.listen(engine, "checkout", _check_place)
    event.listen(engine, "handle_error", connect.doubt_after)
    return engine


def renew_copy(path: Path) -> None:
    """Make a new copy for the redo log when that is long; it takes as long as the database is large."""
    redo = RedoLog(path.parent / REDO)
    if redo.is_long():
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as database:
            database.execute("BEGIN IMMEDIATE")
            with redo.alone():
                number = number_of(database)
                redo.begin(number)
        _copy(path, redo, number)


def notices(home: Path) -> Notices:
    """What is told of databases of that home that were made anew."""
    return Notices(home / REDO)


def _prepare(path: Path, redo: RedoLog) -> None:
    """Bring database and log up to date, and to one another."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", lambda connection, _: _set_safe(connection))
    with engine.begin() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))  # the page and the player may start at once
        changed = bring_up_to_date(connection)
        database = cast("sqlite3.Connection", connection.connection.driver_connection)
        with redo.alone():
            number = _in_step(database, redo, grown=changed)
    if number is not None:
        _copy(path, redo, number)


def _in_step(database: sqlite3.Connection, redo: RedoLog, *, grown: bool) -> int | None:
    """Have database and log tell the same; where the log cannot, the number at which a new one begins."""
    number, last = number_of(database), redo.last()
    if redo.copies() and not 0 <= number <= last + _FARTHEST:
        number = last
        database.execute(f"PRAGMA {NUMBER} = {number}")
    if last == number + 1:
        redo.drop_last(last)  # a power cut came between line and commit: nobody was told that it is done
    elif last > number:
        for entry in redo.entries(number):  # a card lost what it had acknowledged
            apply(database, entry)
        database.execute(f"PRAGMA {NUMBER} = {last}")
    if redo.copies() and last >= number and not grown:
        return None
    number = max(number, last, 0 if _is_new(database) else 1)  # log 0 tells all from the very beginning
    database.execute(f"PRAGMA {NUMBER} = {number}")
    redo.begin(number)
    return number


def _is_new(database: sqlite3.Connection) -> bool:
    return all(database.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() is None for name in _LOGGED)  # noqa: S608 - our own names


def _copy(path: Path, redo: RedoLog, number: int) -> None:
    """Have a copy of the database for the log that begins at that number."""
    sweep(redo.folder)
    with unfinished(redo.folder) as copy:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy.path)) as target:
            target.execute("PRAGMA journal_mode = OFF")  # a copy that is broken off is thrown away
            source.backup(target, pages=_PAGES, sleep=0.01)
            if target.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return  # the next one who opens it sees to that
        keep(copy, redo.copy(number))
    redo.forget_old()


class _Connecting:
    """Makes the connections of an engine, and sees to the database before that when there is reason to doubt it."""

    def __init__(self, path: Path, redo: RedoLog) -> None:
        self._path = path
        self._redo = redo
        self._doubted = False

    def __call__(self) -> sqlite3.Connection:
        if self._doubted or not self._path.exists():
            mend(self._path, self._redo, Look.THOROUGH)
            self._doubted = False
        place = _identity(self._path)
        connection = sqlite3.connect(self._path, BUSY_TIMEOUT_S, factory=LoggedConnection, check_same_thread=False)
        _set_safe(connection)
        connection.log_to(self._redo, _LOGGED, lambda: _identity(self._path) == place)
        return connection

    def doubt_after(self, context: ExceptionContext) -> None:
        """After an error that may come from a damaged file, have it looked at, and all connections made anew."""
        error = context.original_exception
        if tells_damage(error) or REPLACED in str(error):
            self._doubted = context.is_disconnect = True


def _check_place(connection: Any, _record: Any, _proxy: Any) -> None:
    """Use no connection to a file that is not the database any more."""
    if not connection.is_in_place():
        raise DisconnectionError(REPLACED)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _set_safe(connection: sqlite3.Connection) -> None:
    """Set a new connection to survive a power cut with all that was committed."""
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
