"""A broken database is set aside, and a new one made: of a copy and the redo log, else of what can still be read.

With copy and log whole, the new one is what the broken one was. Else what is missing is taken from the broken one,
as far as it can be read, and recordings without a row are queued for intake. Nothing of that is approved: only a
copy or the log can say so. By doubtful knowledge nobody stays signed in.
"""

import logging
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, create_engine, text
from sqlalchemy.pool import NullPool

from station.clock import Clock
from station.durable import keep, sync_folder, unfinished
from station.rules.approval import State
from station.rules.facts import Field
from station.rules.findings import from_json as findings_from_json
from station.rules.hours import local
from station.rules.letters import plain, spelled
from station.rules.offer import PREFIX
from station.rules.origin import Origin
from station.rules.recipe import from_json as recipe_from_json
from station.rules.rundown import Kind
from station.stores.audit import write_audit
from station.stores.database import (
    VERSION,
    as_run,
    as_run_segments,
    audit,
    bring_up_to_date,
    faults,
    metadata,
    muted_zones,
    report_deliveries,
    segments,
)
from station.stores.rebuilt import Base, Notices, Rebuilt
from station.stores.redo import NUMBER, RedoLog, apply, number_of, put
from station.stores.salvage import is_right, number_in_header, rows_of
from station.stores.slug import slug

BUSY_TIMEOUT_S = 30
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_LOST = (
    "no such table",
    "no such column",
    "unsupported file format",
    "Could not decode",
    "duplicate column",
)  # of its own files
_KEPT_AS_READ = (as_run, as_run_segments, audit, faults, muted_zones, report_deliveries)
_DOUBTFUL = ("session", "setup_code")
_LONGEST_TEXT = 64 << 10  # bytes
_WHO = "máy"
_HASH = 64  # hex digits
_PLAUSIBLE = 1_000  # transactions that a header may be ahead of the log; more is a spoilt header
_UTC = ZoneInfo("UTC")
_log = logging.getLogger(__name__)


