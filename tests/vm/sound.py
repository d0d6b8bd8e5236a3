"""What a machine's sound card gives out, recorded in it in real time and judged here."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from tests.rig.recording import RATE, Recording
from tests.rig.waiting import wait_until
from tests.vm.machine import Machine
from tests.vm.station import LENGTH_S, PITCH

DEVICE = "alsa:plughw:CARD=Horn,DEV=0"  # what a station plays into
_SCRIPT = Path(__file__).parent / "guest/listen.py"
_SECOND = RATE * 4  # bytes
_THERE = "/run/listen.py"


PAUSE = 5_000  # ms without sound: what an emulated player that lacks processor may make


def programme_in(sound: Recording) -> tuple[float, float]:
    """Where in a recording the programme begins and ends (wall ms); fails unless it is there once, and whole."""
    heard = sound.intervals(PAUSE)
    assert len(heard) == 1, heard
    first, last = heard[0].start, heard[0].end
    assert abs(last - first - LENGTH_S * 1000) < 1_500, (first, last)
    assert abs(sound.between(first + 5_000, last - 5_000).pitch() - PITCH) < 2
    return first, last


class Listening:
    """Records from `with` until `end()`, which gives what was heard, its instants by the machine's wall clock."""

    def __init__(self, machine: Machine, name: str = "heard") -> None:
        self._machine = machine
        self._file = f"/run/{name}.raw"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._machine.copy(_SCRIPT, _THERE)
        self._machine.run(f"rm -f {self._file}")
        self._process = self._machine.start(f"python3 {_THERE} {self._file}")
        wait_until(self._begun, 30, every=0.5)
        return self

    def hears(self) -> bool:
        """Whether it sounds now: in the last second that was recorded."""
        told = self._machine.run(f"tail -c {_SECOND} {self._file} | tr -d '\\0' | wc -c")
        return int(told) > _SECOND // 10

    def end(self) -> Recording:
        """End it and fetch the recording."""
        assert self._process
        told, _ = self._process.communicate(b"", timeout=60)
        self._process = None
        words = told.decode().split()
        if not words or not words[-1].isdigit():
            raise RuntimeError(f"nothing was recorded: {told.decode()}")
        samples = np.frombuffer(self._machine.fetch(self._file), "<i2")
        return Recording(samples[: len(samples) // 2 * 2 : 2], int(words[-1]) / 1e6)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    def _begun(self) -> bool:
        return self._machine.status(f"test -s {self._file}") == 0
