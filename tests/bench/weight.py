"""What processes weigh: resident memory and processor time, their children included, from /proc."""

import os
from pathlib import Path

from attrs import frozen

from tests.rig.waiting import wait_until_wall, wall_ms

_TICKS = os.sysconf("SC_CLK_TCK")
_FOR = 5_000.0  # ms over which processor time is counted


@frozen
class Weight:
    """Resident memory in MB and the share of one processor core in per cent."""

    memory: float
    processor: float


def weigh(roots: list[int]) -> Weight:
    """Watch the processes and their children for five seconds."""
    family = _family(roots)
    before, begun = sum(map(_ticks, family)), wall_ms()
    wait_until_wall(begun + _FOR)
    spent = (sum(map(_ticks, family)) - before) / _TICKS
    return Weight(sum(map(_resident, family)), 100 * spent / ((wall_ms() - begun) / 1e3))


def _family(roots: list[int]) -> list[int]:
    family = list(roots)
    for pid in family:
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            family += [int(child) for child in thread.read_text().split()]
    return family


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # utime and stime


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1_024
