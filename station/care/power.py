"""Whether a Raspberry Pi gets the power it needs, and whether it slows itself down; no other machine tells.

Its firmware answers `vcgencmd get_throttled` by a mask. By Raspberry Pi's documentation bit 0 is too low a voltage,
1 a capped frequency, 2 throttled, 3 the soft limit of temperature; bits 16 to 19 are the same at any time since the
start. A low voltage throttles too. The soft limit is left out: a Pi 3B+ passes it each warm day, and does no worse.

The kernel's own file of that mask is not read: it is deprecated, its first reader has a backtrace written into the
kernel's log, and the driver clears its history every two seconds (drivers/hwmon/raspberrypi-hwmon.c).
"""

import subprocess
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE

from attrs import frozen

_SENSORS = Path("/sys/class/hwmon")
_PATIENCE_S = 3
_LOW = 1 << 0
_SLOWED = 1 << 1 | 1 << 2
_SINCE_START = 16  # bits further up


@frozen
class Power:
    """Whether the voltage is too `low` and the processor `slowed`: now, and since the start. None is not known."""

    low: bool
    was_low: bool | None = None
    slowed: bool | None = None
    was_slowed: bool | None = None


def decoded(mask: int) -> Power:
    """What the firmware's mask says."""
    before = mask >> _SINCE_START
    return Power(bool(mask & _LOW), bool(before & _LOW), bool(mask & _SLOWED), bool(before & _SLOWED))


class PowerWatch:
    """Looks from one thread. Each look starts a process, and one in a minute is enough: the firmware remembers."""

    def __init__(self, sensors: Path = _SENSORS) -> None:
        self._sensors = sensors
        self._child: subprocess.Popen[str] | None = None

    def look(self) -> Power | None:
        """How it is; without the firmware's word by the kernel's sensor, which knows of now alone."""
        mask = self._mask()
        return self._sensed() if mask is None else decoded(mask)

    def _mask(self) -> int | None:
        """The firmware's word, soon or not at all: who waits for a dead firmware cannot even be killed."""
        if self._child and self._child.poll() is None:
            return None
        command = ["vcgencmd", "get_throttled"]
        with suppress(OSError, ValueError):  # no such program; not for this account
            child = self._child = subprocess.Popen(command, stdout=PIPE, stderr=DEVNULL, text=True)
            try:
                told, _ = child.communicate(timeout=_PATIENCE_S)
                return int(told.removeprefix("throttled="), 16)
            except subprocess.TimeoutExpired:
                child.kill()
                if child.stdout:
                    child.stdout.close()
        return None

    def _sensed(self) -> Power | None:
        for sensor in self._sensors.glob("hwmon*"):
            try:
                if (sensor / "name").read_text().strip() == "rpi_volt":
                    return Power(low=(sensor / "in0_lcrit_alarm").read_text().strip() == "1")
            except OSError:
                continue
        return None
