"""The province's board: what each station's reports come to, and which station needs somebody first."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from attrs import Factory, field, frozen

from station.rules.day_report import DayReport
from station.rules.hours import HANOI, local
from station.rules.now import DAY, HOUR
from station.rules.proof import Verdict
from station.rules.trouble import Fault, Refused, Trouble

STRIP = 14  # days

_OVERDUE = 3 * HOUR  # a station that is well says so once an hour
_SILENT = DAY
_POLE, _HALF_ROUND = 90, 180  # degrees


class Condition(StrEnum):
    """How a station is, the worst first."""

    NEVER = "never"  # it never reported
    SILENT = "silent"  # for more than a day
    BROKEN = "broken"  # its newest report cannot be read
    MUTE = "mute"  # it reports, but nothing sounded today or yesterday
    OVERDUE = "overdue"  # nothing for some hours
    FAULTY = "faulty"
    WELL = "well"


DEAD = (Condition.NEVER, Condition.SILENT)
_WORST_FIRST = {condition: number for number, condition in enumerate(Condition)}


@frozen
class Commune:
    """A commune as the province knows it; `place` is its latitude and longitude in degrees, where that is known."""

    name: str = ""
    place: tuple[float, float] | None = None


@frozen
class Summary:
    """A day of a station: how many broadcasts had which result (`open` is on air still), and how long they sounded.

    `sounded` of them truly began, for `length` ms; `proofs` counts what was heard of these.
    """

    results: Mapping[str, int] = Factory(dict)
    proofs: Mapping[str, int] = Factory(dict)
    sounded: int = 0
    length: int = 0

    @property
    def over(self) -> int:
        """How many are over."""
        return sum(number for result, number in self.results.items() if result != "open")

    @property
    def share(self) -> float | None:
        """Which part of what is over aired, at least in part; None when there was nothing."""
        return (self.results.get("aired", 0) + self.results.get("cut", 0)) / self.over if self.over else None


@frozen
class Arrived:
    """What arrived of a station: `days` by date, None if it cannot be read, and the `newest` report that can be.

    `last_contact` is when the server last got anything (wall ms).
    """

    days: Mapping[dt.date, Summary | None] = Factory(dict)
    newest: DayReport | None = None
    last_contact: int | None = None


@frozen
class Row:
    """A station on the board; `listed` if the province knows it. `faults` are those that last.

    `length` is how long it sounded this month (ms), `proofs` are of the strip's days.
    """

    code: str
    commune: Commune
    listed: bool
    condition: Condition
    arrived: Arrived
    today: Summary
    length: int
    proofs: Mapping[str, int]
    faults: tuple[Fault, ...]
    strip: tuple[tuple[dt.date, Summary | None], ...] = field(repr=False)

    @property
    def broken(self) -> tuple[dt.date, ...]:
        """The days whose reports cannot be read."""
        return tuple(day for day, summary in sorted(self.arrived.days.items()) if summary is None)


@frozen
class Board:
    """The whole province as of wall ms `at`, the station that needs somebody first coming first."""

    at: int
    today: dt.date
    rows: tuple[Row, ...]

    def count(self, *conditions: Condition) -> int:
        """How many stations are so."""
        return sum(row.condition in conditions for row in self.rows)

    @property
    def heard_today(self) -> int:
        """How many stations reported today."""
        return sum(
            row.arrived.last_contact is not None and local(row.arrived.last_contact, HANOI).date() == self.today
            for row in self.rows
        )


def place(degrees: Sequence[float]) -> tuple[float, float]:
    """A latitude and a longitude as a person gave them; raises `Refused`."""
    match degrees:
        case [latitude, longitude] if abs(latitude) <= _POLE and abs(longitude) <= _HALF_ROUND:
            return latitude, longitude
    written = ", ".join(f"{it:g}" for it in degrees)
    mend = "Viết vĩ độ rồi kinh độ bằng số thập phân, như 22.51, 105.02."
    raise Refused(Trouble("", f"“{written}” không phải là vĩ độ, kinh độ.", mend=mend))


def needed_days(today: dt.date) -> Sequence[dt.date]:
    """The days that a board of `today` looks at, the newest first."""
    first = min(today.replace(day=1), today - dt.timedelta(days=STRIP - 1))
    return [today - dt.timedelta(days=number) for number in range((today - first).days + 1)]


def summary(report: DayReport) -> Summary:
    """What a day's report comes to."""
    records = [it.record for it in report.records]
    sounded = [it for it in records if it.actual_start is not None]
    return Summary(
        results=Counter(it.result or "open" for it in records),
        proofs=Counter(it.proof for it in sounded if it.result),
        sounded=len(sounded),
        length=sum(max(0, it.actual_end - it.actual_start) for it in sounded if it.actual_end and it.actual_start),
    )


def draw_up(arrived: Mapping[str, Arrived], communes: Mapping[str, Commune], now: int) -> Board:
    """The board as of wall ms `now`, of all stations that reported or are among the `communes`."""
    today = local(now, HANOI).date()
    rows = [_row(code, arrived.get(code, Arrived()), communes, today, now) for code in {*arrived, *communes}]
    return Board(now, today, tuple(sorted(rows, key=_worst_first)))


def _worst_first(row: Row) -> tuple[int, int, str, str]:
    return _WORST_FIRST[row.condition], row.arrived.last_contact or 0, row.commune.name, row.code


def _row(code: str, arrived: Arrived, communes: Mapping[str, Commune], today: dt.date, now: int) -> Row:
    newest, days = arrived.newest, arrived.days
    strip = tuple((day, days.get(day)) for day in reversed(needed_days(today)[:STRIP]))
    known = communes.get(code)
    faults = tuple(it for it in newest.faults if it.closed_at is None) if newest else ()
    return Row(
        code=code,
        commune=known or Commune(newest.name if newest else ""),
        listed=known is not None,
        condition=_condition(arrived, faults, today, now),
        arrived=arrived,
        today=days.get(today) or Summary(),
        length=sum(it.length for day, it in days.items() if it and day.replace(day=1) == today.replace(day=1)),
        proofs=_sum(it.proofs for _, it in strip if it),
        faults=faults,
        strip=strip,
    )


def _condition(arrived: Arrived, faults: tuple[Fault, ...], today: dt.date, now: int) -> Condition:
    if arrived.last_contact is None:
        return Condition.NEVER
    if now - arrived.last_contact > _SILENT:
        return Condition.SILENT
    if arrived.days and arrived.days[max(arrived.days)] is None:
        return Condition.BROKEN
    lately = [it for day in (today, today - dt.timedelta(days=1)) if (it := arrived.days.get(day))]
    if not any(it.sounded for it in lately):
        return Condition.MUTE
    if now - arrived.last_contact > _OVERDUE:
        return Condition.OVERDUE
    wrong = _sum(it.results for it in lately) + _sum(it.proofs for it in lately)
    if faults or any(wrong[it] for it in ("missed", "failed", Verdict.SILENT, Verdict.OTHER)):
        return Condition.FAULTY
    return Condition.WELL


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total
