"""Hearing: the samples that an ear captured lately, by the instant at which they sounded."""

import subprocess
import sys
from array import array
from collections import deque
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import IO

from attrs import frozen

from station.air.ear import HEADER
from station.air.precedence import ORDINARY
from station.audio.wav import BYTES_PER_MS

_KEPT = 3_000  # ms
_SEAM = 1.5  # ms by which a block may be off the end of the one before
_ROOT = Path(__file__).resolve().parents[2]


@frozen
class _Block:
    """Samples from mono ms `start` to `end`."""

    start: float
    end: float
    samples: bytes


class Hearing:
    """An ear at a capture device, in a process of its own, until it is closed."""

    def __init__(self, address: str) -> None:
        command = [*ORDINARY, sys.executable, "-m", "station.air.ear", address]
        self._child = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._blocks: deque[_Block] = deque()
        Thread(target=self._listen, args=(self._child.stdout,), daemon=True).start()

    @property
    def latest(self) -> float | None:
        """The mono ms up to which all is captured."""
        return self._blocks[-1].end if self._blocks else None

    def between(self, start: float, end: float) -> "array[int] | None":
        """What sounded from mono ms `start` to `end`, if every sample of it was captured."""
        blocks = [it for it in list(self._blocks) if it.end > start and it.start < end]
        if not blocks or blocks[0].start > start or blocks[-1].end < end:
            return None
        if any(abs(new.start - old.end) > _SEAM for old, new in pairwise(blocks)):
            return None
        heard = array("h", b"".join(block.samples for block in blocks))
        first = round((start - blocks[0].start) * BYTES_PER_MS / heard.itemsize)
        count = round((end - start) * BYTES_PER_MS / heard.itemsize)
        return heard[first : first + count]

    def close(self) -> None:
        """Listen no more."""
        self._child.kill()
        self._child.wait()

    def _listen(self, stream: IO[bytes]) -> None:
        while len(head := stream.read(HEADER.size)) == HEADER.size:
            micros, size = HEADER.unpack(head)
            start = micros / 1e3
            block = _Block(start, start + size / BYTES_PER_MS, stream.read(size))
            self._blocks.append(block)
            while block.end - self._blocks[0].end > _KEPT:
                self._blocks.popleft()
