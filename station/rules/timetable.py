"""The timetable: every broadcast of a window, from the schedules and the library, clashes resolved."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from station.rules.clash import resolve
from station.rules.compose import Library
from station.rules.days import Calendar
from station.rules.hours import instant, local
from station.rules.limits import limited
from station.rules.now import DAY
from station.rules.rundown import Segment
from station.rules.schedule import Airing, Broadcast, Planned, Priority, Schedule
from station.rules.station import Station


def timetable(
    schedules: Iterable[Schedule], station: Station, segments: Sequence[Segment], since: int, until: int
) -> tuple[Broadcast, ...]:
    """Every broadcast that starts from `since` up to `until` (wall ms), in the order of their starts."""
    # A broadcast of the day before may still be on, clash with the first ones or count for the same day.
    first = local(since, station.time_zone).date() - dt.timedelta(days=1)
    days = _days(first, local(until, station.time_zone).date(), station.time_zone)
    library = Library(segments, station.sources, station.speaker)
    occurring = (
        it for schedule in schedules if schedule.enabled for it in _occurrences(schedule, station, library, days)
    )
    resolved = limited(resolve(occurring, station), station.limits, station.time_zone)
    return tuple(it for it in resolved if since <= it.start < until)


@frozen
class _Day:
    """A local day: its midnight in wall ms, and whether it has 24 hours by every clock."""

    date: dt.date
    weekday: int
    midnight: int
    even: bool


@lru_cache(maxsize=8)
def _days(first: dt.date, last: dt.date, zone: ZoneInfo) -> tuple[_Day, ...]:
    dates = [first + dt.timedelta(days=count) for count in range((last - first).days + 2)]
    midnights = [instant(day, 0, zone) for day in dates]
    return tuple(
        _Day(day, day.weekday(), midnight, even=following - midnight == DAY)
        for day, midnight, following in zip(dates, midnights, midnights[1:], strict=False)
    )


def _occurrences(
    schedule: Schedule, station: Station, library: Library, days: tuple[_Day, ...]
) -> Iterator[Broadcast]:
    programme_at = library.programmes(schedule.rundown, schedule.crossfade)
    zones = schedule.zones or tuple(station.zones)
    seen: set[int] = set()
    for airing in schedule.air:
        closes = [station.hours.closing(weekday, airing.at) for weekday in range(7)]
        for day in _falls_on(evolve(airing, at=0, hard_end=None), days, station.calendar):
            start = _instant(day, airing.at, station.time_zone)
            if start in seen:
                continue
            seen.add(start)
            programme = programme_at(start)
            hard_end = _hard_end(airing, day, station.time_zone)
            if hard_end is not None and start + programme.length > hard_end:
                programme = programme.within(hard_end - start)
            if gain := station.gain(start, schedule.priority):
                programme = evolve(programme, gain=gain)
            broadcast = Broadcast(
                schedule=schedule.name,
                title=schedule.title,
                start=start,
                end=start + programme.length,
                zones=zones,
                programme=programme,
                priority=schedule.priority,
                origin=schedule.origin,
                late=schedule.late,
                clash=schedule.clash,
                hard_end=hard_end,
            )
            yield (
                broadcast
                if _allowed(broadcast, airing, day, station, closes[day.weekday])
                else _refused(broadcast, station)
            )


@lru_cache(maxsize=4096)
def _falls_on(airing: Airing, days: tuple[_Day, ...], calendar: Calendar) -> tuple[_Day, ...]:
    """The days on which something airs; most schedules share them, so they are found once."""
    return tuple(day for day in days if airing.falls_on(day.date, calendar))


def _instant(day: _Day, at: int, zone: ZoneInfo) -> int:
    return day.midnight + at if day.even else instant(day.date, at, zone)


def _hard_end(airing: Airing, day: _Day, zone: ZoneInfo) -> int | None:
    if airing.hard_end is None:
        return None
    return _instant(day, airing.hard_end + (DAY if airing.hard_end <= airing.at else 0), zone)


def _allowed(broadcast: Broadcast, airing: Airing, day: _Day, station: Station, closes: int | None) -> bool:
    """Whether it lies in the window that closes `closes` ms after midnight; an uneven day is looked at closer."""
    if broadcast.priority is Priority.EMERGENCY:
        return True
    if not day.even:
        return station.hours.allow(broadcast.start, broadcast.end)
    return closes is not None and airing.at + broadcast.end - broadcast.start <= closes


def _refused(broadcast: Broadcast, station: Station) -> Broadcast:
    return broadcast.but(Planned.REFUSED, f"Ngoài khung giờ cho phép ({station.hours}).")