def tells_damage(error: BaseException | None) -> bool:
    """Whether an error of SQLite's may come from a damaged file; a card that is full or busy does not."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _DAMAGED or (isinstance(error, sqlite3.OperationalError) and str(error).startswith(_LOST))


class Look(Enum):
    """How closely a database is looked at: not at all, being known to be damaged; at its pages; or at all of it."""

    NONE = "none"
    QUICK = "quick"
    THOROUGH = "thorough"


def is_damaged(path: Path, look: Look, *, expected: bool) -> bool:
    """Whether a database cannot be relied on; where something is `expected`, an empty one cannot either."""
    if look is Look.NONE:
        return True
    if not path.exists() or not path.stat().st_size:
        return expected
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as database:
            check = "integrity_check" if look is Look.THOROUGH else "quick_check"
            if database.execute(f"PRAGMA {check}(1)").fetchone() != ("ok",):
                return True
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if look is Look.THOROUGH and version == VERSION and not all(map(_is_right, _all_rows(database))):
                return True
            known = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (as_run.name,)).fetchone()
            return known is None and expected
    except sqlite3.DatabaseError as error:
        return tells_damage(error)
    except UnicodeDecodeError:  # in what SQLite tells of its schema
        return True


def _all_rows(database: sqlite3.Connection) -> Iterator[tuple[Table, dict[str, Any]]]:
    for table in metadata.sorted_tables:
        names = [it.name for it in table.columns]
        listed = ", ".join(f'"{name}"' for name in names)
        for values in database.execute(f'SELECT {listed} FROM "{table.name}"'):  # noqa: S608 - our own names
            yield table, dict(zip(names, values, strict=True))


def _is_right(known: tuple[Table, dict[str, Any]]) -> bool:
    """Whether a row is one that its table may have."""
    table, row = known
    return is_right(row, table) and (table is not segments or _makes_sense(row))


def mend(path: Path, redo: RedoLog, look: Look) -> None:
    """Have a whole database at `path`. Of several processes one does it and the others wait."""
    library = path.parent / "library"
    if is_damaged(path, look, expected=_something_was_here(redo, library)):
        with redo.alone():
            if is_damaged(path, look, expected=_something_was_here(redo, library)):
                _rebuild(path, redo, library)


def _something_was_here(redo: RedoLog, library: Path) -> bool:
    originals = library / "originals"
    return not redo.is_empty() or (originals.is_dir() and any(originals.iterdir()))


def _rebuild(path: Path, redo: RedoLog, library: Path) -> None:
    now = Clock().now().wall
    _log.error("the database %s is damaged: it is set aside, and made anew", path)
    aside = _free_name(path, now)
    if path.exists():
        aside.hardlink_to(path)
    with unfinished(path.parent) as made:
        rebuilt, number = _made(made.path, aside, redo, library, now)
        journal = path.with_name(f"{path.name}-journal")
        if journal.exists() and journal.stat().st_size:  # it would be taken for the new one's
            journal.replace(aside.with_name(f"{aside.name}-journal"))
        redo.begin(number)
        keep(made, path)
    with unfinished(redo.folder) as copied:
        shutil.copyfile(path, copied.path)
        keep(copied, redo.copy(number))
    redo.forget_old()
    Notices(redo.folder).add(rebuilt)
    _log.error("the database is made anew: %s", rebuilt)


def _free_name(path: Path, now: int) -> Path:
    """Where a broken database is kept: by the second, in UTC, for the zone of time is not known here."""
    day = f"{local(now, _UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{path.name}.broken-{day}", *(f"{path.name}.broken-{day}-{it}" for it in range(2, 1_000)))
    return next(place for name in names if not (place := path.with_name(name)).exists())


def _made(made: Path, broken: Path, redo: RedoLog, library: Path, now: int) -> tuple[Rebuilt, int]:
    """Make the new database, and give what became of it and the number of its last transaction."""
    base, after = _base(made, redo)
    _prepare(made)
    entries = redo.entries(after)
    with closing(sqlite3.connect(made)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        for entry in entries:
            apply(database, entry)
        last = entries[-1].number if entries else after
        whole = base is not Base.NOTHING and [it.number for it in entries] == [*range(after + 1, last + 1)]
        held = number_in_header(broken)
        whole = whole and (held is None or held <= last or held > last + _PLAUSIBLE)
        records, recordings = (0, 0) if whole else _salvage(database, broken)
        recordings += _register(database, library, now, also_levelled=not whole)
        number = max(last, held if held and held <= last + _PLAUSIBLE else 0) + 1
        database.execute(f"PRAGMA {NUMBER} = {number}")
        database.commit()
    with create_engine(f"sqlite:///{made}", poolclass=NullPool).begin() as connection:
        write_audit(connection, now, _WHO, "dựng lại cơ sở dữ liệu", broken.name)
    return Rebuilt(
        now, broken.name if broken.exists() else "", base, len(entries), whole, records, recordings
    ), number


def _base(made: Path, redo: RedoLog) -> tuple[Base, int]:
    """Make the best copy the base, and give up to which transaction it goes."""
    for number in redo.copies():
        copy = redo.copy(number)
        with suppress(OSError, sqlite3.DatabaseError):
            if not is_damaged(copy, Look.THOROUGH, expected=True):
                shutil.copyfile(copy, made)
                with closing(sqlite3.connect(made)) as database:
                    return Base.COPY, number_of(database)
    made.write_bytes(b"")
    return (Base.LOG if redo.goes_back_to_the_beginning() else Base.NOTHING), 0


def _prepare(made: Path) -> None:
    with create_engine(f"sqlite:///{made}", poolclass=NullPool).begin() as connection:
        connection.execute(text("PRAGMA synchronous = OFF"))
        bring_up_to_date(connection)


# What the log does not tell


def _salvage(database: sqlite3.Connection, broken: Path) -> tuple[int, int]:
    """Take over what can be read of the broken one and is not known; how many records and how many segments."""
    records = 0
    for table in _KEPT_AS_READ:
        taken = sum(put(database, table.name, row, "IGNORE") for row in rows_of(broken, table))
        records += taken if table is as_run else 0
    taken = 0
    for row in filter(_makes_sense, rows_of(broken, segments)):
        known = database.execute("SELECT state FROM segment WHERE id = ?", (row["id"],)).fetchone()
        if known is None:
            taken += _put_segment(database, _unapproved(row))
        elif known == (State.APPROVED,) and row["state"] != State.APPROVED:  # it was taken back since that copy
            back = "UPDATE segment SET state = ?, approver = NULL, approved_at = NULL, approved = NULL WHERE id = ?"
            database.execute(back, (State.DRAFT, row["id"]))
    for name in _DOUBTFUL:
        database.execute(f"DELETE FROM {name}")  # noqa: S608 - our own names
    return records, taken


def _makes_sense(row: dict[str, Any]) -> bool:
    """Whether a segment's row is one that the library can read."""
    try:
        Kind(row["kind"]), Origin(row["origin"]), State(row["state"]), Field(row["field"])
        findings_from_json(row["findings"])
        if row["recipe"] is not None:
            recipe_from_json(row["recipe"])
    except (ValueError, KeyError, TypeError):
        return False
    return len(row["original"]) == _HASH


