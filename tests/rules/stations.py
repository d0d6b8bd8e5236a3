"""Stations, broadcasts and instants for the tests of the rules."""

import datetime as dt
from zoneinfo import ZoneInfo

from station.rules.hours import Hours, Window, instant
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.rundown import Clip, Kind, Programme, Segment
from station.rules.schedule import Broadcast
from station.rules.station import Station, Zone

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = dt.date(2026, 11, 23)


def at(clock: str, day: dt.date = MONDAY) -> int:
    """Wall ms of a local clock time, `HH:MM` or `HH:MM:SS`."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    since_midnight = hours * HOUR + minutes * MINUTE + (seconds[0] * SECOND if seconds else 0)
    return instant(day, since_midnight, HANOI)


def now(clock: str, *, trusted: bool = True) -> Now:
    wall = at(clock)
    return Now(wall, wall % (100 * DAY), trusted)


def station(*zones: Zone, windows: tuple[Window, ...] = (Window(5 * HOUR, 21 * HOUR),)) -> Station:
    zones = zones or (Zone("bac", "Thôn Bắc"), Zone("dong", "Thôn Đông", warm_up=SECOND))
    return Station("Hương Sơn", Hours(windows, HANOI), {zone.name: zone for zone in zones})


def programme(length: int = 10 * MINUTE, name: str = "tin") -> Programme:
    return Programme((Clip(name, f"Tin {name}", f"sha-{name}", length),))


def segment(name: str, kind: Kind = Kind.NEWS, hours_old: float = 1, minutes: float = 2) -> Segment:
    received = at("05:00") - round(hours_old * HOUR)
    return Segment(name, name, name.title(), kind, f"sha-{name}", round(minutes * MINUTE), received)


def broadcast(
    start: int, length: int = 10 * MINUTE, schedule: str = "ban-tin", zones: tuple[str, ...] = ("bac", "dong")
) -> Broadcast:
    return Broadcast(schedule, "Bản tin", start, start + length, zones, programme(length, schedule))
