"""The station itself: the whole player, `station run`, with schedule files as an operator writes them."""

from pathlib import Path
from typing import Self

from tests.bench.contenders import Clips
from tests.rig.waiting import wait_until, wall_ms
from tests.running import CONFIG, RunningStation

_LEAD = 25  # s in which the schedules are read and the tapes rendered
_EVERY = 7  # s: a clip, its amplifiers' linger and rest, and the next one's warm-up


class OwnStation:
    """A station in a folder of its own, its clips added and approved."""

    name = "Loa xã"

    def __init__(self, clips: Clips, folder: Path) -> None:
        self._clips = clips
        self._station = RunningStation(folder, CONFIG, "pulse:rig")

    def arrange(self, starts: int) -> list[float]:
        clip = 'play = "short"'
        return [self._station.schedule(f"bench-{it}", _LEAD + it * _EVERY, clip) for it in range(starts)]

    def play_pair(self) -> float:
        return self._station.schedule("pair", _LEAD, 'play = "short"\n[[rundown]]\nplay = "other"')

    def play_long(self) -> float:
        done = self._station.command("play", "long")
        assert done.returncode == 0, done.stderr
        return wall_ms()

    def processes(self) -> list[int]:
        return [self._station.pid]

    def __enter__(self) -> Self:
        for name, clip in (("short", self._clips.short), ("other", self._clips.other), ("long", self._clips.long)):
            done = self._station.command("add", str(clip), "--title", name, "--approve")
            assert done.returncode == 0, done.stderr
        self._station.start()
        wait_until(lambda: self._station.status()["on_air"] is None)
        return self

    def __exit__(self, *_: object) -> None:
        self._station.__exit__()
