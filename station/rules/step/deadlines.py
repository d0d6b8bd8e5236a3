"""Deadlines: when time alone will bring the next transition."""

from collections.abc import Iterator

from station.rules.now import Now
from station.rules.rundown import Tape
from station.rules.station import Station
from station.rules.step import zone as zones
from station.rules.step.broadcast import (
    GIVE_WAY,
    OPEN_AHEAD,
    OVERRUN,
    PREPARE_AHEAD,
    READY_ZONES,
    STALL,
    TAPE_LEAD,
    Cast,
    Phase,
)
from station.rules.step.state import State


def wake_in(state: State, now: Now) -> int | None:
    """Ms until the next transition, or None when only an event can bring one."""
    dues = [*_by_the_wall(state, now.wall), *_by_the_monotonic(state, now.mono)]
    return max(0, min(dues)) if dues else None


def opens_at(station: Station, cast: Cast) -> int:
    """The wall ms at which its record is opened and its amplifiers go on, so that all is ready at its instant."""
    warm_ups = (station.zones[name].warm_up for name in cast.broadcast.zones if name in station.zones)
    return cast.broadcast.start - TAPE_LEAD - OPEN_AHEAD - max(warm_ups, default=0)


def _by_the_wall(state: State, wall: int) -> Iterator[int]:
    for cast in state.casts.values():
        yield from (at - wall for at in _instants(state, cast, wall) if at > wall)


def _instants(state: State, cast: Cast, wall: int) -> Iterator[int]:
    start = cast.broadcast.start
    match cast.phase:
        case Phase.PLANNED | Phase.READY:
            yield start - PREPARE_AHEAD
            yield opens_at(state.station, cast)
            yield start
            yield start + GIVE_WAY
            yield cast.broadcast.latest + 1
        case Phase.WARMING:
            yield start - TAPE_LEAD
        case Phase.ON_AIR:
            yield state.station.hours.open_until(wall) or 0
            yield cast.broadcast.hard_end or 0


def _by_the_monotonic(state: State, mono: int) -> Iterator[int]:
    for name, zone in state.zones.items():
        due = zones.due(zone, state.station.zones[name])
        if due is not None:
            yield due - mono
    for cast in state.casts.values():
        match cast:
            case Cast(phase=Phase.PLANNED, again_at=int(again_at)):
                yield again_at - mono
            case Cast(phase=Phase.WARMING):
                yield cast.since + READY_ZONES - mono
            case Cast(phase=Phase.ON_AIR, tape=Tape() as tape):
                yield cast.since + tape.lead + tape.length + tape.tail + OVERRUN - mono
                yield cast.heard_at + STALL - mono
