"""The station's reports on their way to the province: each day's, until the province has its last word.

The log itself is the queue. What a destination has of a day is noted only after it said so; whatever is cut between
the two is delivered once more, to the same address and with the same bytes.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Protocol

from attrs import frozen

from station.rules.day_report import (
    DayReport,
    Health,
    ReportedRecord,
    bounds,
    digest,
    faults_of_day,
    is_sealed,
    to_json,
)
from station.rules.hours import local
from station.rules.now import HOUR
from station.rules.trouble import Refused, Trouble
from station.stores.config import Config
from station.stores.deliveries import LOOK_BACK, Deliveries, Delivery
from station.stores.home import Home

AT_ONCE = 20  # reports: a long outage is made good in several rounds, so that none holds up what else is to come
_SIGN_OF_LIFE = HOUR


class Destination(Protocol):
    """Who takes reports: the province's server, or another that somebody writes an adapter for."""

    @property
    def name(self) -> str:
        """Which one it is: another one is told everything anew."""

    def deliver(self, code: str, date: dt.date, body: bytes) -> None:
        """Have a day's report kept in place of an earlier one of that day; on return it is.

        `code` is the commune's, `body` the JSON of `docs/reports.md`. Raises `Refused` when this report is not
        taken, and `NoneTaken` when no other would be now.
        """


class NoneTaken(Refused):
    """The destination takes nothing at present."""


@frozen
class Delivered:
    """How many `reports` were delivered, how many are `waiting` still, and what stood in the way."""

    reports: int = 0
    waiting: int = 0
    trouble: Trouble | None = None


def deliver_due(home: Home, destination: Destination, code: str, health: Health) -> Delivered:
    """Deliver the days that the destination does not have as they are at `health.at`, as many as go at once."""
    reporter = _Reporter(home, home.config().config, code, health)
    deliveries = Deliveries(home.engine, destination.name, home.places.run)
    known = deliveries.since(reporter.today)
    days = _days(min(known), reporter.today)
    due = [report for day in days if (report := reporter.due(day, known.get(day, Delivery())))]
    delivered, trouble = 0, None
    for report in due[:AT_ONCE]:
        try:
            destination.deliver(code, report.date, to_json(report))
        except NoneTaken as refusal:
            trouble = refusal.trouble
            break
        except Refused as refusal:  # a day that is refused by itself holds up no other
            trouble = refusal.trouble
            continue
        deliveries.note(report.date, Delivery(digest(report), health.at, report.sealed))
        delivered += 1
    return Delivered(delivered, len(due) - delivered, trouble)


def _days(first: dt.date, today: dt.date) -> Iterator[dt.date]:
    """Today, which the province must see even if a weak link carries no more; then from the oldest day on.

    The oldest is the next one that will be too old to be looked at.
    """
    yield today
    back = min((today - first).days, LOOK_BACK - 1)
    yield from (today - dt.timedelta(days=number) for number in range(back, 0, -1))


@frozen
class _Reporter:
    """Who makes the reports of a station as it is now."""

    home: Home
    config: Config
    code: str
    health: Health

    @property
    def today(self) -> dt.date:
        return local(self.health.at, self.config.time_zone).date()

    def due(self, day: dt.date, delivery: Delivery) -> DayReport | None:
        """A day as it is to be delivered; today also when it is the same, once an hour, as a sign of life."""
        if delivery.sealed:
            return None
        report = self.report(day)
        lives = day == self.today and self.health.at - delivery.delivered_at >= _SIGN_OF_LIFE
        return report if lives or digest(report) != delivery.digest else None

    def report(self, day: dt.date) -> DayReport:
        """A day as it is known now."""
        begin, end = bounds(day, self.config.time_zone)
        log = self.home.log
        beat = self.home.heartbeat.last()  # read before the records, which it vouches for
        records, segments = log.between(begin, end), log.segments(begin, end)
        return DayReport(
            code=self.code,
            name=self.config.name,
            practice=self.config.practice,
            date=day,
            time_zone=str(self.config.time_zone),
            zones=self.config.titles,
            records=tuple(ReportedRecord(it, segments.get(it.key, ())) for it in records),
            faults=faults_of_day(self.home.faults.between(begin, end), end),
            sealed=is_sealed(end, records, beat),
            health=self.health if day == self.today else None,
        )
