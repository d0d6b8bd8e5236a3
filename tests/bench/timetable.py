"""`python -m tests.bench.timetable`: the timetable of a year beside what else computes recurring times.

Each contender is given the same rules (so many schedules, each at its own minute on days of the week) and asked
for every occurrence of a year, and then for those of a day. Only ours also composes the programme of each and
resolves their clashes. Processor seconds of one process; memory is the peak of what Python allocated.
"""

import datetime as dt
import itertools
import os
import platform
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from attrs import frozen
from croniter import croniter
from icalendar import Calendar, Event
from recurring_ical_events import of

from station.rules.days import WEEKDAYS, read_days
from station.rules.hours import Hours, Window
from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Kind, Newest, Play, Segment
from station.rules.schedule import Airing, Schedule
from station.rules.station import Station, Zone
from station.rules.timetable import timetable

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGIN = dt.datetime(2027, 1, 1, tzinfo=ZONE)
END = BEGIN + dt.timedelta(days=365)
SIZES = (10, 100, 1000)
DAYS = ("mon-sun", "mon-sat", "mon-fri", "sat-sun")


@frozen
class Rule:
    """At a minute of the day, on a range of weekdays."""

    days: str
    minute: int


def rules(count: int) -> list[Rule]:
    """The same rules at every run."""
    chance = random.Random(20261123)
    return [Rule(chance.choice(DAYS), chance.randrange(5 * 60, 20 * 60)) for _ in range(count)]


def own(given: list[Rule]) -> Callable[[dt.datetime, dt.datetime], int]:
    """The station's own timetable, programmes and clashes with it."""
    schedules = [
        Schedule(
            f"lich-{number}",
            f"Lịch {number}",
            (Airing(read_days(rule.days), rule.minute * MINUTE),),
            (Play("nhac-hieu"), Newest(Kind.NEWS, 36 * HOUR, 5 * MINUTE)),
        )
        for number, rule in enumerate(given)
    ]
    station = Station("Hương Sơn", Hours((Window(5 * HOUR, 21 * HOUR),), ZONE), {"loa": Zone("loa", "Loa")})
    wall = _wall(BEGIN)
    segments = [Segment("h", "nhac-hieu", "Nhạc hiệu", Kind.IDENT, "h", 10_000, wall)]
    segments += [
        Segment(str(it), f"tin-{it}", "Tin", Kind.NEWS, str(it), MINUTE, wall - it * HOUR) for it in range(100)
    ]
    return lambda since, until: len(timetable(schedules, station, segments, _wall(since), _wall(until)))


def apscheduler(given: list[Rule]) -> Callable[[dt.datetime, dt.datetime], int]:
    """APScheduler's cron triggers, each asked again and again for its next time."""
    triggers = [
        CronTrigger(day_of_week=it.days, hour=it.minute // 60, minute=it.minute % 60, timezone=ZONE) for it in given
    ]

    def count(since: dt.datetime, until: dt.datetime) -> int:
        found = 0
        for trigger in triggers:
            at = trigger.get_next_fire_time(None, since)
            while at is not None and at < until:
                found += 1
                at = trigger.get_next_fire_time(at, at + dt.timedelta(seconds=1))
        return found

    return count


def cron(given: list[Rule]) -> Callable[[dt.datetime, dt.datetime], int]:
    """croniter, each line asked again and again for its next time."""
    lines = [f"{it.minute % 60} {it.minute // 60} * * {it.days.replace('mon-sun', '*')}" for it in given]

    def count(since: dt.datetime, until: dt.datetime) -> int:
        return sum(
            1
            for line in lines
            for _ in itertools.takewhile(lambda at: at < until, croniter(line, since).all_next(dt.datetime))
        )

    return count


def icalendar(given: list[Rule]) -> Callable[[dt.datetime, dt.datetime], int]:
    """recurring-ical-events over one calendar of RRULEs."""
    calendar = Calendar()
    for number, rule in enumerate(given):
        event = Event()
        start = BEGIN.replace(hour=rule.minute // 60, minute=rule.minute % 60)
        event.add("uid", str(number))
        event.add("dtstart", start)
        event.add("dtend", start + dt.timedelta(minutes=5))
        event.add("rrule", {"freq": "weekly", "byday": [day[:2].upper() for day in _weekdays(rule.days)]})
        calendar.add_component(event)
    return lambda since, until: len(of(calendar).between(since, until))


CONTENDERS = {"Loa xã": own, "APScheduler cron": apscheduler, "croniter": cron, "recurring-ical-events": icalendar}
SLOW = {"croniter", "recurring-ical-events"}  # a thousand of these take minutes and teach nothing more


def main() -> None:
    """Measure each at each size, and print one table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| a year of | " + " | ".join(CONTENDERS) + " |")
    print("| --- |" + " ---: |" * len(CONTENDERS))
    for size in SIZES:
        given = rules(size)
        cells = [_year(name, make, given) for name, make in CONTENDERS.items()]
        _print_row(f"{size} schedules, s", [cell[0] for cell in cells], ".2f")
        _print_row(f"{size} schedules, MiB", [cell[1] for cell in cells], ".1f")
    given = rules(1000)
    _print_row(
        "one day anew, 1000 schedules, ms",
        [_next(name, make, given) for name, make in CONTENDERS.items()],
        ".1f",
    )


def _year(
    name: str, make: Callable[..., Callable[..., int]], given: list[Rule]
) -> tuple[float | None, float | None]:
    if name in SLOW and len(given) > SIZES[1]:
        return None, None
    count = make(given)
    print(f"{name}, {len(given)} …", file=sys.stderr)
    spent = statistics.median(_timed(lambda: count(BEGIN, END)) for _ in range(3))
    tracemalloc.start()
    count(BEGIN, END)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return spent, peak


def _next(name: str, make: Callable[..., Callable[..., int]], given: list[Rule]) -> float | None:
    if name in SLOW:
        return None
    count = make(given)
    noon = BEGIN + dt.timedelta(days=100, hours=12)
    return 1000 * statistics.median(_timed(lambda: count(noon, noon + dt.timedelta(days=1))) for _ in range(20))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _print_row(title: str, values: list[float | None], form: str) -> None:
    base = values[0] or 1
    cells = [
        "–" if it is None else f"{it:{form}}" + (f" (×{it / base:.2g})" if number else "")
        for number, it in enumerate(values)
    ]
    print(f"| {title} | {' | '.join(cells)} |", flush=True)


def _wall(at: dt.datetime) -> int:
    return round(at.timestamp() * 1000)


def _weekdays(days: str) -> list[str]:
    first, last = (WEEKDAYS.index(day) for day in days.split("-"))
    return list(WEEKDAYS[first : last + 1])


if __name__ == "__main__":
    main()
