"""The as-run log: what truly aired, append-only; one record a broadcast, opened before anything is switched."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from attrs import fields, frozen
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from station.rules.as_run import AsRun, AsRunSegment
from station.rules.letters import plain, spelled
from station.rules.proof import UNVERIFIED, Proof, Verdict
from station.rules.rundown import Clip
from station.rules.schedule import Broadcast
from station.stores.database import as_run, as_run_segments, segments
from station.stores.log_search import PAGE, LogSearch, conditions

__all__ = ["AsRun", "AsRunLog", "AsRunSegment", "FoundRecords"]

_AT_A_TIME = 1_000  # records: no lock is held while whoever asked for all of them takes them in


@frozen
class FoundRecords:
    """A page of a search, and whether there is more."""

    records: tuple[AsRun, ...]
    more: bool


_COLUMNS = [as_run.c[it.name] for it in fields(AsRun)]
_NEWEST_FIRST = (as_run.c.planned_start.desc(), as_run.c.key.desc())


class AsRunLog:
    """The log, in the database behind `engine`. What was written is on the card when a call returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, broadcast: Broadcast, at: int) -> None:
        """Open the record of `broadcast` at wall ms `at`; one that is there already stays as it is."""
        searched = (broadcast.title, broadcast.who)
        record = {
            "key": broadcast.key,
            "schedule": broadcast.schedule,
            "title": broadcast.title,
            "origin": broadcast.origin,
            "priority": broadcast.priority,
            "zones": " ".join(broadcast.zones),
            "trigger": broadcast.trigger,
            "who": broadcast.who,
            "override": broadcast.override,
            "planned_start": broadcast.start,
            "planned_end": broadcast.end,
            "opened_at": at,
            "reason": "",
            "proof": Verdict.UNVERIFIED,
            "spelled": spelled(*searched),
            "plain": plain(*searched),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(as_run).values(record).on_conflict_do_nothing())
            if held := list(_segments_of(broadcast, connection)):
                connection.execute(insert(as_run_segments).on_conflict_do_nothing(), held)

    def note_start(self, key: str, at: int) -> None:
        """Note when the first sample of an open record sounded (wall ms)."""
        with self._engine.begin() as connection:
            connection.execute(update(as_run).where(_still_open(key)).values(actual_start=at))

    def close(self, key: str, result: str, end: int | None, reason: str, proof: Proof = UNVERIFIED) -> None:
        """Close an open record; a closed one is never changed."""
        ended: dict[str, Any] = {"result": result, "actual_end": end, "reason": reason, "proof": proof.verdict}
        if reason:
            ended |= {
                "spelled": as_run.c.spelled + "\n" + spelled(reason),
                "plain": as_run.c.plain + "\n" + plain(reason),
            }
        if proof.verdict is not Verdict.UNVERIFIED:
            ended |= {"proof_match": proof.match, "proof_level": proof.level, "proof_late": proof.late}
        with self._engine.begin() as connection:
            connection.execute(update(as_run).where(_still_open(key)).values(ended))

    def still_open(self) -> tuple[AsRun, ...]:
        """The records that nobody closed."""
        return tuple(self._read(as_run.c.result.is_(None)))

    def between(self, since: int, until: int) -> tuple[AsRun, ...]:
        """The records of what was planned from `since` up to `until` (wall ms), in that order."""
        return tuple(self._read(_planned(since, until)))

    def found(self, search: LogSearch) -> FoundRecords:
        """A page of what is looked for, the newest first, and whether there is more."""
        query = _newest(search).offset(search.page * PAGE).limit(PAGE + 1)
        rows = self._all(query)
        return FoundRecords(rows[:PAGE], more=len(rows) > PAGE)

    def all_found(self, search: LogSearch) -> Iterator[AsRun]:
        """All that is looked for, the newest first."""
        query = _newest(search).limit(_AT_A_TIME)
        rows = self._all(query)
        while rows:
            yield from rows
            last = rows[-1]
            older = tuple_(as_run.c.planned_start, as_run.c.key) < tuple_(last.planned_start, last.key)
            rows = self._all(query.where(older)) if len(rows) == _AT_A_TIME else ()

    def counts(self) -> Mapping[str, int]:
        """How many of all broadcasts had which result; what is on has none yet."""
        query = select(as_run.c.result, func.count()).where(as_run.c.result.is_not(None)).group_by(as_run.c.result)
        with self._engine.connect() as connection:
            return dict(map(tuple, connection.execute(query)))

    def find(self, key: str) -> AsRun | None:
        """The record of that broadcast."""
        return next(self._read(as_run.c.key == key), None)

    def of_schedule(self, schedule: str) -> tuple[AsRun, ...]:
        """All records of that name, in the order of their planned starts."""
        after = chr(ord("@") + 1)  # keys are the name, `@` and the start
        return tuple(self._read((as_run.c.key >= f"{schedule}@") & (as_run.c.key < f"{schedule}{after}")))

    def segments(self, since: int, until: int) -> Mapping[str, tuple[AsRunSegment, ...]]:
        """The segments in the tapes of what was planned from `since` up to `until`, by the broadcast's key."""
        table = as_run_segments
        query = (select(table).join(as_run, as_run.c.key == table.c.key).where(_planned(since, until))).order_by(
            table.c.key, table.c.number
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {
            key: tuple(
                AsRunSegment(it.segment, it.ready, it.title, it.kind, it.at, it.length, it.origin) for it in found
            )
            for key, found in groupby(rows, key=lambda it: str(it.key))
        }

    def _read(self, condition: ColumnElement[bool]) -> Iterator[AsRun]:
        query = select(*_COLUMNS).where(condition).order_by(as_run.c.planned_start, as_run.c.key)
        yield from self._all(query)

    def _all(self, query: Select[Any]) -> tuple[AsRun, ...]:
        with self._engine.connect() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return tuple(AsRun(**{**values, "zones": tuple(values["zones"].split())}) for values in rows)


def _newest(search: LogSearch) -> Select[Any]:
    return select(*_COLUMNS).where(*conditions(search)).order_by(*_NEWEST_FIRST)


def _planned(since: int, until: int) -> ColumnElement[bool]:
    return and_(as_run.c.planned_start >= since, as_run.c.planned_start < until)


def _still_open(key: str) -> ColumnElement[bool]:
    return (as_run.c.key == key) & as_run.c.result.is_(None)


def _segments_of(broadcast: Broadcast, connection: Connection) -> Iterator[dict[str, Any]]:
    clips = [(at, part) for at, part in broadcast.programme.placed() if isinstance(part, Clip)]
    asked = select(segments.c.id, segments.c.kind, segments.c.origin)
    rows = connection.execute(asked.where(segments.c.id.in_([clip.segment for _, clip in clips])))
    known = {row.id: (row.kind, row.origin) for row in rows}
    for number, (at, clip) in enumerate(clips):
        kind, origin = known.get(clip.segment, ("", broadcast.origin))
        yield {
            "key": broadcast.key,
            "number": number,
            "segment": clip.segment,
            "ready": clip.ready,
            "title": clip.title,
            "kind": kind,
            "at": at,
            "length": clip.length,
            "origin": origin,
        }
