"""The station as its rules see it: where it is, when it may sound and which zones it has."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from attrs import Factory, frozen

from station.rules.days import UNCHANGED, Calendar
from station.rules.hours import Hours, Window, local, local_ms
from station.rules.limits import NO_LIMITS, Limits
from station.rules.now import HOUR, SECOND
from station.rules.origin import Origin
from station.rules.schedule import Priority
from station.rules.voice import USUAL, Speaker

WARM_UP = 3 * SECOND
LINGER = 2 * SECOND
REST = 5 * SECOND
LONGEST = 2 * HOUR


@frozen
class Zone:
    """A loudspeaker cluster: one amplifier. Times in ms.

    `warm_up` passes between the amplifier and the first sound, `linger` between the last sound and off, `rest` at
    least between off and on again; nothing keeps it on beyond `longest`.
    """

    name: str
    title: str
    warm_up: int = WARM_UP
    linger: int = LINGER
    rest: int = REST
    longest: int = LONGEST


@frozen
class Level:
    """How much softer than usual, in dB not above 0, what starts in a window of the day is, if so urgent."""

    window: Window
    gain: float
    priorities: tuple[Priority, ...] = (Priority.NORMAL, Priority.PRIORITY)


@frozen
class Station:
    """What the rules need to know of the station; zones by name.

    `sources` are the live ones and what people call them; `speaker` says what is text.
    Two amplifiers never go on within `stagger` ms; an emergency is `emergency_gain` dB louder than usual.
    `goes_first` is whose priority bulletin the commune lets go first, and `chosen` its choice for single days;
    `calendar` has the days that the government swapped.
    """

    name: str
    hours: Hours
    zones: dict[str, Zone]
    levels: tuple[Level, ...] = ()
    limits: Limits = NO_LIMITS
    stagger: int = 0
    emergency_gain: float = 0.0
    sources: Mapping[str, str] = Factory(dict)
    speaker: Speaker = USUAL
    goes_first: Origin = Origin.PROVINCE
    chosen: Mapping[dt.date, Origin] = Factory(dict)
    calendar: Calendar = UNCHANGED

    @property
    def time_zone(self) -> ZoneInfo:
        """The station's own time."""
        return self.hours.zone

    def first(self, wall: int) -> Origin:
        """Whose priority bulletin goes first on the day of wall ms `wall`."""
        return (
            self.chosen.get(local(wall, self.time_zone).date(), self.goes_first) if self.chosen else self.goes_first
        )

    def gain(self, wall: int, priority: Priority) -> float:
        """How much louder than usual (softer below 0), in dB, what is so urgent and starts at wall ms `wall` is."""
        if priority is Priority.EMERGENCY:
            return self.emergency_gain
        if not self.levels:
            return 0.0
        since_midnight = local_ms(wall, self.time_zone)
        inside = (
            it.gain
            for it in self.levels
            if it.window.opens <= since_midnight < it.window.closes and priority in it.priorities
        )
        return min(inside, default=0.0)
