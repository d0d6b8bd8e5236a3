"""Arranging a rundown: what each of its items would be heard as now, and how long all of it takes."""

from collections.abc import Sequence

from attrs import frozen

from station.desk.timetable import read_plan
from station.rules.compose import Library
from station.rules.rundown import Item
from station.rules.trouble import Trouble
from station.stores.home import Home


@frozen
class Heard:
    """An item of a rundown: from `begin` to `end` ms `titles` are heard, and `gaps` say what is missing."""

    begin: int
    end: int
    titles: tuple[str, ...]
    gaps: tuple[Trouble, ...]


def hear(home: Home, rundown: Sequence[Item], crossfade: int, now: int) -> tuple[Heard, ...]:
    """The items as the library makes them at wall ms `now`, one after the other."""
    plan = read_plan(home)
    library = Library(home.library.usable([rundown], now), plan.station.sources, plan.speaker())
    found: list[Heard] = []
    for number, item in enumerate(rundown, 1):
        alone = library.programmes([item])(now)
        end = library.programmes(rundown[:number], crossfade)(now).length
        found.append(Heard(end - alone.length, end, tuple(part.title for part in alone.parts), alone.gaps))
    return tuple(found)
