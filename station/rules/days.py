"""Days: on which dates something airs, as a schedule file writes it.

daily · mon · mon-sat · 2026-09-02 · 2026-04-28..2026-05-02 · last fri · lunar 15 · lunar 15/7 · tet
"""

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from attrs import frozen
from dateutil import rrule

from station.rules.lunar import lunar
from station.rules.public_holidays import ANY, NAMES, is_holiday
from station.rules.trouble import Refused, Trouble

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_HOLIDAYS = (*NAMES, ANY)
_WORDS = (
    *("daily", "mon-fri", "mon-sat", "sat-sun", "lunar 1", "lunar 15", "lunar 1/1", "lunar 15/7"),
    *WEEKDAYS,
    *(f"{ordinal} {weekday}" for ordinal in _ORDINALS for weekday in WEEKDAYS),
    *_HOLIDAYS,
)
_DATE = r"\d{4}-\d{2}-\d{2}"
_LUNAR_DAYS, _LUNAR_MONTHS = 30, 12


@frozen
class Calendar:
    """What the government changed: on which dates another weekday's order holds (date → Monday 0)."""

    swaps: tuple[tuple[dt.date, int], ...] = ()

    def weekday(self, day: dt.date) -> int:
        """Which weekday's order holds on `day`."""
        return next((weekday for swapped, weekday in self.swaps if swapped == day), day.weekday())


UNCHANGED = Calendar()


class Days(Protocol):
    """A set of dates."""

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:
        """Whether `day` is one of them."""


@frozen
class Weekdays:
    """Days of the week, Monday 0."""

    days: frozenset[int]

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:
        """Whether `day` is one of them."""
        return calendar.weekday(day) in self.days


@frozen
class Dates:
    """All dates from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:  # noqa: ARG002 - a date is a date
        """Whether `day` is one of them."""
        return self.first <= day <= self.last


@frozen
class OfMonth:
    """The first, second, third, fourth or last (-1) such weekday of each month."""

    ordinal: int
    weekday: int

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:  # noqa: ARG002 - counted as printed
        """Whether `day` is one of them."""
        return day in _of_months(self.ordinal, self.weekday, day.year)


@frozen
class LunarDay:
    """A day of the lunar calendar: of each month, or of one `month` each year, in its `leap` month if it says so.

    The 30th is a month's last day, also where that is the 29th: so New Year's Eve is `30/12` in every year. A day
    of each month falls in leap months too; a day of one month falls in the regular one, as death days are kept.
    """

    day: int
    month: int | None = None
    leap: bool = False

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:  # noqa: ARG002 - the moon's own
        """Whether `day` is one of them."""
        date = lunar(day)
        if date is None or not (date.day == self.day or (self.day == _LUNAR_DAYS and date.last)):
            return False
        return self.month is None or (date.month == self.month and date.leap == self.leap)


@frozen
class Holiday:
    """The days of a public holiday, by its name in `public_holidays`."""

    name: str

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:  # noqa: ARG002 - the law's own
        """Whether `day` is one of them."""
        return is_holiday(day, self.name)


@frozen
class AnyOf:
    """Every date of any of several sets; no sets, no dates."""

    sets: tuple[Days, ...] = ()

    def falls_on(self, day: dt.date, calendar: Calendar = UNCHANGED) -> bool:
        """Whether `day` is one of them."""
        return any(days.falls_on(day, calendar) for days in self.sets)


DAILY = Weekdays(frozenset(range(7)))
NEVER = AnyOf()


@lru_cache(maxsize=1024)
def _of_months(ordinal: int, weekday: int, year: int) -> frozenset[dt.date]:
    first, last = dt.datetime(year, 1, 1), dt.datetime(year, 12, 31)  # noqa: DTZ001 - dates, by dateutil's rules
    rule = rrule.rrule(rrule.MONTHLY, dtstart=first, until=last, byweekday=rrule.weekday(weekday, ordinal))
    return frozenset(found.date() for found in rule)


def read_days(written: str | Sequence[str]) -> Days:
    """Read days as a schedule file writes them: one word, or a list of which each may fall.

    Refuses any other, with the nearest right word.
    """
    if isinstance(written, str):
        return _read_word(written)
    return AnyOf(tuple(_read_word(word) for word in written))


def _read_word(word: str) -> Days:
    text = " ".join(word.lower().split())
    if text == "daily":
        return DAILY
    if text in _HOLIDAYS:
        return Holiday(text)
    if found := _read_weekdays(text) or _read_of_month(text) or _read_lunar(text):
        return found
    if re.fullmatch(rf"{_DATE}(\.\.{_DATE})?", text):
        return _read_dates(text)
    raise Refused(Trouble("", f"“{word}” không phải là ngày mà đài hiểu.", mend=_nearest(text)))


def _read_weekdays(text: str) -> Weekdays | None:
    first, dash, last = text.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        return None
    begin = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last) - begin) % 7 if dash else 0
    return Weekdays(frozenset((begin + step) % 7 for step in range(count + 1)))


def _read_of_month(text: str) -> OfMonth | None:
    ordinal, _, weekday = text.partition(" ")
    if ordinal not in _ORDINALS or weekday not in WEEKDAYS:
        return None
    return OfMonth(_ORDINALS[ordinal], WEEKDAYS.index(weekday))


def _read_lunar(text: str) -> LunarDay | None:
    match = re.fullmatch(r"lunar (\d{1,2})(?:/(\d{1,2})( leap)?)?", text)
    if match is None:
        return None
    day, month = int(match[1]), int(match[2]) if match[2] else None
    if not 1 <= day <= _LUNAR_DAYS or not (month is None or 1 <= month <= _LUNAR_MONTHS):
        mend = "Ngày âm lịch từ 1 đến 30, tháng từ 1 đến 12; ví dụ “lunar 15/7”."
        raise Refused(Trouble("", f"“{text}” không có trong âm lịch.", mend=mend))
    return LunarDay(day, month, leap=bool(match[3]))


def _read_dates(text: str) -> Dates:
    first, _, last = text.partition("..")
    try:
        dates = Dates(dt.date.fromisoformat(first), dt.date.fromisoformat(last or first))
    except ValueError:
        wrong = Trouble("", f"“{text}” không có trong lịch.", mend="Viết năm-tháng-ngày, ví dụ 2026-09-02.")
        raise Refused(wrong) from None
    if dates.last < dates.first:
        raise Refused(Trouble("", f"“{text}” kết thúc trước khi bắt đầu.", mend=f"Viết “{last}..{first}”."))
    return dates


def _nearest(text: str) -> str:
    if near := difflib.get_close_matches(text, _WORDS, n=1):
        return f"Có phải “{near[0]}” không?"
    return "Viết “daily”, “mon-sat”, “last fri”, “lunar 15”, “tet” hoặc một ngày như “2026-09-02”."
