"""A rehearsal: what the player would do, by the very step that it runs, over simulated time."""

from collections.abc import Iterator

from station.desk.timetable import Plan
from station.rules.now import DAY, Now
from station.rules.rundown import Segment
from station.rules.step import Past, recover
from station.rules.step.events import TimetablePlanned
from station.rules.step.rehearse import Rehearsal, Taken
from station.rules.timetable import timetable

_AHEAD = 2 * DAY  # as far as the player itself plans


def rehearse(plan: Plan, segments: tuple[Segment, ...], since: int, until: int) -> Iterator[Taken]:
    """Every action from wall ms `since` to `until`, as files and library are now."""
    begin = Now(since, 0)
    state, righting = recover(plan.station, Past(), begin)
    yield from (Taken(begin, action) for action in righting)
    shell = Rehearsal(state, begin)
    planned = timetable(plan.schedules, plan.station, segments, since, until)
    for day in range(since, until, DAY):
        near = tuple(it for it in planned if day - DAY <= it.start < day + _AHEAD)
        shell.post(TimetablePlanned(near))
        shell.run(min(day + DAY, until))
        yield from shell.taken
        shell.taken.clear()
