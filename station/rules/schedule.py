"""A schedule: what airs, when, where and how urgent; and one broadcast of it."""

from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from station.rules.days import NEVER, Days
from station.rules.now import SECOND
from station.rules.rundown import Item, Programme


class Priority(StrEnum):
    """How urgent, as Circular 39/2020/TT-BTTTT sorts bulletins."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """Greater goes first."""
        return list(Priority).index(self)


class Origin(StrEnum):
    """Whose programme it is."""

    COMMUNE = "commune"
    PROVINCE = "province"
    CENTRAL = "central"


class Planned(StrEnum):
    """What the timetable makes of a broadcast."""

    PLANNED = "planned"
    CUT = "cut"
    MOVED = "moved"
    DROPPED = "dropped"
    REFUSED = "refused"


class Trigger(StrEnum):
    """What puts a broadcast on air."""

    SCHEDULE = "schedule"
    HAND = "hand"


@frozen
class Airing:
    """When a schedule airs: on `days` but not `skip`, at `at` ms after local midnight."""

    days: Days
    at: int
    skip: Days = NEVER


@frozen
class Schedule:
    """One file of `schedules/`, read. `zones` is empty for all of them; one not `enabled` airs nothing."""

    name: str
    title: str
    air: tuple[Airing, ...]
    rundown: tuple[Item, ...]
    priority: Priority = Priority.NORMAL
    origin: Origin = Origin.COMMUNE
    zones: tuple[str, ...] = ()
    enabled: bool = True


# A start this late is still the start: rendering ended late, a clock was slewed, the machine was busy.
ON_TIME = 10 * SECOND


@frozen
class Broadcast:
    """One occurrence of a schedule, or of a hand's order; instants are wall ms.

    `late` is how long after its start it may still begin, in ms.
    """

    schedule: str
    title: str
    start: int
    end: int
    zones: tuple[str, ...]
    programme: Programme = field(repr=False)
    priority: Priority = Priority.NORMAL
    origin: Origin = Origin.COMMUNE
    state: Planned = Planned.PLANNED
    reason: str = ""
    trigger: Trigger = Trigger.SCHEDULE
    who: str = ""
    late: int = ON_TIME

    @property
    def key(self) -> str:
        """What it is known by everywhere: its schedule and start."""
        return f"{self.schedule}@{self.start}"

    @property
    def latest(self) -> int:
        """The last wall ms at which it may still begin."""
        return self.start + self.late

    def but(self, state: Planned, reason: str) -> Self:
        """The same broadcast in another state of the timetable, and why."""
        return evolve(self, state=state, reason=reason)
