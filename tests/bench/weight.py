"""What a contender weighs, its children included, from /proc: memory, processor time, bytes written to disk."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from tests.bench.contenders import Contender, Maker
from tests.bench.studio import Figure, Studio
from tests.rig.waiting import wait_until_wall, wall_ms

_TICKS = os.sysconf("SC_CLK_TCK")
_SETTLED = 20_000  # ms after its start at which an idle one is weighed
_UNDER_WAY = 3_000  # ms after the start of a clip at which a playing one is weighed
_PLAYING = 30_000  # ms for which a playing one is watched


@frozen
class Weight:
    """Memory in MiB, the share of one processor core in per cent, and KiB written to disk."""

    resident: float
    proportional: float
    processor: float
    written: float


def weights(studio: Studio, make: Maker) -> list[Figure]:
    """Idle, and playing."""
    minutes = studio.asked.idle
    figures: list[Figure] = []
    with studio.enter(make) as contender:
        if contender.runs_idle:
            wait_until_wall(wall_ms() + _SETTLED)
            idle = _watch(contender, 60_000 * minutes)
            figures += [
                *_memory("idle", idle),
                Figure("processor, idle, % of a core", idle.processor, ".2f"),
                Figure(f"written to disk, idle for {minutes:g} min, KiB", idle.written, ".0f"),
            ]
        else:
            figures += [*_memory("idle", Weight(0, 0, 0, 0))]
        wait_until_wall(contender.play_long() + _UNDER_WAY)
        playing = _watch(contender, _PLAYING)
    return [
        *figures,
        *_memory("playing", playing),
        Figure("processor, playing, % of a core", playing.processor, ".2f"),
    ]


def _memory(when: str, weight: Weight) -> list[Figure]:
    return [
        Figure(f"memory, {when}, resident, MiB", weight.resident, ".0f"),
        Figure(f"memory, {when}, shared pages divided, MiB", weight.proportional, ".0f"),
    ]


def _watch(contender: Contender, lasting: float) -> Weight:
    pids = family(contender.processes())
    spent, written, begun = _sum(ticks, pids), _sum(_written, pids), wall_ms()
    wait_until_wall(begun + lasting)
    seconds = (_sum(ticks, pids) - spent) / _TICKS
    return Weight(
        _sum(_resident, pids),
        _sum(proportional, pids),
        100 * seconds / ((wall_ms() - begun) / 1e3),
        (_sum(_written, pids) - written) / 1_024,
    )


def family(roots: list[int]) -> list[int]:
    """These processes and all that they started."""
    pids = list(roots)
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            pids += [int(child) for child in thread.read_text().split()]
    return pids


def _sum(of: Callable[[int], float], pids: list[int]) -> float:
    return sum(map(of, pids))


def ticks(pid: int) -> float:
    """Its own processor time, and that of children that ended meanwhile."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(it) for it in fields[11:15])  # utime, stime, and those of children waited for


def _resident(pid: int) -> float:
    return _told(f"/proc/{pid}/smaps_rollup", "Rss") / 1_024


def proportional(pid: int) -> float:
    """Its memory in MiB, shared pages divided among those who share them."""
    return _told(f"/proc/{pid}/smaps_rollup", "Pss") / 1_024


def _written(pid: int) -> float:
    """Bytes, those of children that ended included."""
    return _told(f"/proc/{pid}/io", "write_bytes")


def _told(path: str, name: str) -> float:
    return float(re.search(rf"^{name}:\s+(\d+)", Path(path).read_text(), re.MULTILINE)[1])  # type: ignore[index]
