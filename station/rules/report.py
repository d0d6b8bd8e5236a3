"""The monthly report: what a month of the as-run log comes to. Figures only; who draws them is above."""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from attrs import field, frozen

from station.rules.heard import Sounded
from station.rules.hours import instant, local
from station.rules.schedule import Trigger
from station.rules.trouble import Refused, Trouble

_AIRED = "aired"
_YEARS = range(2000, 2100)


@frozen
class Month:
    """A month of the calendar, by its `first` day, on the station's own clock."""

    first: dt.date = field()

    @first.validator
    def _check(self, _: object, first: dt.date) -> None:
        if first.day != 1:
            raise ValueError("a month is known by its first day")

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Each of its days."""
        last = calendar.monthrange(self.first.year, self.first.month)[1]
        return tuple(self.first.replace(day=day) for day in range(1, last + 1))

    @property
    def before(self) -> "Month":
        """The month before it."""
        return month_of(self.first - dt.timedelta(days=1))

    @property
    def after(self) -> "Month":
        """The month after it."""
        return month_of(self.days[-1] + dt.timedelta(days=1))

    def __str__(self) -> str:
        """As a machine writes it."""
        return f"{self.first:%Y-%m}"


def month_of(day: dt.date) -> Month:
    """The month that a day is in."""
    return Month(dt.date(day.year, day.month, 1))


def read_month(written: str) -> Month:
    """A month as a person writes it, `2026-11`; raises `Refused`."""
    try:
        first: dt.date | None = dt.date.fromisoformat(f"{written}-01")
    except ValueError:
        first = None
    if first is None or first.year not in _YEARS:
        raise Refused(Trouble("", f"“{written}” không phải là tháng.", mend="Viết như “2026-11”."))
    return Month(first)


class Record(Sounded, Protocol):
    """What the report needs of a record of the as-run log."""

    @property
    def title(self) -> str:
        """What it was called."""

    @property
    def origin(self) -> str:
        """Whose programme it was."""

    @property
    def priority(self) -> str:
        """How urgent it was."""

    @property
    def zones(self) -> tuple[str, ...]:
        """Where it was to be heard."""

    @property
    def trigger(self) -> str:
        """What put it on air."""

    @property
    def result(self) -> str | None:
        """How it ended, or None while it is on."""

    @property
    def reason(self) -> str:
        """Why it was not simply aired, in a sentence."""

    @property
    def proof(self) -> str:
        """What a capture of the output showed."""


@frozen
class Share:
    """How many broadcasts sounded, and for how long (ms)."""

    broadcasts: int
    length: int


@frozen
class Report:
    """A month's figures; times in ms, `hours` by day and origin.

    A broadcast belongs to the month for which it was planned, what sounds to the day on which it does. In `zones` a
    broadcast counts for each zone that it was meant for. `results` has all that was planned or ordered, `by_hand`
    how many of these a person ordered, `proofs` what was found of those that sounded. `untimed` sounded for a time
    that nobody knows, since the power went. `troubles` are those that did not simply air, in their order, `faults`
    how many of each day were cut, missed or failed.
    """

    month: Month
    hours: Mapping[dt.date, Mapping[str, int]]
    origins: Mapping[str, Share]
    zones: Mapping[str, Share]
    priorities: Mapping[str, Share]
    results: Mapping[str | None, int]
    by_hand: int
    proofs: Mapping[str, int]
    untimed: int
    troubles: tuple[Record, ...]
    faults: Mapping[dt.date, int]

    @property
    def length(self) -> int:
        """How long it sounded in all."""
        return sum(length for day in self.hours.values() for length in day.values())

    @property
    def broadcasts(self) -> int:
        """How many were planned or ordered."""
        return sum(self.results.values())


def report(records: Iterable[Record], month: Month, zone: ZoneInfo) -> Report:
    """The figures of a month, from all records that were planned in it, or sounded in it."""
    days = month.days
    begin, end = (instant(day, 0, zone) for day in (month.first, month.after.first))
    listed = sorted(records, key=lambda it: it.planned_start)
    planned = [it for it in listed if begin <= it.planned_start < end]
    hours: dict[dt.date, Counter[str]] = {day: Counter() for day in days}
    lengths: dict[int, int] = {}
    for number, record in enumerate(listed):
        for day, length in _sounding(record, zone):
            if day in hours:
                hours[day][record.origin] += length
                lengths[number] = lengths.get(number, 0) + length
    sounded = [(listed[number], length) for number, length in lengths.items()]
    troubles = [it for it in planned if it.result and (it.result != _AIRED or it.reason)]
    return Report(
        month=month,
        hours={day: dict(length) for day, length in hours.items()},
        origins=shares((record.origin, length) for record, length in sounded),
        zones=shares((name, length) for record, length in sounded for name in record.zones),
        priorities=shares((record.priority, length) for record, length in sounded),
        results=Counter(it.result for it in planned),
        by_hand=sum(it.trigger == Trigger.HAND for it in planned),
        proofs=Counter(it.proof for it in planned if it.result and it.actual_start is not None),
        untimed=sum(bool(it.result) and it.actual_start is not None and it.actual_end is None for it in planned),
        troubles=tuple(troubles),
        faults=Counter(local(it.planned_start, zone).date() for it in troubles if it.result != _AIRED),
    )


def shares(found: Iterable[tuple[str, int]]) -> dict[str, Share]:
    """How many and how long under each name, the longest first."""
    lengths: dict[str, list[int]] = {}
    for name, length in found:
        lengths.setdefault(name, []).append(length)
    shares = {name: _share(each) for name, each in lengths.items()}
    return dict(sorted(shares.items(), key=lambda it: (-it[1].length, it[0])))


def _sounding(record: Record, zone: ZoneInfo) -> Iterator[tuple[dt.date, int]]:
    """On which days it sounded, and for how long on each."""
    if record.actual_start is None or record.actual_end is None:
        return
    at, end = record.actual_start, record.actual_end
    while at < end:
        day = local(at, zone).date()
        until = min(end, instant(day + dt.timedelta(days=1), 0, zone))
        yield day, until - at
        at = until


def _share(lengths: Collection[int]) -> Share:
    return Share(len(lengths), sum(lengths))
