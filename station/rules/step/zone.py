"""The zone table: one amplifier from off to off, timed by the clock that never jumps.

off → warming → on → lingering → resting → off
"""

from enum import StrEnum

from attrs import evolve, frozen

from station.rules.station import Zone


class Phase(StrEnum):
    """Where an amplifier is."""

    OFF = "off"
    WARMING = "warming"
    ON = "on"
    LINGERING = "lingering"
    RESTING = "resting"


class Want(StrEnum):
    """What the output asks of a zone."""

    ON = "on"
    OFF = "off"
    AT_ONCE = "off at once"  # another broadcast is about to sound, or the player would not fall silent


@frozen
class ZoneState:
    """An amplifier now: its phase since `since`, energised since `switched_on` (mono ms).

    A `barred` zone stays off until nobody wants it: it was on too long, or did not switch (`fault` says why).
    """

    phase: Phase = Phase.OFF
    since: int = 0
    switched_on: int = 0
    barred: bool = False
    fault: str = ""

    @property
    def energised(self) -> bool:
        """Whether the amplifier has power."""
        return self.phase in {Phase.WARMING, Phase.ON, Phase.LINGERING}


def advance(state: ZoneState, zone: Zone, want: Want, mono: int) -> ZoneState:
    """Take the one transition of the table that is due at `mono`, or none."""
    elapsed = mono - state.since
    wanted = want is Want.ON
    if state.energised and mono - state.switched_on >= zone.longest:
        return _off(state, mono, barred=wanted, fault="Đã bật quá thời gian cho phép nên tự tắt.")
    if state.barred and not wanted:
        return evolve(state, barred=False)
    match state.phase:
        case Phase.OFF if wanted and not state.barred:
            return ZoneState(Phase.WARMING, since=mono, switched_on=mono)
        case Phase.WARMING if not wanted:
            return _off(state, mono)
        case Phase.WARMING if elapsed >= zone.warm_up:
            return evolve(state, phase=Phase.ON, since=mono)
        case Phase.ON | Phase.LINGERING if want is Want.AT_ONCE:
            return _off(state, mono)
        case Phase.ON if not wanted:
            return evolve(state, phase=Phase.LINGERING, since=mono)
        case Phase.LINGERING if wanted:
            return evolve(state, phase=Phase.ON, since=mono)
        case Phase.LINGERING if elapsed >= zone.linger:
            return _off(state, mono)
        case Phase.RESTING if elapsed >= zone.rest:
            return evolve(state, phase=Phase.OFF, since=mono)
    return state


def fail(state: ZoneState, mono: int, reason: str) -> ZoneState:
    """An amplifier that did not switch is off, and is not tried again until it is wanted anew."""
    return _off(state, mono, barred=True, fault=reason)


def due(state: ZoneState, zone: Zone) -> int | None:
    """The mono ms of the next transition that time alone will bring."""
    longest = state.switched_on + zone.longest
    match state.phase:
        case Phase.WARMING:
            return min(state.since + zone.warm_up, longest)
        case Phase.ON:
            return longest
        case Phase.LINGERING:
            return min(state.since + zone.linger, longest)
        case Phase.RESTING:
            return state.since + zone.rest
        case Phase.OFF:
            return None


def _off(state: ZoneState, mono: int, *, barred: bool = False, fault: str = "") -> ZoneState:
    return evolve(state, phase=Phase.RESTING, since=mono, barred=barred, fault=fault or state.fault)
