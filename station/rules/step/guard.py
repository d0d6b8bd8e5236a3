"""The guard: nothing but an emergency sounds outside allowed hours or by a clock that nobody trusts.

It stands in the step itself, so that no schedule, page or province can go round it.
"""

from station.rules.hours import local
from station.rules.limits import Spent, over
from station.rules.now import MINUTE, Now
from station.rules.schedule import Broadcast, Priority
from station.rules.station import Station
from station.rules.step.state import State

_WARM_UP_AT_MOST = MINUTE


def may_begin(state: State, broadcast: Broadcast, start: int, end: int, now: Now) -> str:
    """Why a broadcast may not sound from `start` to `end` (wall ms), or nothing when it may."""
    if broadcast.priority is Priority.EMERGENCY:
        return ""
    if not now.trusted:
        return "Đồng hồ của máy chưa đúng giờ nên chưa phát. Kiểm tra mạng hoặc pin đồng hồ."
    if broadcast.override:
        return ""
    if not state.station.hours.allow(start, end):
        return f"Ngoài khung giờ cho phép ({state.station.hours})."
    return over(state.station.limits, _spent(state, start).with_one(start, end))


def _spent(state: State, wall: int) -> Spent:
    """What sounded so far on the day of `wall`, emergencies and overrides apart."""
    zone = state.station.time_zone
    spent = Spent()
    for begun, ended in state.sounded:
        if local(begun, zone).date() == local(wall, zone).date():
            spent = spent.with_one(begun, ended)
    return spent


def may_go_on(station: Station, broadcast: Broadcast, now: Now) -> str:
    """Why a broadcast that has begun may not go on, or nothing when it may."""
    if broadcast.priority is Priority.EMERGENCY or broadcast.override:
        return ""
    warming = 0 < broadcast.start - now.wall <= _WARM_UP_AT_MOST  # amplifiers warm before the first allowed minute
    if station.hours.open_until(broadcast.start if warming else now.wall) is None:
        return f"Hết khung giờ cho phép ({station.hours})."
    return ""