def _unapproved(row: dict[str, Any]) -> dict[str, Any]:
    """It as a draft of the commune's: what the province sent is that no more, for no signature vouches for it."""
    void = dict.fromkeys(("approver", "approved_at", "approved", "offered", "vouched"))
    state = State.DRAFT if row["ready"] else State.RECEIVED
    name = str(row["name"]).removeprefix(PREFIX).strip("/")
    return {**row, **void, "state": state, "origin": Origin.COMMUNE, "name": name}


def _register(database: sqlite3.Connection, library: Path, now: int, *, also_levelled: bool) -> int:
    """Queue each recording that no row names for intake, and give how many; a person must approve it then."""
    found = 0
    named = _named(database)
    if also_levelled:
        for ready in _files(library / "ready"):
            if ready.stem not in named:
                with suppress(OSError):
                    (library / "originals" / ready.stem).hardlink_to(ready)
                    sync_folder(library / "originals")
    for original in _files(library / "originals"):
        if original.name not in named and _is_settled(original, library):
            found += _put_segment(database, _row_of(original, now))
    return found


def _named(database: sqlite3.Connection) -> frozenset[str]:
    """Every hash that something in the database names."""
    found: set[str] = set()
    for original, ready, recipe in database.execute("SELECT original, ready, recipe FROM segment"):
        found |= {original, ready or ""} | set((recipe or "").split('"'))
    found |= {it for (it,) in database.execute("SELECT sound FROM alert WHERE sound IS NOT NULL")}
    return frozenset(found)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file() and len(path.stem) == _HASH)


def _is_settled(original: Path, library: Path) -> bool:
    """Whether it was acknowledged: while that is not sure a file has an unfinished name too, which goes first."""
    names = 1 + (library / "ready" / f"{original.name}.flac").exists()
    return original.stat().st_nlink <= names


def _row_of(original: Path, now: int) -> dict[str, object]:
    title, words = f"Bản ghi tìm lại {original.name[:8]}", None
    with suppress(UnicodeDecodeError):
        if original.stat().st_size <= _LONGEST_TEXT and "\n" in (told := original.read_bytes().decode()):
            title, _, words = told.partition("\n")
    return {
        "id": original.name[:12],
        "name": slug(title),
        "title": title,
        "kind": Kind.NOTICE,
        "origin": Origin.COMMUNE,
        "state": State.RECEIVED,
        "original": original.name,
        "author": "",
        "received_at": now,
        "words": words,
    }


def _put_segment(database: sqlite3.Connection, row: dict[str, object]) -> bool:
    """Put a segment's row, by another name if its own is taken."""
    searched = f"{row['title']}\n{row['author']}\n{row['words'] or ''}"
    row = {**row, "spelled": spelled(searched), "plain": plain(searched)}
    return put(database, "segment", row, "IGNORE") or put(
        database, "segment", {**row, "name": f"{row['name']}-{row['id']}"}, "IGNORE"
    )
