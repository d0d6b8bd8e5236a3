"""The clock, as a person looks at it and sets it."""

import threading
from zoneinfo import ZoneInfo

from attrs import frozen

from station.care import clock_request
from station.clock import Clock, Discipline, discipline
from station.desk.permits import permit
from station.rules.clock import (
    KEPT_BY_NETWORK,
    NO_TIME,
    NOBODY_NAMED,
    SetByHand,
    SettingWanted,
    TimeSource,
    is_odd,
    may_be,
)
from station.rules.hours import local
from station.rules.now import SECOND
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home

_PATIENCE = 40 * SECOND  # a process is started from a slow card
_LOOK_AGAIN_S = 0.1
_WHERE = "Đồng hồ"
_AS_BEFORE = "Đồng hồ vẫn chạy như cũ."


@frozen
class ClockNow:
    """The wall clock (ms), who vouches for it, and by when it was last known to be right at the least."""

    wall: int
    source: TimeSource
    discipline: Discipline
    last_known: int | None


def look_at_clock(home: Home) -> ClockNow:
    """The clock as it is now."""
    clock = home.clock()
    return ClockNow(clock.now().wall, clock.source(), discipline(), home.heartbeat.last())


def set_clock(home: Home, at: int, *, by: str, sure: bool = False) -> SetByHand:
    """Have the clock be wall ms `at` from now on, by the hand of a named person. Raises `Refused`.

    `sure` says that a date far from the last known one is meant.
    """
    permit(Deed.MACHINE)
    clock = home.clock()
    wanted = SettingWanted(at, clock.now().mono, by.strip())
    if trouble := _why_not_asked(home, wanted, sure=sure):
        raise Refused(trouble)
    clock_request.put_request(clock_request.FOLDER, wanted)
    answer = _answered(wanted, clock)
    if answer.done is None:
        raise Refused(answer.trouble or _NO_ANSWER)
    _note(home, answer.done)
    return answer.done


def _answered(wanted: SettingWanted, clock: Clock) -> clock_request.Answer:
    pause = threading.Event()
    while clock.now().mono - wanted.mono < _PATIENCE:
        if answer := clock_request.read_answer(clock_request.FOLDER, wanted.mono):
            return answer
        pause.wait(_LOOK_AGAIN_S)
    return clock_request.Answer(wanted.mono, trouble=_NO_ANSWER)


def _why_not_asked(home: Home, wanted: SettingWanted, *, sure: bool) -> Trouble | None:
    """What a person is told at once; the setter asks all of it again, and believes nobody."""
    if not clock_request.FOLDER.is_dir():
        return _NOT_INSTALLED
    if discipline().synchronised:
        return KEPT_BY_NETWORK
    if not may_be(wanted.at):
        return NO_TIME
    if not wanted.by:
        return NOBODY_NAMED
    return None if sure or not is_odd(wanted.at, home.heartbeat.last()) else ODD


def _note(home: Home, done: SetByHand) -> None:
    """Have audit and faults tell it for good: by these times all the logs of that day are read."""
    zone = home.config().config.time_zone
    before, after = _said(done.before, zone), _said(done.at, zone)
    with home.engine.begin() as connection:
        write_audit(connection, done.at, done.by, "đặt giờ", f"{before} → {after}")
    what = f"{done.by} đã đặt giờ bằng tay, từ {before} thành {after}."
    home.faults.note({(told := Trouble(_WHERE, what, "Đài phát theo giờ mới.")): done.at}, {told: done.at})


def _said(instant: int, zone: ZoneInfo) -> str:
    return f"{local(instant, zone):%H:%M:%S %d/%m/%Y}"


ODD = Trouble(
    _WHERE,
    "Ngày này cách xa lần cuối máy biết chắc giờ, nên chưa đặt.",
    _AS_BEFORE,
    "Xem lại ngày, tháng, năm. Nếu đúng thì xác nhận rồi đặt lại.",
)
_NOT_INSTALLED = Trouble(
    _WHERE,
    "Máy này chưa cài Loa xã hẳn nên không đặt giờ từ đây.",
    _AS_BEFORE,
    "Đặt giờ bằng hệ điều hành của máy.",
)
_NO_ANSWER = Trouble(
    _WHERE,
    "Dịch vụ đặt giờ không trả lời nên chưa biết giờ đã đặt chưa.",
    "Đài vẫn chạy theo đồng hồ của máy.",
    "Xem giờ trên trang; chưa đúng thì đặt lại, vẫn vậy thì gọi kỹ thuật xem dịch vụ station-clock.",
)
