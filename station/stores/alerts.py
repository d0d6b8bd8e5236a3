"""The alerts that the station heard: each a row, with what was decided and why, and what became of it."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from attrs import asdict, frozen
from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from station.rules.alerting.alert import Alert, Status
from station.rules.alerting.cap import read_cap
from station.rules.alerting.judging import Entry
from station.rules.alerting.policy import Decision
from station.rules.now import DAY
from station.stores.database import alerts as table

PROVINCE = "province"
MOST_REFUSED = 100  # rows: a flood must not fill the card

_NOTED_KEPT = 30 * DAY  # after they expired; what was to be heard, or asked about, stays
_NEWEST_FIRST = (table.c.received_at.desc(), table.c.id.desc())


@frozen
class Kept:
    """A row of the table `alert`; instants are wall ms."""

    id: str
    origin: str
    sender: str
    sender_title: str
    xml: str
    sound: str | None
    sound_length: int | None
    way: str
    sent: int
    expires: int
    received_at: int
    decision: Decision
    reason: str
    ended: str = ""
    ended_by: str = ""
    ended_at: int | None = None
    aired_by: str = ""

    @cached_property
    def alert(self) -> Alert | None:
        """The message, without its sound; None for one that was refused before it was read."""
        return read_cap(self.xml.encode()) if self.xml else None

    @property
    def vouched_by(self) -> str:
        """The sender as rules name it: a short name, or `feed:NAME`."""
        return self.sender or self.origin

    @property
    def let_air(self) -> bool:
        """Whether the rules, or a person, let it be aired."""
        return self.decision is Decision.AIR or bool(self.aired_by)

    @property
    def entry(self) -> Entry | None:
        """The same for the rules of judging; None for what was refused."""
        if self.alert is None or self.decision is Decision.REFUSE:
            return None
        return Entry(self.alert, self.vouched_by, self.decision, self.reason, self.ended, self.ended_by)


class Alerts:
    """The rows, in the database behind `engine`. What takes a `connection` is in its caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, alert: str) -> Kept | None:
        """The alert of that id."""
        return next(iter(self._read(table.c.id == alert, 1)), None)

    def newest(self, limit: int) -> tuple[Kept, ...]:
        """So many of them, the newest first."""
        return self._read(table.c.id != "", limit)

    def believed(self, limit: int, skipped: int = 0) -> tuple[Kept, ...]:
        """So many of those that were believed, the newest first, without the first `skipped`."""
        return self._read(table.c.decision != Decision.REFUSE, limit, skipped)

    def refused(self) -> tuple[Kept, ...]:
        """Those that were refused and are still kept, the newest first."""
        return self._read(table.c.decision == Decision.REFUSE)

    def in_force(self, now: int) -> tuple[Kept, ...]:
        """All that were believed and have not expired at wall ms `now`."""
        return self._read((table.c.decision != Decision.REFUSE) & (table.c.expires > now))

    def about(self, alert: Alert, origin: str, sender: str) -> tuple[Kept, ...]:
        """What of its sender was believed and may concern a message: what it names, what was sent no earlier."""
        theirs = (table.c.origin == origin) & (table.c.sender == sender) & (table.c.decision != Decision.REFUSE)
        names = table.c.id.in_([it.id for it in alert.references])
        return self._read(theirs & (names | (table.c.sent >= alert.sent)))

    def newest_sent(self) -> int:
        """When the newest that was ever signed and believed was sent (wall ms); 0 before the first."""
        believed = (table.c.decision != Decision.REFUSE) & (table.c.origin == PROVINCE)
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(table.c.sent)).where(believed)).scalar() or 0

    def last_test(self) -> int | None:
        """When the last silent test was heard (wall ms)."""
        tests = table.c.xml.contains(f"<status>{Status.TEST}</status>") & (table.c.decision == Decision.NOTE)
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(table.c.received_at)).where(tests)).scalar()

    def note(self, connection: Connection, kept: Kept) -> None:
        """Keep an alert; one of that id that was refused before gives way, one that was believed stays."""
        row = asdict(kept)
        refused_before = table.c.decision == Decision.REFUSE
        put = insert(table).values(row)
        connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=row, where=refused_before))
        if kept.decision is Decision.REFUSE:
            _forget_oldest_refused(connection)

    def end(self, connection: Connection, alert: str, ended: str, *, by: str, at: int) -> None:
        """Note what ended an alert before its time."""
        _change(connection, alert, ended=ended, ended_by=by, ended_at=at)

    def let_air(self, connection: Connection, alert: str, *, by: str) -> None:
        """Note who let a proposal be aired."""
        _change(connection, alert, aired_by=by)

    def forget(self, connection: Connection, now: int) -> Iterable[str]:
        """Forget what nobody asks for any more at wall ms `now`; gives the sounds that no alert needs now.

        The newest that was believed stays: by it a station without a clock knows what is old.
        """
        newest = select(func.max(table.c.sent)).where(table.c.decision != Decision.REFUSE).scalar_subquery()
        noted = (table.c.decision == Decision.NOTE) & (table.c.expires < now - _NOTED_KEPT)
        connection.execute(delete(table).where(noted & (table.c.sent != newest)))
        over = (table.c.expires < now - DAY) & table.c.sound.is_not(None)
        sounds = connection.scalars(select(table.c.sound).where(over)).all()
        connection.execute(update(table).where(over).values(sound=None))
        return sounds

    def _read(self, condition: ColumnElement[bool], limit: int | None = None, skipped: int = 0) -> tuple[Kept, ...]:
        query = select(table).where(condition).order_by(*_NEWEST_FIRST).limit(limit).offset(skipped)
        with self._engine.connect() as connection:
            return tuple(_kept(row._asdict()) for row in connection.execute(query))


def _kept(row: dict[str, Any]) -> Kept:
    return Kept(**{**row, "decision": Decision(row["decision"])})


def _change(connection: Connection, alert: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == alert).values(values))


def _forget_oldest_refused(connection: Connection) -> None:
    refused = table.c.decision == Decision.REFUSE
    kept = select(table.c.id).where(refused).order_by(*_NEWEST_FIRST).limit(MOST_REFUSED)
    connection.execute(delete(table).where(refused & table.c.id.not_in(kept)))
