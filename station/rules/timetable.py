"""The timetable: every broadcast of a window, from the schedules and the library, clashes resolved."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from station.rules.clash import resolve
from station.rules.compose import compose
from station.rules.hours import instant, local
from station.rules.now import DAY
from station.rules.rundown import Segment
from station.rules.schedule import Broadcast, Planned, Schedule
from station.rules.station import Station


def timetable(
    schedules: Iterable[Schedule], station: Station, segments: Sequence[Segment], since: int, until: int
) -> tuple[Broadcast, ...]:
    """Every broadcast that starts from `since` up to `until` (wall ms), in the order of their starts."""
    # A broadcast of the day before may still be on and clash with the first ones.
    occurrences = (
        _guarded(broadcast, station)
        for schedule in schedules
        if schedule.enabled
        for broadcast in _occurrences(schedule, station, segments, since - DAY, until)
    )
    return tuple(broadcast for broadcast in resolve(occurrences) if broadcast.start >= since)


def _occurrences(
    schedule: Schedule, station: Station, segments: Sequence[Segment], since: int, until: int
) -> Iterator[Broadcast]:
    for start in _starts(schedule, station, since, until):
        programme = compose(schedule.rundown, segments, start)
        yield Broadcast(
            schedule=schedule.name,
            title=schedule.title,
            start=start,
            end=start + programme.length,
            zones=schedule.zones or tuple(station.zones),
            programme=programme,
            priority=schedule.priority,
            origin=schedule.origin,
        )


def _starts(schedule: Schedule, station: Station, since: int, until: int) -> list[int]:
    first, last = local(since, station.time_zone).date(), local(until, station.time_zone).date()
    days = [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]
    starts = {
        instant(day, airing.at, station.time_zone)
        for airing in schedule.air
        for day in days
        if airing.days.falls_on(day) and not airing.skip.falls_on(day)
    }
    return sorted(start for start in starts if since <= start < until)


def _guarded(broadcast: Broadcast, station: Station) -> Broadcast:
    if station.hours.allow(broadcast.start, broadcast.end):
        return broadcast
    return broadcast.but(Planned.REFUSED, f"Ngoài khung giờ cho phép ({station.hours}).")
