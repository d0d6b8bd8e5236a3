"""Which day's report went to a destination, and as what: a row is written only once the destination has it.

That the same report went again, as a sign of life, is true only now and lives in `/run`: the card is spared.
"""

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from attrs import asdict, evolve, frozen
from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from station.stores.database import report_deliveries as table

LOOK_BACK = 60  # days: what is older is not delivered any more

_DAY = dt.timedelta(days=1)
_KEPT = dt.timedelta(days=400)


@frozen
class Delivery:
    """What a destination has of a day, since wall ms `delivered_at`: the report's digest, empty while it has none.

    `sealed` if nothing of that day can change any more.
    """

    digest: str = ""
    delivered_at: int = 0
    sealed: bool = False


class Deliveries:
    """The deliveries to one `destination`, in the database behind `engine`, and in `run` what is true only now."""

    def __init__(self, engine: Engine, destination: str, run: Path) -> None:
        self._engine = engine
        self._destination = destination
        self._again = run / f"delivered-{sha256(destination.encode()).hexdigest()[:16]}.json"

    def since(self, today: dt.date) -> Mapping[dt.date, Delivery]:
        """All of them by day; the first time of all, that `today` is the first day to deliver is noted."""
        rows = self._rows()
        if not rows:
            rows = {today: Delivery()}
            self.note(today, rows[today])
        day, at = self._last_again()
        if day in rows:
            rows[day] = evolve(rows[day], delivered_at=max(at, rows[day].delivered_at))
        return rows

    def last(self) -> dt.date | None:
        """The last day up to which the destination has something of every day that is still looked at."""
        rows = self._rows()
        has = [day for day, delivery in rows.items() if delivery.digest]
        if not has:
            return None
        day = max(min(rows), max(has) - dt.timedelta(days=LOOK_BACK - 1))
        while day in has:
            day += _DAY
        return day - _DAY

    def note(self, day: dt.date, delivery: Delivery) -> None:
        """Note what the destination has of `day`; on the card on return. What is older than a year goes."""
        known = self._rows().get(day)
        if known and (known.digest, known.sealed) == (delivery.digest, delivery.sealed):
            self._again.write_text(json.dumps([day.isoformat(), delivery.delivered_at]))
            return
        row = {"destination": self._destination, "date": day.isoformat(), **asdict(delivery)}
        write = insert(table).values(row)
        oldest = (day - _KEPT).isoformat()
        with self._engine.begin() as connection:
            connection.execute(write.on_conflict_do_update(index_elements=["destination", "date"], set_=row))
            connection.execute(delete(table).where(table.c.date < oldest))

    def _last_again(self) -> tuple[dt.date | None, int]:
        """For which day the same went again last, and when (wall ms)."""
        with suppress(OSError, ValueError, TypeError):
            day, at = json.loads(self._again.read_text())
            return dt.date.fromisoformat(day), int(at)
        return None, 0

    def _rows(self) -> dict[dt.date, Delivery]:
        query = select(table).where(table.c.destination == self._destination)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {dt.date.fromisoformat(it.date): Delivery(it.digest, it.delivered_at, it.sealed) for it in rows}
