"""The station itself: the whole player, `station run`, with schedule files as an operator writes them."""

import os
import subprocess
import sys
from typing import Self

from station.control.client import ask
from station.control.messages import Emergency, Play, Request, Stop
from tests.bench.contenders import Contender, Ground, wait_as_systemd
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

_LEAD = 15  # s in which the schedules are read and the tapes rendered
_EVERY = 7  # s: a clip, its amplifiers' linger and rest, and the next one's warm-up
_WHO = "bench"
_SPOKEN = "Nước sông đang lên nhanh. Đề nghị bà con di chuyển đến nơi cao."
_CONFIG = """\
name = "Đài thử"
trust_clock = true
allowed_hours = ["00:00-24:00"]
level = []
[audio]
device = "pulse:rig"
[zones.bac]
title = "Thôn Bắc"
warm_up = "{warm_up}s"
linger = "1s"
rest = "{rest}s"
[zones.dong]
title = "Thôn Đông"
warm_up = "{warm_up}s"
linger = "1s"
rest = "{rest}s"
"""
_STREAM = """\
[streams.ban]
title = "Đài bạn"
address = "{address}"
"""


class OwnStation(Contender):
    """A station in a folder of its own, its clips added and approved."""

    name = "Loa xã"
    has_amplifiers = True
    lead = _LEAD

    def __init__(self, ground: Ground) -> None:
        self._clips = ground.clips
        config = _CONFIG.format(warm_up=ground.amplifiers.warm_up, rest=ground.amplifiers.rest)
        if ground.stream:
            config += _STREAM.format(address=ground.stream)
        self._station = RunningStation(ground.folder, config)
        self._written = 0

    def arrange(self, starts: int) -> list[float]:
        return [self._schedule('play = "short"', self.lead + it * _EVERY) for it in range(starts)]

    def arrange_long(self) -> float:
        return self._schedule('play = "long"', more='late = "join"')

    def play_pair(self) -> float:
        return self._schedule('play = "short"\n[[rundown]]\nplay = "other"')

    def play_long(self) -> float:
        self._ask(Play("long", _WHO))
        return wall_ms()

    def play_stream(self) -> None:
        self._schedule('rebroadcast = "ban"\nfor = "3m"\nfallback = "long"')

    def order_stop(self) -> None:
        self._ask(Stop(_WHO))

    def order_emergency(self, *, spoken: bool) -> None:
        self._ask(Emergency(_WHO, text=_SPOKEN) if spoken else Emergency(_WHO, segment="other"))

    def crash(self) -> None:
        self._station.kill()
        off = [sys.executable, "-m", "station.air.off"]  # the unit's ExecStopPost=
        subprocess.run(off, check=True, env={**os.environ, "STATION_HOME": str(self._station.home)})
        wait_as_systemd()
        self._station.start()

    def processes(self) -> list[int]:
        return [self._station.pid]

    def _schedule(self, item: str, ahead: float = _LEAD, more: str = "") -> float:
        self._written += 1
        return self._station.schedule(f"bench-{self._written}", ahead, item, more)

    def _ask(self, order: Request) -> None:
        answer = ask(self._station.home / "run" / "station.sock", order, timeout=60)
        assert answer.done, answer.sentence

    def __enter__(self) -> Self:
        for name, clip in (("short", self._clips.short), ("other", self._clips.other), ("long", self._clips.long)):
            done = self._station.command("add", str(clip), "--title", name, "--approve")
            assert done.returncode == 0, done.stderr
        self._station.start()
        wait_until(lambda: self._station.status()["on_air"] is None)
        return self

    def __exit__(self, *_: object) -> None:
        self._station.__exit__()
