"""The one place where time is read."""

import ctypes
import struct
import time
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from station.rules.now import Now

_ADJTIMEX_ERROR = 5  # adjtimex(2): the clock is not synchronised
_NANOSECONDS = 0x2000  # STA_NANO: its offset is in these, else in microseconds
_TIMEX = 512  # bytes, more than the kernel writes
_LIBC = ctypes.CDLL(None)
_SET_BY_REAL_TIME_CLOCK = Path("/sys/class/rtc/rtc0/hctosys")  # "1": the system took its time from it
_EARLIEST = 1_767_225_600_000  # 2026-01-01: a real-time clock that says less has lost its battery


class TimeKind(StrEnum):
    """Who vouches for the wall clock."""

    NETWORK = "network"
    BATTERY = "battery"
    CONFIG = "config"
    NOBODY = "nobody"


@frozen
class TimeSource:
    """Who vouches for the wall clock, and by how many ms it is still off; None where that is not known."""

    kind: TimeKind
    off: float | None = None


class Clock:
    """The machine's clocks; `always_trusted` is for stations whose clock is vouched for by other means."""

    def __init__(self, *, always_trusted: bool = False) -> None:
        self._always_trusted = always_trusted

    def now(self) -> Now:
        """Read both clocks and whether the wall clock may be believed."""
        wall = time.time_ns() // 1_000_000  # noqa: TID251 - the one place
        mono = time.monotonic_ns() // 1_000_000  # noqa: TID251 - the one place
        return Now(wall, mono, trusted=self._always_trusted or _synchronised() or _kept_by_battery(wall))

    def source(self) -> TimeSource:
        """Who says that the wall clock is right."""
        told = discipline()
        if told.synchronised:
            return TimeSource(TimeKind.NETWORK, told.off)
        if _kept_by_battery(self.now().wall):
            return TimeSource(TimeKind.BATTERY)
        return TimeSource(TimeKind.CONFIG if self._always_trusted else TimeKind.NOBODY)


@frozen
class Discipline:
    """What keeps the wall clock right; `off` and `error` in ms mean something only when it is synchronised."""

    synchronised: bool
    battery: bool
    off: float
    error: float


def discipline() -> Discipline:
    """Ask the kernel (adjtimex(2))."""
    request = ctypes.create_string_buffer(_TIMEX)  # modes = 0: only ask
    synchronised = _LIBC.adjtimex(request) != _ADJTIMEX_ERROR
    _, offset, _, maximum, _, status = struct.unpack_from("Illlli", request)
    unit = 1e6 if status & _NANOSECONDS else 1e3
    return Discipline(synchronised, _set_by_battery(), offset / unit, maximum / 1e3)


def seconds_until(mono: float) -> float:
    """The time left until mono ms `mono`, finer than a whole millisecond; negative once it is past."""
    return mono / 1e3 - time.monotonic_ns() / 1e9  # noqa: TID251 - the one place


def _kept_by_battery(wall: int) -> bool:
    """Whether a real-time clock gave the system its time, and a plausible one."""
    return wall >= _EARLIEST and _set_by_battery()


def _set_by_battery() -> bool:
    try:
        return _SET_BY_REAL_TIME_CLOCK.read_text().strip() == "1"
    except OSError:
        return False


def _synchronised() -> bool:
    """Whether the kernel says that the clock is disciplined (adjtimex(2))."""
    request = ctypes.create_string_buffer(_TIMEX)  # modes = 0: only ask
    return bool(_LIBC.adjtimex(request) != _ADJTIMEX_ERROR)
