"""The zone table: one amplifier from off to off, timed by the clock that never jumps.

off → warming → on → lingering → resting → off
"""

from enum import StrEnum

from attrs import evolve, frozen

from station.rules.now import SECOND
from station.rules.station import Zone

FEEDBACK_WITHIN = 2 * SECOND  # an amplifier that went off has said so by then, and one that went on once it is warm


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

    A `barred` zone stays off until nobody wants it: it was on too long, or did not switch (`fault` says why). It
    was last switched at mono ms `switched_at`; `up` is what its feedback input says, if it has one, and `doubt`
    what is wrong with that.
    """

    phase: Phase = Phase.OFF
    since: int = 0
    switched_on: int = 0
    barred: bool = False
    fault: str = ""
    switched_at: int = 0
    up: bool | None = None
    doubt: str = ""

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
            return evolve(
                state, phase=Phase.WARMING, since=mono, switched_on=mono, switched_at=mono, barred=False, fault=""
            )
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


def ready_in(state: ZoneState, zone: Zone, mono: int) -> int:
    """Ms until its amplifier is warm, if it is wanted from now on."""
    elapsed = mono - state.since
    match state.phase:
        case Phase.ON | Phase.LINGERING:
            return 0
        case Phase.WARMING:
            return max(0, zone.warm_up - elapsed)
        case Phase.RESTING:
            return max(0, zone.rest - elapsed) + zone.warm_up
        case Phase.OFF:
            return zone.warm_up


def judge(state: ZoneState, zone: Zone, mono: int) -> ZoneState:
    """Believe its feedback input, once the amplifier has had time to follow its switch."""
    if state.up is None or state.up == state.energised:
        return evolve(state, doubt="") if state.doubt else state
    due = feedback_due(state, zone)
    if due is None or mono < due:
        return state
    told = "Tăng âm không báo là đã chạy." if state.energised else "Tăng âm vẫn báo đang chạy dù đã tắt."
    return evolve(state, doubt=told)


def feedback_due(state: ZoneState, zone: Zone) -> int | None:
    """The mono ms at which its feedback input will be believed, if that says what it should not."""
    if state.up is None or state.up == state.energised or state.doubt:
        return None
    return state.switched_at + max(FEEDBACK_WITHIN, zone.warm_up if state.energised else 0)


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
    return evolve(
        state, phase=Phase.RESTING, since=mono, switched_at=mono, barred=barred, fault=fault or state.fault
    )
