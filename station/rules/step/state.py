"""State: what is true of the player at present; it lives in the loop's thread and is never saved."""

from collections.abc import Iterable, Mapping
from typing import Self

from attrs import evolve, field, frozen

from station.rules.station import Station
from station.rules.step.broadcast import Cast, Phase
from station.rules.step.zone import ZoneState


@frozen
class Unfinished:
    """A record that the last run opened and did not close; wall ms, `started` None if nothing had sounded."""

    key: str
    start: int
    started: int | None


@frozen
class State:
    """The present.

    `casts` are the broadcasts being followed and `closed` those that have their record (key → start, wall ms).
    `sounded` is when the last day's broadcasts began and ended (wall ms), emergencies and overrides apart.
    `muted` zones stay off whatever airs. The last amplifier went on at mono ms `powered_at`. `unfinished` are the
    records that the last run left open, until the timetable tells whether they go on.
    A player that is `ending` is not heard again, unless it `begins_anew`.
    A broadcast that could not begin after `planned_from` and was not followed by then was never planned: no miss.
    """

    station: Station
    zones: dict[str, ZoneState] = field(factory=dict)
    casts: dict[str, Cast] = field(factory=dict)
    closed: dict[str, int] = field(factory=dict)
    sounded: tuple[tuple[int, int], ...] = ()
    planned_from: int = 0
    ending: bool = False
    begins_anew: bool = False
    muted: frozenset[str] = frozenset()
    powered_at: int | None = None
    unfinished: Mapping[str, Unfinished] = field(factory=dict)

    @property
    def holder(self) -> Cast | None:
        """The broadcast that holds the output, if any."""
        return next((cast for cast in self.casts.values() if cast.holds_output), None)

    @property
    def in_order(self) -> list[Cast]:
        """All casts, the more urgent and then the earlier first."""
        return sorted(
            self.casts.values(),
            key=lambda it: (-it.broadcast.priority.rank, it.broadcast.start, it.broadcast.key),
        )

    def wanted_by(self, cast: Cast) -> list[str]:
        """The zones that a broadcast sounds in, in the order in which their amplifiers go on."""
        wanted = set(cast.broadcast.zones) - self.muted
        return [name for name in self.station.zones if name in wanted]

    @property
    def wanted(self) -> list[str]:
        """The zones that whatever holds the output needs, until it is told to fall silent."""
        holder = self.holder
        return self.wanted_by(holder) if holder and holder.phase is not Phase.STOPPING else []

    def energised(self) -> Iterable[str]:
        """The zones whose amplifiers have power."""
        return (name for name, zone in self.zones.items() if zone.energised)

    def following(self, cast: Cast) -> Self:
        """With `cast` as it is now."""
        return evolve(self, casts={**self.casts, cast.broadcast.key: cast})

    def without(self, cast: Cast) -> Self:
        """With `cast` over and its record closed."""
        key = cast.broadcast.key
        casts = {other: it for other, it in self.casts.items() if other != key}
        return evolve(self, casts=casts, closed={**self.closed, key: cast.broadcast.start})
