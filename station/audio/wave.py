"""The outline of a sound: the highest sample of every 20 ms, gathered while it streams by at a low rate."""

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from station.audio.ffmpeg import ffmpeg, reading
from station.rules.now import DAY

RATE = 4_000  # Hz, at which it streams by: 16 bit, mono, little-endian
FILTER = f"aresample={RATE}:filter_size=8"  # so short that it costs little: it is only looked at
BLOCK = 20  # ms
BARS = 800
FULL_SCALE = 32_768

_PER_MS = RATE // 1_000
_SAMPLES = BLOCK * _PER_MS
_WIDTH = 2  # bytes of a sample


class Outline:
    """The peaks of what is given to `take`, one for each `BLOCK` ms."""

    def __init__(self) -> None:
        self._left = b""
        self._peaks = array("H")
        self._bytes = 0

    def take(self, chunk: bytes) -> None:
        """Hear more samples."""
        self._bytes += len(chunk)
        data = self._left + chunk
        full = len(data) - len(data) % (_SAMPLES * _WIDTH)
        self._left = data[full:]
        samples = _samples(data[:full])
        self._peaks.extend(_peak(samples[at : at + _SAMPLES]) for at in range(0, len(samples), _SAMPLES))

    @property
    def peaks(self) -> Sequence[int]:
        """The highest sample of each block, 0 to `FULL_SCALE`; the last block may be shorter."""
        rest = _samples(self._left[: len(self._left) // _WIDTH * _WIDTH])
        return [*self._peaks, _peak(rest)] if rest else self._peaks

    @property
    def length(self) -> int:
        """Milliseconds, rounded up."""
        return -(-self._bytes // (_WIDTH * _PER_MS))


def outline(file: Path) -> bytes:
    """The bars of a finished file; none when it cannot be read."""
    heard = Outline()
    filters = f"{FILTER},aformat=sample_fmts=s16"
    ffmpeg([*reading(file), "-map", "0:a:0", "-af", filters, "-f", "s16le", "pipe:1"], length=DAY, take=heard.take)
    return bars(heard.peaks, 0, 0)


def bars(peaks: Sequence[int], gain: float, ceiling: float) -> bytes:
    """At most `BARS` bars of 0 to 255 that show the peaks, `gain` dB louder and held below `ceiling` dBFS."""
    count = min(BARS, len(peaks))
    factor, highest = 255 / FULL_SCALE * 10 ** (gain / 20), round(255 * 10 ** (ceiling / 20))
    edges = [number * len(peaks) // count for number in range(count + 1)] if count else [0]
    return bytes(min(highest, round(max(peaks[begin:end]) * factor)) for begin, end in pairwise(edges))


def faded(shown: bytes, length: int, fade_in: int, fade_out: int) -> bytes:
    """The same bars of `length` ms, faded in and out over so many ms."""
    each = length / len(shown) if shown else 0
    return bytes(
        round(bar * min(1, *_share(fade_in, (at + 0.5) * each), *_share(fade_out, length - (at + 0.5) * each)))
        for at, bar in enumerate(shown)
    )


def _share(fade: int, from_edge: float) -> tuple[float, ...]:
    return (from_edge / fade,) if fade else (1,)


def _samples(data: bytes) -> "array[int]":
    samples = array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _peak(samples: "array[int]") -> int:
    highest, lowest = max(samples), min(samples)
    return max(highest, -lowest)
