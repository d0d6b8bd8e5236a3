"""Who vouches for the wall clock, and when a person may set it."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.hours import local
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.trouble import Trouble

EARLIEST = 1_767_225_600_000  # wall ms, 2026-01-01 UTC: the station's program is younger
LATEST = 4_102_444_800_000  # 2100-01-01 UTC: past what a real-time clock on the header can hold
_APART = HOUR  # a real-time clock drifts by minutes in a year, and one without a battery is years behind
_STEPPED = SECOND
_STALE = MINUTE
_LONGEST_NAME = 100
_FAR = DAY
_ALONE_FOR_LONG = 30 * DAY  # about a minute, by a Pi's crystal


class TimeKind(StrEnum):
    """Who vouches for the wall clock."""

    NETWORK = "network"
    PERSON = "person"
    BATTERY = "battery"
    CONFIG = "config"
    NOBODY = "nobody"


@frozen
class TimeSource:
    """Who vouches for the wall clock, since when it runs on by itself (wall ms), and who set it.

    `off` is by how many ms it is wrong, known while the network keeps it right. `kept` is whether the time outlives
    the power.
    """

    kind: TimeKind
    off: float | None = None
    since: int | None = None
    by: str = ""
    kept: bool = False


@frozen
class SetByHand:
    """That a person set the wall clock: from `before` to `at` (wall ms), at mono ms `mono`.

    `heard_at` is when the network had last been heard by then, and `kept` whether a real-time clock took the time.
    """

    by: str
    before: int
    at: int
    mono: int
    heard_at: int | None
    kept: bool


@frozen
class ClockSeen:
    """What the machine shows of its wall clock at `wall` and `mono` ms.

    `off` (ms) is known only while the network keeps the clock; `heard_at` is when it was last heard since the
    machine has power, `battery` whether a real-time clock gave the time.
    """

    wall: int
    mono: int
    off: float | None = None
    heard_at: int | None = None
    hand: SetByHand | None = None
    battery: bool = False


def vouched(seen: ClockSeen, *, by_config: bool) -> TimeSource:
    """Who vouches for the clock.

    The network once heard vouches until the power goes, though the kernel gives it up nine hours after that
    (NTP_PHASE_LIMIT at 500 ppm): a Pi's crystal is off by two seconds a day, and a commune whose link is down must
    not fall silent. A person who set the clock since does, for as long as nobody else moved it.
    """
    if seen.off is not None:
        return TimeSource(TimeKind.NETWORK, seen.off, kept=seen.battery)
    if (hand := seen.hand) and hand.heard_at == seen.heard_at and _runs_on(hand, seen):
        return TimeSource(TimeKind.PERSON, since=hand.at, by=hand.by, kept=hand.kept)
    if seen.heard_at is not None:
        return TimeSource(TimeKind.NETWORK, since=seen.heard_at, kept=seen.battery)
    if seen.battery:
        return TimeSource(TimeKind.BATTERY, kept=True)
    return TimeSource(TimeKind.CONFIG if by_config else TimeKind.NOBODY)


def told(source: TimeSource, zone: ZoneInfo) -> str:
    """In a few words who vouches for the clock."""
    match source:
        case TimeSource(TimeKind.NETWORK, since=int(since)):
            return f"đúng giờ theo mạng đến {local(since, zone):%H:%M %d/%m/%Y}, từ đó chạy một mình"
        case TimeSource(TimeKind.PERSON, since=int(since), kept=True):
            return f"do {source.by} đặt lúc {local(since, zone):%H:%M %d/%m/%Y}, mất điện thì pin giữ giờ"
        case TimeSource(TimeKind.PERSON, since=int(since)):
            return f"do {source.by} đặt lúc {local(since, zone):%H:%M %d/%m/%Y}, mất điện là phải đặt lại"
    return _TOLD[source.kind]


def alone_for_long(source: TimeSource, wall: int) -> bool:
    """Whether the clock ran by itself for so long that people may notice it."""
    return source.since is not None and wall - source.since >= _ALONE_FOR_LONG


def _runs_on(hand: SetByHand, seen: ClockSeen) -> bool:
    """Whether the clock still is what the hand made it: only a step parts it from the one that never jumps."""
    return seen.mono >= hand.mono and abs((seen.wall - hand.at) - (seen.mono - hand.mono)) < _STEPPED


def battery_vouches(battery: int, wall: int, last_known: int | None) -> bool:
    """Whether a real-time clock that says `battery` is to be believed, by what the system made of it (wall ms).

    One whose battery died begins years behind. The system then goes on from the last time that it kept on disk
    (systemd-timesyncd(8)), which nobody vouches for; and no time lies before one that the station was sure of.
    """
    known = EARLIEST if last_known is None else max(EARLIEST, last_known - _APART)
    return known <= battery < LATEST and abs(wall - battery) <= _APART


def may_be(instant: int) -> bool:
    """Whether it can be the time at all (wall ms)."""
    return EARLIEST <= instant < LATEST


def is_odd(instant: int, last_known: int | None) -> bool:
    """Whether a person should look twice at the date before the clock is set to it.

    What is jumped over is missed for good, and what is kept for some time is thrown away by the date.
    """
    return last_known is not None and abs(instant - last_known) > _FAR


@frozen
class SettingWanted:
    """That `by` wants the wall clock to be what was wall ms `at` at mono ms `mono`."""

    at: int
    mono: int
    by: str


def why_not_set(wanted: SettingWanted, now: Now, *, synchronised: bool) -> Trouble | None:
    """Why the clock is not set as a person wants it; None when it may be."""
    if synchronised:
        return KEPT_BY_NETWORK
    if not 0 <= now.mono - wanted.mono <= _STALE:
        return _TOO_LATE
    if not may_be(wanted.at):
        return NO_TIME
    if not (wanted.by.isprintable() and 0 < len(wanted.by.strip()) <= _LONGEST_NAME):
        return NOBODY_NAMED
    return None


_TOLD = {
    TimeKind.NETWORK: "đúng giờ theo mạng",
    TimeKind.BATTERY: "đúng giờ nhờ pin đồng hồ",
    TimeKind.CONFIG: "tin theo cấu hình",
    TimeKind.NOBODY: "chưa chắc đúng giờ",
}
_WHERE = "Đồng hồ"
KEPT_BY_NETWORK = Trouble(
    _WHERE,
    "Mạng đang giữ đồng hồ đúng giờ nên không đặt bằng tay.",
    "Đồng hồ vẫn chạy như cũ.",
    "Nếu giờ trên trang sai, xem lại múi giờ trong station.toml.",
)
_TOO_LATE = Trouble(
    _WHERE, "Máy nhận yêu cầu đặt giờ quá muộn nên chưa đặt.", "Đồng hồ vẫn chạy như cũ.", "Đặt lại lần nữa."
)
NO_TIME = Trouble(
    _WHERE,
    "Giờ phải từ năm 2026 đến năm 2099, nên chưa đặt.",
    "Đồng hồ vẫn chạy như cũ.",
    "Xem lại năm, tháng, ngày rồi đặt lại.",
)
NOBODY_NAMED = Trouble(
    _WHERE, "Chưa biết ai đặt giờ nên chưa đặt.", "Đồng hồ vẫn chạy như cũ.", "Ghi tên người đặt, dưới 100 chữ."
)
