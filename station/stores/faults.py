"""The faults that the station had, with when each began and ended: kept for more than a year."""

from collections.abc import Mapping

from attrs import asdict
from sqlalchemy import ColumnElement, Engine, and_, delete, func, insert, or_, select, update

from station.rules.now import DAY
from station.rules.trouble import Fault, Trouble
from station.stores.database import faults

_KEPT = 400 * DAY


class Faults:
    """They are kept in the database behind `engine`; instants are wall ms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, began: Mapping[Trouble, int], ended: Mapping[Trouble, int]) -> None:
        """Note which troubles began and ended, and when: all on the card on return. The oldest faults go."""
        with self._engine.begin() as connection:
            if began:
                rows = [{"opened_at": at, **asdict(trouble)} for trouble, at in began.items()]
                connection.execute(insert(faults), rows)
            for trouble, at in ended.items():
                closed_at = func.max(faults.c.opened_at, at)  # the clock may have been set back between them
                connection.execute(update(faults).where(_lasts(trouble)).values(closed_at=closed_at))
            newest = max([*began.values(), *ended.values()], default=0)
            connection.execute(delete(faults).where(faults.c.closed_at < newest - _KEPT))

    def lasting(self) -> tuple[Fault, ...]:
        """Those that nobody saw end."""
        return self._read(faults.c.closed_at.is_(None))

    def between(self, since: int, until: int) -> tuple[Fault, ...]:
        """Those that lasted at any time from `since` up to `until`, in the order in which they began."""
        ended_later = or_(faults.c.closed_at.is_(None), faults.c.closed_at >= since)
        return self._read(and_(faults.c.opened_at < until, ended_later))

    def _read(self, condition: ColumnElement[bool]) -> tuple[Fault, ...]:
        query = select(faults).where(condition).order_by(faults.c.opened_at, faults.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            Fault(Trouble(it["where"], it["what"], it["still"], it["mend"]), it["opened_at"], it["closed_at"])
            for it in rows
        )


def _lasts(trouble: Trouble) -> ColumnElement[bool]:
    same = [faults.c[name] == value for name, value in asdict(trouble).items()]
    return and_(faults.c.closed_at.is_(None), *same)
