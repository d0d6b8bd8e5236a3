"""A home that has something to lose, and what must still be so of it whatever was spoilt."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from station.desk.people import new_setup_code, set_up
from station.desk.segments import add_segment, add_text
from station.rules.levelled import Levelled
from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Kind
from station.stores.audit import broken
from station.stores.database import metadata
from station.stores.home import Home, open_home, places
from station.stores.library import StoredSegment
from station.stores.opening import renew_copy
from station.stores.redo import RedoLog
from tests.airing import air, clip

NOW = 1_764_000_000_000
_PASSWORD = "một câu dài mà dễ nhớ"  # noqa: S105 - of nobody
_LOGGED = {table.name for table in metadata.sorted_tables}
Rows = dict[str, list[dict[str, Any]]]


def fill(folder: Path) -> Home:
    """A home with segments in every state, records, people, a muted zone, two copies and a log."""
    home = open_home(places(folder))
    for name in ("Lan", "Minh"):
        code = new_setup_code(home, now=NOW)
        set_up(home, code=code, name=name, password=_PASSWORD, device="máy thử", now=NOW)
    new_setup_code(home, now=NOW)
    with home.engine.begin() as connection:
        home.muted.set(connection, "bac", muted=True, who="Lan", now=NOW)
    for number in range(30):
        _work(home, number)
        if number in {10, 20}:
            _begin_new_copy(home)
    home.engine.dispose()
    return home


def rows(folder: Path) -> Rows:
    """All that the database tells."""
    with closing(sqlite3.connect(folder / "station.db")) as database:
        database.row_factory = sqlite3.Row
        return {
            name: [dict(it) for it in database.execute(f"SELECT * FROM {name} ORDER BY rowid")]  # noqa: S608
            for name in _LOGGED
        }


def lost(before: Rows, after: Rows, library: Path, *, doubtful: bool) -> Iterator[str]:
    """Whatever is missing or more than it was; `doubtful` where copies or log were spoilt too."""
    records = {it["key"]: it["result"] for it in after["as_run"]}
    if not doubtful:
        for record in before["as_run"]:
            if records.get(record["key"], "no record") != record["result"]:
                yield f"the record of {record['key']}: {records.get(record['key'], 'gone')}"
        for name in ("person", "alert", "muted_zone"):
            if _told(before[name]) - _told(after[name]):
                yield f"rows of {name}"
        for deed in _told(before["audit"]) - _told(after["audit"]):
            yield f"the deed {deed}"
    may_air = {(it["id"], it["approved"]) for it in before["segment"] if it["state"] == "approved"}
    airs = {(it["id"], it["approved"]) for it in after["segment"] if it["state"] == "approved"}
    yield from (f"approved without a person: {it}" for it in airs - may_air)
    if not doubtful:
        yield from (f"approved no more: {it}" for it in may_air - airs)
    named = {it["original"] for it in after["segment"]}
    uploads = {it.name for it in (library / "originals").iterdir()}
    yield from (f"nobody's upload: {it}" for it in uploads - named)
    known = {it["name"] for it in before["person"]}
    yield from (f"a stranger: {it['name']}" for it in after["person"] if it["name"] not in known)
    codes = {it["hash"] for it in before["setup_code"]}
    yield from (f"a strange code: {it}" for it in after["setup_code"] if it["hash"] not in codes)


def seals_hold(home: Home) -> bool:
    """Whether the audit log is whole."""
    with home.engine.connect() as connection:
        return not broken(connection)


def _told(found: list[dict[str, Any]]) -> set[str]:
    return {json.dumps(it, sort_keys=True, default=repr) for it in found}


def _work(home: Home, number: int) -> None:
    """What people and player do in an hour or so."""
    now = NOW + number * HOUR
    title = f"Tin số {number}"
    if number % 5 == 4:
        add_text(home, f"Mời bà con đi họp lần {number}.", title=title, kind=Kind.NOTICE, by="Lan", now=now)
    else:
        sound = BytesIO(f"sound {number}".encode() * 400)
        segment = add_segment(home, sound, title=title, kind=Kind.NEWS, by="Lan", now=now)
        if number % 5:
            segment = _level(home, segment, number)
            _decide(home, segment, number, now)
            air(home.log, now, clip(segment))
    air(home.log, now + 30 * MINUTE, title=f"Tiếp âm {number}", result=("aired", "cut", "missed")[number % 3])
    home.heartbeat.beat(now)


def _level(home: Home, segment: StoredSegment, number: int) -> StoredSegment:
    with home.library.levelling() as file:
        file.path.write_bytes(f"levelled {number}".encode() * 300)
        made = Levelled(1_500, -16.1, -1.2, segment.recipe.closed(1_500), (), bytes(range(200)))
        with home.engine.begin() as connection:
            return home.library.finish(connection, segment, file, made)


def _decide(home: Home, segment: StoredSegment, number: int, now: int) -> None:
    with home.engine.begin() as connection:
        home.library.submit(connection, segment.id)
    if number % 5 == 1:
        return
    with home.engine.begin() as connection:
        home.library.approve(connection, segment.id, "Minh", now)
    if number % 5 == 3:
        with home.engine.begin() as connection:
            home.library.reject(connection, segment.id, "Sai tên người.")


def _begin_new_copy(home: Home) -> None:
    """A new copy, as when the log has become long."""
    redo = RedoLog(home.places.home / "redo")
    newest = max((redo.folder).glob("*.jsonl"), key=lambda it: int(it.stem))
    spare = newest.read_bytes()
    with newest.open("ab") as log:
        log.write(b"#" * (300 << 10) + b"\n")
    renew_copy(home.places.home / "station.db")
    newest.write_bytes(spare)
