"""A schedule: what airs, when, where and how urgent; and one broadcast of it."""

import datetime as dt
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from station.rules.days import NEVER, Calendar, Days
from station.rules.now import SECOND
from station.rules.origin import Origin
from station.rules.rundown import Feed, Item, Programme


class Priority(StrEnum):
    """How urgent, as Circular 39/2020/TT-BTTTT sorts bulletins."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """Greater goes first."""
        return _RANKS[self]


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


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


# A start this late is still the start: rendering ended late, a clock was slewed, the machine was busy.
ON_TIME = 10 * SECOND
WORTH_JOINING = 30 * SECOND  # what is left of a broadcast must be this long to be joined


@frozen
class Late:
    """What becomes of a broadcast whose start has passed: it may begin `within` ms after it, or else is skipped.

    One that may `join` begins at any time until its end, there where it would be by then.
    """

    within: int = ON_TIME
    join: bool = False


SKIP = Late()


class Yield(StrEnum):
    """What a broadcast does when a more urgent one wants its time."""

    DROP = "drop"
    CUT = "cut"
    MOVE = "move"


@frozen
class Clash:
    """How a broadcast gives way; one that may `move` begins after the other, at most `within` ms late."""

    gives: Yield = Yield.DROP
    within: int = 0


DROP = Clash()


@frozen
class Airing:
    """When a schedule airs: on `days` but not `skip`, at `at` ms after local midnight.

    Only from `since` to `until`, both included; with `every` n, only in each n-th week from that of `since`.
    Nothing of it sounds after `hard_end`, ms after the midnight of the same day, or of the next one when it is
    before `at`.
    """

    days: Days
    at: int
    skip: Days = NEVER
    since: dt.date | None = None
    until: dt.date | None = None
    every: int = 1
    hard_end: int | None = None

    def falls_on(self, day: dt.date, calendar: Calendar) -> bool:
        """Whether it airs on `day`."""
        return (
            self._valid(day)
            and self._in_its_week(day)
            and self.days.falls_on(day, calendar)
            and not self.skip.falls_on(day, calendar)
        )

    def _valid(self, day: dt.date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def _in_its_week(self, day: dt.date) -> bool:
        if self.every == 1 or self.since is None:
            return True
        monday = self.since - dt.timedelta(days=self.since.weekday())
        return (day - monday).days // 7 % self.every == 0


@frozen
class Schedule:
    """One file of `schedules/`, read. `zones` is empty for all of them; one not `enabled` airs nothing.

    Its recorded parts overlap by `crossfade` ms.
    """

    name: str
    title: str
    air: tuple[Airing, ...]
    rundown: tuple[Item, ...]
    priority: Priority = Priority.NORMAL
    origin: Origin = Origin.COMMUNE
    zones: tuple[str, ...] = ()
    enabled: bool = True
    late: Late = SKIP
    clash: Clash = DROP
    crossfade: int = 0


@frozen
class Broadcast:
    """One occurrence of a schedule, or of a hand's order; instants are wall ms.

    One that gave way may begin `moved_by` ms after the start that its schedule names; nothing of it sounds after
    `hard_end`. An `override` is the reason
    for which a person lets it sound outside allowed hours.
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
    late: Late = SKIP
    clash: Clash = DROP
    override: str = ""
    moved_by: int = 0
    hard_end: int | None = None

    @property
    def key(self) -> str:
        """What it is known by everywhere: its schedule and the start that this names, wherever it was moved."""
        return f"{self.schedule}@{self.start - self.moved_by}"

    @property
    def latest(self) -> int:
        """The last wall ms at which it may still begin."""
        return (
            max(self.start + ON_TIME, self.end - WORTH_JOINING) if self.late.join else self.start + self.late.within
        )

    @property
    def airs(self) -> bool:
        """Whether the timetable lets it sound."""
        return self.state in {Planned.PLANNED, Planned.CUT, Planned.MOVED}

    @property
    def live(self) -> bool:
        """Whether a person speaks in it, and ends it."""
        by_hand = self.trigger is Trigger.HAND
        return by_hand and any(isinstance(part, Feed) for part in self.programme.parts)

    def but(self, state: Planned, reason: str) -> Self:
        """The same broadcast in another state of the timetable, and why."""
        return evolve(self, state=state, reason=reason)
