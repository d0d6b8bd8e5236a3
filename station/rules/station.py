"""The station as its rules see it: where it is, when it may sound and which zones it has."""

from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.hours import Hours
from station.rules.now import HOUR, SECOND

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
class Station:
    """What the rules need to know of the station; zones by name."""

    name: str
    hours: Hours
    zones: dict[str, Zone]

    @property
    def time_zone(self) -> ZoneInfo:
        """The station's own time."""
        return self.hours.zone
