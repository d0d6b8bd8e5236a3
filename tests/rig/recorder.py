"""Records what the sink plays, so that each sample has its instant."""

import os
import subprocess
from threading import Thread
from typing import IO, Self

import numpy as np
from attrs import frozen

from tests.rig.recording import PER_MS, Recording
from tests.rig.server import RATE, SINK, SoundServer
from tests.rig.waiting import wait_until, wall_ms

FRAGMENT = 5  # ms: the sink renders that far ahead, so a sample is recorded that long before it sounds
_LATEST = 100  # ms that a fragment may be late on a busy machine
_SETTLING = 300  # ms of the first fragments, which come in a burst, are thrown away


@frozen
class _Fragment:
    samples: bytes
    arrived: float  # wall ms


class Recorder:
    """Listens to a sink of the server from `with` until its end; `recording` is what it heard so far."""

    def __init__(self, server: SoundServer, fragment: int = FRAGMENT, sink: str = SINK) -> None:
        self._server = server
        self._fragment = fragment
        self._sink = sink
        self._heard: list[_Fragment] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None

    @property
    def recording(self) -> Recording:
        """All samples since the start, the first at its wall-clock instant.

        A fragment can arrive late but never early: the earliest of them all, seen from the first sample, tells when
        that sample was recorded.
        """
        heard = list(self._heard)
        ends = np.cumsum([len(fragment.samples) for fragment in heard]) / 2 / PER_MS
        arrived = np.array([fragment.arrived for fragment in heard])
        joined = b"".join(fragment.samples for fragment in heard)
        samples = np.frombuffer(joined[: len(joined) // 2 * 2], dtype="<i2")
        return Recording(samples, float(np.min(arrived - ends)) + self._fragment)

    def heard_until(self, instant: float) -> bool:
        """Whether all that sounded before the wall-clock `instant` ms is surely recorded."""
        return self._heard[-1].arrived >= instant + _LATEST

    def __enter__(self) -> Self:
        form = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1")
        self._process = subprocess.Popen(
            ["parec", *form, f"--latency-msec={self._fragment}", f"--device={self._sink}.monitor"],
            env=os.environ | self._server.environment,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self._process.stdout is not None
        self._thread = Thread(target=self._listen, args=(self._process.stdout,))
        self._thread.start()
        wait_until(lambda: self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._thread is not None
        self._process.terminate()
        self._process.wait()
        self._thread.join()

    def _listen(self, stream: IO[bytes]) -> None:
        first: float | None = None
        while samples := stream.read(1 << 16):
            now = wall_ms()
            first = first or now
            if now - first > _SETTLING:
                self._heard.append(_Fragment(samples, now))
