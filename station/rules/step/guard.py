"""The guard: nothing but an emergency sounds outside allowed hours or by a clock that nobody trusts.

It stands in the step itself, so that no schedule, page or province can go round it.
"""

from station.rules.now import MINUTE, Now
from station.rules.schedule import Broadcast, Priority
from station.rules.station import Station

_WARM_UP_AT_MOST = MINUTE


def may_begin(station: Station, broadcast: Broadcast, end: int, now: Now) -> str:
    """Why a broadcast that would end at wall ms `end` may not begin, or nothing when it may."""
    if broadcast.priority is Priority.EMERGENCY:
        return ""
    if not now.trusted:
        return "Đồng hồ của máy chưa đúng giờ nên chưa phát. Kiểm tra mạng hoặc pin đồng hồ."
    if not station.hours.allow(broadcast.start, end):
        return f"Ngoài khung giờ cho phép ({station.hours})."
    return ""


def may_go_on(station: Station, broadcast: Broadcast, now: Now) -> str:
    """Why a broadcast that has begun may not go on, or nothing when it may."""
    if broadcast.priority is Priority.EMERGENCY:
        return ""
    warming = 0 < broadcast.start - now.wall <= _WARM_UP_AT_MOST  # amplifiers warm before the first allowed minute
    if station.hours.open_until(broadcast.start if warming else now.wall) is None:
        return f"Hết khung giờ cho phép ({station.hours})."
    return ""
