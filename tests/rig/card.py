"""A sound card whose clock is wrong: a sink that takes its samples as fast as we read them.

While nobody plays, PulseAudio's pipe sink writes nothing.
"""

import fcntl
import os
import select
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread, get_native_id
from typing import Self

import numpy as np

from tests.rig.recording import PER_MS, Recording
from tests.rig.waiting import wall_ms

CARD = "card"
_PIECE = 5 * PER_MS * 2  # bytes
_PIPE = 4_096  # bytes, the smallest that Linux has: what waits in it is heard late
_PATIENCE = 0.2  # s after which nobody plays, and it is not just a busy sound server
_PRIORITY = -11  # the sound server's own


class WrongCard:
    """Reads `parts_per_million` too fast while entered; its sink is made by `module`."""

    def __init__(self, folder: Path, parts_per_million: float) -> None:
        self._path = folder / "card.fifo"
        self._per_ms = 2 * PER_MS * (1 + parts_per_million / 1e6)  # bytes
        self._heard: list[bytes] = []
        self._over = Event()
        self._begun = 0.0
        os.mkfifo(self._path)
        self._pipe = os.open(self._path, os.O_RDWR)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._thread = Thread(target=self._take, daemon=True)

    @property
    def module(self) -> str:
        """What the sound server loads."""
        return f"module-pipe-sink sink_name={CARD} file={self._path} format=s16le rate=48000 channels=1"

    @property
    def recording(self) -> Recording:
        """What was heard, each sample at its instant by the right clock."""
        samples = np.frombuffer(b"".join(self._heard), "<i2")
        length = len(samples) * 2 / self._per_ms
        at = np.linspace(0, len(samples) - 1, round(length * PER_MS)).astype(int)
        return Recording(samples[at], self._begun)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)
        os.close(self._pipe)

    def _take(self) -> None:
        """Take what is due, and silence while nobody plays: a card that caught up with that would run away."""
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _PRIORITY)
        self._begun, taken = wall_ms(), 0
        while not self._over.wait(max(0, self._begun + (taken + _PIECE) / self._per_ms - wall_ms()) / 1e3):
            if self._offered():
                piece = os.read(self._pipe, _PIECE)
            else:
                while not self._over.is_set() and not self._offered():
                    pass
                piece = bytes(2 * round((wall_ms() - self._begun) * self._per_ms / 2) - taken)
            self._heard.append(piece)
            taken += len(piece)

    def _offered(self) -> bool:
        return bool(select.select([self._pipe], [], [], _PATIENCE)[0])
