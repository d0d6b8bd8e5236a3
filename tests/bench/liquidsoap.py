"""liquidsoap from Debian: a clip that its own clock switches to, and a queue that takes orders by telnet."""

import datetime as dt
import os
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.bench.contenders import SECOND, Clips, next_starts
from tests.rig.waiting import wait_until, wall_ms

_PORT = 12_399
_LEAD = 6  # s in which it has started
_SCRIPT = """\
settings.init.allow_root.set(true)
settings.server.telnet.set(true)
settings.server.telnet.port.set({port})
queue = request.queue(id="queue")
clip = single("{clip}")
output.pulseaudio(switch(track_sensitive=false, [
  ({{ {due} }}, clip), ({{true}}, fallback(track_sensitive=false, [queue, blank()]))
]))
"""


class Liquidsoap:
    """One liquidsoap process, started when it is known what is due when."""

    name = "liquidsoap"

    def __init__(self, clips: Clips, folder: Path) -> None:
        self._clips = clips
        self._script = folder / "bench.liq"
        self._process: subprocess.Popen[bytes] | None = None

    def arrange(self, starts: int) -> list[float]:
        instants = next_starts(starts, _LEAD)
        self._restart(" or ".join(map(_window, instants)))
        return instants

    def play_pair(self) -> float:
        self._push(self._clips.short, self._clips.other)
        return wall_ms()

    def play_long(self) -> float:
        self._push(self._clips.long)
        return wall_ms()

    def processes(self) -> list[int]:
        return [self._process.pid] if self._process else []

    def _restart(self, due: str) -> None:
        self._stop()
        self._script.write_text(_SCRIPT.format(port=_PORT, clip=self._clips.short, due=due))
        self._process = subprocess.Popen(
            ["liquidsoap", self._script],
            env=os.environ | {"TZ": "UTC"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(_listens, timeout=20)

    def _push(self, *clips: Path) -> None:
        with socket.create_connection(("127.0.0.1", _PORT), timeout=5) as link:
            for clip in clips:
                link.sendall(f"queue.push {clip}\n".encode())
            link.sendall(b"quit\n")
            while link.recv(4_096):
                pass

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self._restart("false")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()


def _window(instant: float) -> str:
    """The instant's second and the next one, as liquidsoap writes times of day."""
    begin = dt.datetime.fromtimestamp(instant / SECOND, dt.UTC)
    end = begin + dt.timedelta(seconds=1)
    return f"{begin:%Hh%Mm%Ss}-{end:%Hh%Mm%Ss}"


def _listens() -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", _PORT)) == 0
