"""The present, as a person asks for it: what is on air, what comes next and whether it is ready, what is on."""

from attrs import evolve, frozen

from station.rules.now import Now
from station.rules.schedule import Broadcast
from station.rules.step.broadcast import Cast, Phase
from station.rules.step.state import State
from station.rules.step.zone import ZoneState


@frozen
class OnAir:
    """The broadcast that holds the output: `position` and `duration` in ms of its programme, `end` in wall ms.

    `level` is what is sent now in dB of full scale, `feed` what is wrong with the source that should be heard.
    `tape` is the file that is played, once there is one, and `heard` how many ms of it have gone out.
    """

    broadcast: Broadcast
    phase: Phase
    item: str
    number: int
    items: int
    position: int
    duration: int
    end: int
    level: float | None
    feed: str
    tape: str
    heard: int


@frozen
class Coming:
    """A broadcast to come: `ready` once its tape is rendered; `reason` says what it lacks, or why it is silent."""

    broadcast: Broadcast
    end: int
    ready: bool
    reason: str


@frozen
class ZoneNow:
    """An amplifier: whether it has power, its fault if it has one, and whether it is kept off by hand."""

    name: str
    title: str
    on: bool
    phase: str
    fault: str
    muted: bool


@frozen
class Present:
    """All of it."""

    on_air: OnAir | None
    coming: tuple[Coming, ...]
    zones: tuple[ZoneNow, ...]


def present(state: State, now: Now) -> Present:
    """What is true at `now`."""
    holder = state.holder
    coming = sorted((it for it in state.casts.values() if not it.holds_output), key=lambda it: it.broadcast.start)
    return Present(
        on_air=_on_air(holder, now) if holder else None,
        coming=tuple(_coming(cast) for cast in coming),
        zones=tuple(_zone(state, name) for name in state.station.zones),
    )


def lasting(seen: Present) -> Present:
    """What of it stays until something happens: all but what runs on by itself."""
    return evolve(seen, on_air=seen.on_air and evolve(seen.on_air, position=0, heard=0, level=None))


def _on_air(cast: Cast, now: Now) -> OnAir:
    lead, duration = (cast.tape.lead, cast.tape.length) if cast.tape else (0, 0)
    sounding = cast.phase is Phase.ON_AIR and cast.started is not None
    heard = cast.position + (max(0, now.mono - cast.heard_at) if sounding else 0)
    position = min(max(0, heard - lead), duration)
    marks = cast.tape.marks if cast.tape else ()
    reached = [mark for mark in marks if mark.at <= position]
    return OnAir(
        broadcast=cast.broadcast,
        phase=cast.phase,
        item=reached[-1].title if reached else "",
        number=len(reached),
        items=len(marks),
        position=position,
        duration=duration,
        end=cast.end,
        level=cast.level,
        feed=cast.feed,
        tape=cast.tape.path if cast.tape else "",
        heard=heard,
    )


def _coming(cast: Cast) -> Coming:
    broadcast = cast.broadcast
    if not broadcast.airs:
        return Coming(broadcast, cast.end, ready=False, reason=broadcast.reason)
    return Coming(broadcast, cast.end, ready=cast.phase is Phase.READY, reason=cast.lacks)


def _zone(state: State, name: str) -> ZoneNow:
    zone = state.zones.get(name, ZoneState())
    fault = " ".join(filter(None, (zone.fault, zone.doubt)))
    muted = name in state.muted
    return ZoneNow(name, state.station.zones[name].title, zone.energised, zone.phase, fault, muted)
