"""Weeks and months as a calendar on the wall has them: dates of both calendars, holidays, and what airs."""

import datetime as dt
from collections.abc import Iterable, Iterator

from attrs import frozen

from station.desk.timetable import Plan, broadcasts
from station.rules.days import Calendar
from station.rules.hours import instant, local
from station.rules.lunar import lunar
from station.rules.now import DAY
from station.rules.public_holidays import holiday_name
from station.rules.schedule import Broadcast
from station.stores.home import Home
from web import words
from web.drawing import Look, prospect_look, result_look
from web.language import said

SOON = 2 * DAY  # what is missing later than that may well be still to come


@frozen
class Entry:
    """A broadcast on its day: `told` are the reasons for its `look`, `pressing` if it is time to act on them."""

    start: dt.datetime
    end: dt.datetime
    title: str
    origin: str
    look: Look
    zones: tuple[str, ...]
    schedule: str
    told: tuple[str, ...]
    pressing: bool


@frozen
class Day:
    """A date; `lunar` is its lunar day, with the month where one begins, `named` its holiday or swapped order."""

    date: dt.date
    lunar: str
    lunar_name: str
    named: str
    off: bool
    today: bool
    past: bool
    entries: tuple[Entry, ...]

    @property
    def pressing(self) -> int:
        """How many of its broadcasts want somebody to act."""
        return sum(it.pressing for it in self.entries)


def monday(day: dt.date) -> dt.date:
    """The first day of its week."""
    return day - dt.timedelta(days=day.weekday())


def days_from(home: Home, plan: Plan, first: dt.date, count: int, now: int) -> tuple[Day, ...]:
    """So many days, with what aired in them up to wall ms `now` and what will after it."""
    zone = plan.config.time_zone
    since, until = instant(first, 0, zone), instant(first + dt.timedelta(days=count), 0, zone)
    found = [*_aired(home, plan, since, min(until, now)), *_coming(home, plan, max(since, now), until, now)]
    today = local(now, zone).date()
    return tuple(_day(first + dt.timedelta(days=step), plan.calendar, today, found) for step in range(count))


def _day(date: dt.date, calendar: Calendar, today: dt.date, entries: Iterable[Entry]) -> Day:
    holiday = said(holiday_name(date))
    return Day(
        date=date,
        lunar=_short(date),
        lunar_name=words.lunar(date),
        named=" · ".join(filter(None, (holiday, _swapped(date, calendar)))),
        off=bool(holiday),
        today=date == today,
        past=date < today,
        entries=tuple(it for it in entries if it.start.date() == date),
    )


def _short(date: dt.date) -> str:
    """The lunar day as a calendar prints it small: `15`, and `1/10` where a month begins."""
    found = lunar(date)
    if found is None:
        return ""
    month = f"/{found.month}{'N' if found.leap else ''}" if found.day == 1 else ""
    return f"{found.day}{month}"


def _swapped(date: dt.date, calendar: Calendar) -> str:
    weekday = calendar.weekday(date)
    return "" if weekday == date.weekday() else said(f"Theo lịch {words.weekday(weekday)}")


def _aired(home: Home, plan: Plan, since: int, until: int) -> Iterator[Entry]:
    zone = plan.config.time_zone
    for record in home.log.between(since, until):
        look = result_look(record, running=True)
        yield Entry(
            start=local(record.planned_start, zone),
            end=local(record.actual_end or record.planned_end, zone),
            title=record.title,
            origin=record.origin,
            look=look,
            zones=record.zones,
            schedule=record.schedule,
            told=(record.reason,) if record.reason else (),
            pressing=look == "wrong",
        )


def _coming(home: Home, plan: Plan, since: int, until: int, now: int) -> Iterator[Entry]:
    zone = plan.config.time_zone
    for broadcast in broadcasts(home, plan, since, until) if since < until else ():
        look = prospect_look(broadcast)
        yield Entry(
            start=local(broadcast.start, zone),
            end=local(broadcast.end, zone),
            title=broadcast.title,
            origin=broadcast.origin,
            look=look,
            zones=broadcast.zones,
            schedule=broadcast.schedule,
            told=_told(broadcast),
            pressing=look == "refused" or (look == "lacking" and broadcast.start < now + SOON),
        )


def _told(broadcast: Broadcast) -> tuple[str, ...]:
    return tuple(filter(None, (broadcast.reason, *map(str, broadcast.programme.gaps))))
