"""Days: on which dates something airs, as a schedule file writes it."""

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from station.rules.trouble import Refused, Trouble

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = ("daily", "mon-fri", "mon-sat", "sat-sun", *WEEKDAYS)
_DATE = r"\d{4}-\d{2}-\d{2}"


class Days(Protocol):
    """A set of dates."""

    def falls_on(self, day: dt.date) -> bool:
        """Whether `day` is one of them."""


@frozen
class Weekdays:
    """Days of the week, Monday 0."""

    days: frozenset[int]

    def falls_on(self, day: dt.date) -> bool:
        """Whether `day` is one of them."""
        return day.weekday() in self.days


@frozen
class Dates:
    """All dates from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def falls_on(self, day: dt.date) -> bool:
        """Whether `day` is one of them."""
        return self.first <= day <= self.last


@frozen
class AnyOf:
    """Every date of any of several sets; no sets, no dates."""

    sets: tuple[Days, ...] = ()

    def falls_on(self, day: dt.date) -> bool:
        """Whether `day` is one of them."""
        return any(days.falls_on(day) for days in self.sets)


DAILY = Weekdays(frozenset(range(7)))
NEVER = AnyOf()


def read_days(written: str | Sequence[str]) -> Days:
    """Read days as a schedule file writes them: one word, or a list of which each may fall.

    Words: `daily`, `mon`, `mon-sat`, `2026-09-02`, `2026-04-28..2026-05-02`.
    Refuses any other, with the nearest right word.
    """
    if isinstance(written, str):
        return _read_word(written)
    return AnyOf(tuple(_read_word(word) for word in written))


def _read_word(word: str) -> Days:
    text = word.strip().lower()
    if text == "daily":
        return DAILY
    if weekdays := _read_weekdays(text):
        return weekdays
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
    return "Viết “daily”, “mon-sat”, “mon” hoặc một ngày như “2026-09-02”."
