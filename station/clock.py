"""The one place where time is read, and set."""

import ctypes
import fcntl
import os
import struct
import time
from pathlib import Path

from attrs import frozen

from station.rules.clock import ClockSeen, SetByHand, TimeKind, TimeSource, battery_vouches, vouched
from station.rules.now import SECOND, Now
from station.rules.strict_json import CONVERTER, loads

__all__ = ["Clock", "Discipline", "TimeKind", "TimeSource", "discipline", "seconds_until"]

_ADJTIMEX_ERROR = 5  # adjtimex(2): the clock is not synchronised
_NANOSECONDS = 0x2000  # STA_NANO: its offset is in these, else in microseconds
_TIMEX = 512  # bytes, more than the kernel writes
_LIBC = ctypes.CDLL(None)
_SET_BY_REAL_TIME_CLOCK = Path("/sys/class/rtc/rtc0/hctosys")  # "1": the system took its time from it
_REAL_TIME_CLOCK_SAYS = Path("/sys/class/rtc/rtc0/since_epoch")  # seconds
_REAL_TIME_CLOCK = Path("/dev/rtc0")
_SET_REAL_TIME_CLOCK = 0x4024700A  # RTC_SET_TIME, rtc(4)
_HEARD = Path("/run/systemd/timesync/synchronized")  # touched whenever a server was heard, systemd-timesyncd(8)
SET_BY_HAND = Path("/run/station/clock.set")  # in memory: what a person set is gone with the power, and so is this


class Clock:
    """The machine's clocks.

    `always_trusted` is for stations whose clock is vouched for by other means; `last_known` is an instant (wall ms)
    before which the time cannot lie, by what the station keeps.
    """

    def __init__(self, *, always_trusted: bool = False, last_known: int | None = None) -> None:
        self._always_trusted = always_trusted
        self._battery = _set_by_battery() and _battery_vouches(_wall(), last_known)  # its bus is slow: asked once

    def now(self) -> Now:
        """Read both clocks and whether the wall clock may be believed."""
        trusted = self._always_trusted or self.source().kind is not TimeKind.NOBODY
        return Now(_wall(), _mono(), trusted)

    def source(self) -> TimeSource:
        """Who says that the wall clock is right."""
        told = discipline()
        if told.synchronised:
            return vouched(ClockSeen(_wall(), _mono(), told.off, battery=self._battery), by_config=False)
        seen = ClockSeen(_wall(), _mono(), None, heard_at(), _set_by_hand(), self._battery)
        return vouched(seen, by_config=self._always_trusted)


@frozen
class Discipline:
    """What keeps the wall clock right; `off` and `error` in ms mean something only when it is synchronised."""

    synchronised: bool
    off: float
    error: float


def discipline() -> Discipline:
    """Ask the kernel (adjtimex(2))."""
    request = ctypes.create_string_buffer(_TIMEX)  # modes = 0: only ask
    synchronised = _LIBC.adjtimex(request) != _ADJTIMEX_ERROR
    _, offset, _, maximum, _, status = struct.unpack_from("Illlli", request)
    unit = 1e6 if status & _NANOSECONDS else 1e3
    return Discipline(synchronised, offset / unit, maximum / 1e3)


def heard_at() -> int | None:
    """When the network's time was last heard since the machine has power (wall ms), where that is known."""
    try:
        return round(_HEARD.stat().st_mtime * SECOND)
    except OSError:
        return None


def seconds_until(mono: float) -> float:
    """The time left until mono ms `mono`, finer than a whole millisecond; negative once it is past."""
    return mono / 1e3 - time.monotonic_ns() / 1e9  # noqa: TID251 - the one place


def set_wall(wall: int) -> None:
    """Set the system's clock. Raises `PermissionError` without the capability CAP_SYS_TIME."""
    time.clock_settime_ns(time.CLOCK_REALTIME, wall * 1_000_000)


def set_battery(wall: int) -> bool:
    """Have the real-time clock keep that time; gives whether there is one that took it."""
    told = time.gmtime(round(wall / SECOND))
    fields = (told.tm_sec, told.tm_min, told.tm_hour, told.tm_mday, told.tm_mon - 1, told.tm_year - 1900, 0, 0, 0)
    try:
        descriptor = os.open(_REAL_TIME_CLOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.ioctl(descriptor, _SET_REAL_TIME_CLOCK, struct.pack("9i", *fields))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _wall() -> int:
    return time.time_ns() // 1_000_000  # noqa: TID251 - the one place


def _mono() -> int:
    return time.monotonic_ns() // 1_000_000  # noqa: TID251 - the one place


def _set_by_battery() -> bool:
    try:
        return _SET_BY_REAL_TIME_CLOCK.read_text().strip() == "1"
    except OSError:
        return False


def _battery_vouches(wall: int, last_known: int | None) -> bool:
    try:
        return battery_vouches(int(_REAL_TIME_CLOCK_SAYS.read_text()) * SECOND, wall, last_known)
    except (OSError, ValueError):
        return False


def _set_by_hand() -> SetByHand | None:
    try:
        return CONVERTER.structure(loads(SET_BY_HAND.read_bytes()), SetByHand)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
