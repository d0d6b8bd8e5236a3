"""The timetable as iCalendar (RFC 5545), for a phone's own calendar."""

import datetime as dt

from icalendar import Calendar, Event

from station.desk.timetable import broadcasts, read_plan
from station.rules.now import DAY
from station.rules.schedule import Broadcast
from station.stores.home import Home

_BACK, _AHEAD = 7 * DAY, 60 * DAY


def calendar(home: Home, now: int) -> bytes:
    """What airs in the last week and the next two months, as an iCalendar file; `now` in wall ms."""
    plan = read_plan(home)
    made = Calendar()
    made.add("prodid", "-//Loa xa//Lich phat//VI")
    made.add("version", "2.0")
    made.add("name", plan.config.name)
    made.add("x-wr-calname", plan.config.name)
    made.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
    for broadcast in broadcasts(home, plan, now - _BACK, now + _AHEAD):
        made.add_component(_event(broadcast, now))
    return bytes(made.to_ical())


def _event(broadcast: Broadcast, now: int) -> Event:
    event = Event()
    event.add("uid", f"{broadcast.key}@loa-xa")
    event.add("dtstamp", _utc(now))
    event.add("dtstart", _utc(broadcast.start))
    event.add("dtend", _utc(max(broadcast.end, broadcast.start + 1000)))
    event.add("summary", broadcast.title)
    event.add("status", "CONFIRMED" if broadcast.airs else "CANCELLED")
    gaps = " ".join(str(gap) for gap in broadcast.programme.gaps)
    if told := " ".join(filter(None, (broadcast.reason, gaps))):
        event.add("description", told)
    return event


def _utc(wall: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(wall // 1000, dt.UTC)
