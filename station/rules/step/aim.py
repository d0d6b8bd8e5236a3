"""Aiming: from where in its tape a broadcast will sound, and when that leaves."""

from attrs import evolve

from station.rules.now import SECOND, Now
from station.rules.rundown import Tape
from station.rules.step import zone as zones
from station.rules.step.broadcast import Cast
from station.rules.step.state import State
from station.rules.step.zone import ZoneState

AGAIN_AHEAD = SECOND  # what goes by the clock is opened so soon: what that still misses of it is left out
HEAD = 60  # ms of a tape's silence that are always played: a busy machine may swallow its first 20
_OUT_OF_AIM = SECOND // 2


def warm_in(state: State, cast: Cast, now: Now) -> int:
    """Ms until all its amplifiers are warm, if they are wanted from now on."""
    waits, before = [0], 0
    for name in state.wanted_by(cast):
        zone, settings = state.zones.get(name, ZoneState()), state.station.zones[name]
        if zone.barred:
            continue
        waits.append(zones.ready_in(zone, settings, now.mono) + before)
        before += 0 if zone.energised else state.station.stagger
    return max(waits)


def aimed(state: State, cast: Cast, tape: Tape, now: Now) -> Cast:
    """Aim: at its instant; late, at once; and one that joins or goes on, where it should be by the clock."""
    ready = now.wall + warm_in(state, cast, now)
    first = cast.broadcast.start - tape.lead
    if cast.begun is not None or (cast.broadcast.late.join and ready > cast.broadcast.start):
        leaves_at = max(ready, now.wall + AGAIN_AHEAD)
        begun = cast.broadcast.start if cast.begun is None else cast.begun
        return evolve(cast, begun=begun, offset=tape.lead + leaves_at - begun, leaves_at=leaves_at)
    skipped = min(max(0, ready - first), tape.lead - HEAD)
    return evolve(cast, offset=skipped, leaves_at=first + skipped)


def out_of_aim(cast: Cast, tape: Tape, now: Now) -> bool:
    """Whether what goes by the clock would by now sound from the wrong place."""
    return cast.offset > tape.lead and now.wall > cast.leaves_at + _OUT_OF_AIM
