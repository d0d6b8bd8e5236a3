"""The one place where time is read."""

import ctypes
import time
from pathlib import Path

from station.rules.now import Now

_ADJTIMEX_ERROR = 5  # adjtimex(2): the clock is not synchronised
_LIBC = ctypes.CDLL(None)
_REAL_TIME_CLOCK = Path("/sys/class/rtc/rtc0")


class Clock:
    """The machine's clocks; `always_trusted` is for stations whose clock is vouched for by other means."""

    def __init__(self, *, always_trusted: bool = False) -> None:
        self._always_trusted = always_trusted

    def now(self) -> Now:
        """Read both clocks and whether the wall clock may be believed."""
        trusted = self._always_trusted or _REAL_TIME_CLOCK.exists() or _synchronised()
        return Now(
            wall=time.time_ns() // 1_000_000,  # noqa: TID251 - the one place
            mono=time.monotonic_ns() // 1_000_000,  # noqa: TID251 - the one place
            trusted=trusted,
        )


def _synchronised() -> bool:
    """Whether the kernel says that the clock is disciplined (adjtimex(2))."""
    request = ctypes.create_string_buffer(512)  # modes = 0: only ask
    return bool(_LIBC.adjtimex(request) != _ADJTIMEX_ERROR)
