"""liquidsoap from Debian: clips that its own clock switches to, and a queue that takes orders by telnet."""

import datetime as dt
import socket
import subprocess
from typing import Self

from tests.bench.contenders import SECOND, Contender, Ground, end, next_starts, start_quietly, wait_as_systemd
from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until, wall_ms

_LEAD = 6  # s in which it has started
_LONG = 60  # s
_SCRIPT = """\
settings.init.allow_root.set(true)
settings.server.telnet.set(true)
settings.server.telnet.port.set({port})
queue = request.queue(id="queue")
output.pulseaudio(switch(track_sensitive=false, [
  ({{ {due} }}, single("{clip}")), ({{true}}, fallback(track_sensitive=false, [queue, {otherwise}]))
]))
"""


class Liquidsoap(Contender):
    """One liquidsoap process, started when it is known what is due when."""

    name = "liquidsoap"

    def __init__(self, ground: Ground) -> None:
        self._clips = ground.clips
        self._stream = ground.stream
        self._port = free_port()
        self._script = ground.folder / "bench.liq"
        self._process: subprocess.Popen[bytes] | None = None

    def arrange(self, starts: int) -> list[float]:
        instants = next_starts(starts, _LEAD)
        self._restart(due=" or ".join(_window(instant, 1) for instant in instants))
        return instants

    def arrange_long(self) -> float:
        (instant,) = next_starts(1, _LEAD)
        self._restart(due=_window(instant, _LONG), clip=self._clips.long)
        return instant

    def play_pair(self) -> float:
        return self._push(self._clips.short, self._clips.other)

    def play_long(self) -> float:
        return self._push(self._clips.long)

    def play_stream(self) -> None:
        live, recorded = f'input.http("{self._stream}")', f'single("{self._clips.long}")'
        self._restart(otherwise=f"fallback(track_sensitive=false, [{live}, {recorded}])")

    def order_stop(self) -> None:
        self._tell("queue.flush_and_skip")

    def crash(self) -> None:
        end(self._process)
        wait_as_systemd()
        self._start()

    def processes(self) -> list[int]:
        return [self._process.pid] if self._process else []

    def _restart(self, due: str = "false", clip: object = "", otherwise: str = "blank()") -> None:
        end(self._process)
        clip = clip or self._clips.short
        self._script.write_text(_SCRIPT.format(port=self._port, clip=clip, due=due, otherwise=otherwise))
        self._start()

    def _start(self) -> None:
        self._process = start_quietly("env", "TZ=UTC", "liquidsoap", self._script)
        wait_until(lambda: listens(self._port), timeout=20)

    def _push(self, *clips: object) -> float:
        self._tell(*(f"queue.push {clip}" for clip in clips))
        return wall_ms()

    def _tell(self, *orders: str) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as link:
            for order in (*orders, "quit"):
                link.sendall(f"{order}\n".encode())
            while link.recv(4_096):
                pass

    def __enter__(self) -> Self:
        self._restart()
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)


def _window(instant: float, seconds: int) -> str:
    """So many seconds from the instant on, as liquidsoap writes times of day."""
    begin = dt.datetime.fromtimestamp(instant / SECOND, dt.UTC)
    last = begin + dt.timedelta(seconds=seconds)
    return f"{begin:%Hh%Mm%Ss}-{last:%Hh%Mm%Ss}"
