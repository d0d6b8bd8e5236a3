"""The one place where time is read."""

import ctypes
import time
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from station.rules.now import Now

_ADJTIMEX_ERROR = 5  # adjtimex(2): the clock is not synchronised
_IN_NANOSECONDS = 0x2000  # its status says so
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
        told = _Timex()
        if _LIBC.adjtimex(ctypes.byref(told)) != _ADJTIMEX_ERROR:
            return TimeSource(TimeKind.NETWORK, told.offset / (1e6 if told.status & _IN_NANOSECONDS else 1e3))
        if _kept_by_battery(self.now().wall):
            return TimeSource(TimeKind.BATTERY)
        return TimeSource(TimeKind.CONFIG if self._always_trusted else TimeKind.NOBODY)


def seconds_until(mono: float) -> float:
    """The time left until mono ms `mono`, finer than a whole millisecond; negative once it is past."""
    return mono / 1e3 - time.monotonic_ns() / 1e9  # noqa: TID251 - the one place


class _Timex(ctypes.Structure):
    """The beginning of what adjtimex(2) fills in, with room for the rest; `modes` 0 only asks."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def _kept_by_battery(wall: int) -> bool:
    """Whether a real-time clock gave the system its time, and a plausible one."""
    try:
        return wall >= _EARLIEST and _SET_BY_REAL_TIME_CLOCK.read_text().strip() == "1"
    except OSError:
        return False


def _synchronised() -> bool:
    """Whether the kernel says that the clock is disciplined (adjtimex(2))."""
    return bool(_LIBC.adjtimex(ctypes.byref(_Timex())) != _ADJTIMEX_ERROR)
