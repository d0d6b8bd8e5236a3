"""The as-run log: what truly aired, append-only; one record a broadcast, opened before anything is switched."""

from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import ColumnElement, Engine, select, update
from sqlalchemy.dialects.sqlite import insert

from station.rules.proof import UNVERIFIED, Proof, Verdict
from station.rules.schedule import Broadcast, Priority
from station.stores.database import as_run, heartbeat


@frozen
class AsRun:
    """A record: instants in wall ms; `result` is None while it is on air, `reason` a sentence or empty.

    `proof` is a `Verdict`; its figures are as in `Proof`, None when unverified.
    """

    key: str
    schedule: str
    title: str
    origin: str
    priority: str
    zones: tuple[str, ...]
    trigger: str
    who: str
    override: str
    planned_start: int
    planned_end: int
    opened_at: int
    actual_start: int | None
    actual_end: int | None
    result: str | None
    reason: str
    proof: str
    proof_match: float | None
    proof_level: float | None
    proof_late: float | None

    @property
    def counts(self) -> bool:
        """Whether it counts for the limits of its day: all but an emergency and what a person let sound anyway."""
        return self.priority != Priority.EMERGENCY and not self.override


class AsRunLog:
    """The log, in the database behind `engine`. What was written is on the card when a call returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, broadcast: Broadcast, at: int) -> None:
        """Open the record of `broadcast` at wall ms `at`; one that is there already stays as it is."""
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
        }
        with self._engine.begin() as connection:
            connection.execute(insert(as_run).values(record).on_conflict_do_nothing())

    def note_start(self, key: str, at: int) -> None:
        """Note when the first sample of an open record sounded (wall ms)."""
        with self._engine.begin() as connection:
            connection.execute(update(as_run).where(_still_open(key)).values(actual_start=at))

    def close(self, key: str, result: str, end: int | None, reason: str, proof: Proof = UNVERIFIED) -> None:
        """Close an open record; a closed one is never changed."""
        ended: dict[str, object] = {"result": result, "actual_end": end, "reason": reason, "proof": proof.verdict}
        if proof.verdict is not Verdict.UNVERIFIED:
            ended |= {"proof_match": proof.match, "proof_level": proof.level, "proof_late": proof.late}
        with self._engine.begin() as connection:
            connection.execute(update(as_run).where(_still_open(key)).values(ended))

    def still_open(self) -> tuple[AsRun, ...]:
        """The records that nobody closed."""
        return tuple(self._read(as_run.c.result.is_(None)))

    def between(self, since: int, until: int) -> tuple[AsRun, ...]:
        """The records of what was planned from `since` up to `until` (wall ms), in that order."""
        return tuple(self._read((as_run.c.planned_start >= since) & (as_run.c.planned_start < until)))

    def beat(self, at: int) -> None:
        """Note that all that was due by wall ms `at` has its record."""
        beat = insert(heartbeat).values(id=1, at=at)
        with self._engine.begin() as connection:
            connection.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"at": at}))

    def last_beat(self) -> int | None:
        """The last such instant, or None when the station never ran."""
        with self._engine.connect() as connection:
            return connection.execute(select(heartbeat.c.at)).scalar_one_or_none()

    def _read(self, condition: ColumnElement[bool]) -> Iterator[AsRun]:
        query = select(as_run).where(condition).order_by(as_run.c.planned_start, as_run.c.key)
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                values = row._asdict()
                yield AsRun(**{**values, "zones": tuple(values["zones"].split())})


def _still_open(key: str) -> ColumnElement[bool]:
    return (as_run.c.key == key) & as_run.c.result.is_(None)
