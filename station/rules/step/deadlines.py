"""Deadlines: when time alone will bring the next transition."""

from collections.abc import Iterator

from station.rules.now import Now
from station.rules.rundown import Tape
from station.rules.schedule import Priority
from station.rules.station import Station
from station.rules.step import zone as zones
from station.rules.step.aim import warm_in
from station.rules.step.broadcast import (
    GIVE_WAY,
    OPEN_AHEAD,
    OVERRUN,
    PLAY_AHEAD,
    PREPARE_AHEAD,
    READY_ZONES,
    TAPE_LEAD,
    Cast,
    Phase,
)
from station.rules.step.state import State


def wake_in(state: State, now: Now) -> int | None:
    """Ms until the next transition, or None when only an event can bring one."""
    dues = [*_by_the_wall(state, now.wall), *_by_the_monotonic(state, now.mono), *_warm(state, now)]
    return max(0, min(dues)) if dues else None


def opens_at(station: Station, cast: Cast) -> int:
    """The wall ms at which its record is opened and its amplifiers go on, so that all is ready at its instant."""
    ahead = 0 if cast.broadcast.priority is Priority.EMERGENCY else OPEN_AHEAD
    return cast.broadcast.start - TAPE_LEAD - ahead - warm_up(station, cast)


def warm_up(station: Station, cast: Cast) -> int:
    """Ms from the first of its amplifiers going on until the last is warm, one after the other."""
    named = [zone for name, zone in station.zones.items() if name in cast.broadcast.zones]
    return max((number * station.stagger + zone.warm_up for number, zone in enumerate(named)), default=0)


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
            yield cast.latest + 1
        case Phase.WARMING:
            yield cast.leaves_at - PLAY_AHEAD
        case Phase.ON_AIR:
            yield state.station.hours.open_until(wall) or 0
            yield cast.broadcast.hard_end or 0


def _warm(state: State, now: Now) -> Iterator[int]:
    """When the player must be told of its instant, as the amplifiers will be warm by then."""
    holder = state.holder
    if holder and holder.phase is Phase.WARMING and (ahead := warm_in(state, holder, now) - PLAY_AHEAD) > 0:
        yield ahead


def _by_the_monotonic(state: State, mono: int) -> Iterator[int]:
    wanted = state.wanted
    for name, zone in state.zones.items():
        settings = state.station.zones[name]
        waits = zone.phase is zones.Phase.OFF and name in wanted and not zone.barred
        if waits and state.powered_at is not None:
            yield max(0, state.powered_at + state.station.stagger - mono)
        dues = zones.due(zone, settings), zones.feedback_due(zone, settings)
        yield from (due - mono for due in dues if due is not None)
    for cast in state.casts.values():
        match cast:
            case Cast(phase=Phase.PLANNED | Phase.READY, again_at=int(again_at)) if again_at > mono:
                yield again_at - mono
            case Cast(phase=Phase.WARMING):
                yield cast.since + READY_ZONES - mono
            case Cast(phase=Phase.ON_AIR, tape=Tape() as tape):
                yield cast.origin + tape.lead + tape.length + tape.tail + OVERRUN - mono
                yield cast.stalls_at - mono
