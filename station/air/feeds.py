"""Live sources on air: samples as they come, whether they are fit to be heard, and else what is wrong."""

import math
import os
import socket
import subprocess
import sys
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from station.air.ports import Clock
from station.air.precedence import ORDINARY
from station.audio.wav import BYTES_PER_MS
from station.rules.rundown import BROWSER, Stretch

_READY = 1_000  # ms that are held before a source is heard: it must not falter at once
_RESERVE = 120  # ms that are always left, for fading out when no more comes
_MOST = 4_000  # ms; more is thrown away, so that live stays live
_STALLED = 3_000  # ms without a sample, after which the source is asked for anew
_SILENT = 4_000  # ms of silence, after which a stream counts as lost
_SOUNDING = 1_000  # ms of sound, after which it counts as back
_QUIET = -50.0  # dB of full scale
_TRY_AGAIN = (1.0, 2.0, 3.0)  # s after each failure; the last for ever
_EVERY = 8  # of the samples, only each eighth is weighed
_FULL_SCALE = 32_768
_CHUNK = 1 << 14  # bytes
_ROOT = Path(__file__).resolve().parents[2]


class Feed:
    """Samples of one source while it is open; all may be called from any thread."""

    def __init__(self, stretch: Stretch, address: str, clock: Clock) -> None:
        self.stretch = stretch
        self._address = address
        self._clock = clock
        self._lock = Lock()
        self._held = bytearray()
        self._good = False
        self._came_at: int | None = None
        self._loud_since: int | None = None
        self._quiet_since: int | None = None
        self._over = Event()
        self._child: subprocess.Popen[bytes] | None = None
        Thread(target=self._listen if stretch.source == BROWSER else self._decode, daemon=True).start()

    @property
    def fit(self) -> bool:
        """Whether it may be heard now: it comes, it sounds, and enough of it is held."""
        now = self._clock.now().mono
        with self._lock:
            held = len(self._held) // BYTES_PER_MS
            silent = self._is_stream and self._quiet_since is not None and now - self._quiet_since >= _SILENT
            if self._good:
                self._good = held >= _RESERVE and not silent
            elif held >= _READY and not silent:
                sounding = self._loud_since is not None and now - self._loud_since >= _SOUNDING
                self._good = sounding or not self._is_stream
                if self._good:  # from its newest samples on: the oldest may be the silence of its first second
                    del self._held[: len(self._held) - _READY * BYTES_PER_MS]
            return self._good

    @property
    def trouble(self) -> str:
        """Why it is not heard, as a sentence; empty while it is fit."""
        if self._good:
            return ""
        now = self._clock.now().mono
        name = self.stretch.title
        if not self._is_stream:
            return f"Chưa nhận được tiếng từ “{name}”."
        if self._came_at is None or now - self._came_at > _READY:
            return f"Mất sóng “{name}” (không nhận được dữ liệu); đang phát chương trình thay thế."
        if self._quiet_since is not None:
            return f"Mất sóng “{name}” (luồng im tiếng); đang phát chương trình thay thế."
        return f"Đang chờ sóng “{name}”; đang phát chương trình thay thế."

    def take(self, count: int) -> bytes:
        """The next `count` bytes, or fewer when there are not so many."""
        with self._lock:
            taken = bytes(self._held[:count])
            del self._held[:count]
        return taken

    def keep_short(self) -> None:
        """Let go of what is held beyond what is needed to begin, as long as it is not heard yet."""
        with self._lock:
            del self._held[: max(0, len(self._held) - 2 * _READY * BYTES_PER_MS)]

    def close(self) -> None:
        """Let go of the source."""
        self._over.set()
        if child := self._child:
            child.kill()

    @property
    def _is_stream(self) -> bool:
        return self.stretch.source.startswith("stream:")

    def _hear(self, samples: bytes) -> None:
        now = self._clock.now().mono
        weighed = array("h", samples[: len(samples) // 2 * 2])[::_EVERY]
        power = sum(it * it for it in weighed) / len(weighed) if weighed else 0
        loud = power > 0 and 10 * math.log10(power / _FULL_SCALE**2) > _QUIET
        with self._lock:
            self._came_at = now
            self._held += samples
            del self._held[: max(0, len(self._held) - _MOST * BYTES_PER_MS) // 2 * 2]
            if loud:
                self._quiet_since = None
                self._loud_since = now if self._loud_since is None else self._loud_since
            elif self._quiet_since is None:
                self._quiet_since = now
            elif now - self._quiet_since >= _SILENT:
                self._loud_since = None

    def _lose(self) -> None:
        with self._lock:
            self._loud_since = None

    # From an address, by a child

    def _decode(self) -> None:
        failures = 0
        while not self._over.is_set():
            began = self._clock.now().mono
            self._decode_once()
            self._lose()
            failures = 0 if self._clock.now().mono - began > _MOST else failures + 1
            self._over.wait(_TRY_AGAIN[min(failures, len(_TRY_AGAIN) - 1)])

    def _decode_once(self) -> None:
        command = [*ORDINARY, sys.executable, "-m", "station.air.feed", self._address]
        child = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._child = child
        stalled = _Patience(_STALLED / 1e3, child.kill)
        try:
            while not self._over.is_set() and (samples := os.read(_number(child.stdout), _CHUNK)):
                stalled.renew()
                self._hear(samples)
        finally:
            stalled.end()
            child.kill()
            child.wait()

    # From a browser, by a socket

    def _listen(self) -> None:
        place = Path(self._address)
        place.unlink(missing_ok=True)
        with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
            server.bind(str(place))
            place.chmod(0o660)
            server.listen(1)
            server.settimeout(0.2)
            while not self._over.is_set():
                with suppress(TimeoutError):
                    link, _ = server.accept()
                    self._receive(link)
        place.unlink(missing_ok=True)

    def _receive(self, link: socket.socket) -> None:
        with link:
            link.settimeout(0.2)
            while not self._over.is_set():
                with suppress(TimeoutError):
                    if not (samples := link.recv(_CHUNK)):
                        return
                    self._hear(samples)


class _Patience:
    """Does what it was given when it was not renewed in time."""

    def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._renewed = Event()
        self._ended = False
        Thread(target=self._watch, daemon=True).start()

    def renew(self) -> None:
        """Be patient again."""
        self._renewed.set()

    def end(self) -> None:
        """Wait no more."""
        self._ended = True
        self._renewed.set()

    def _watch(self) -> None:
        self._renewed.wait(10 * self._seconds)  # a first connection takes its time
        while not self._ended:
            self._renewed.clear()
            if not self._renewed.wait(self._seconds) and not self._ended:
                self._give_up()
                return


def _number(pipe: Any) -> int:
    return int(pipe.fileno())
