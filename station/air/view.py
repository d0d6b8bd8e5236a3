"""The view: a tape as libVLC is given it, from an offset on, as a WAV file that is never written.

Where the offset cuts into sound the view fades in: a resumed broadcast begins without a click on any output.
"""

import math
import os
from array import array

from station.audio.wav import BYTES_PER_MS, HEADER_SIZE, header
from station.rules.rundown import Tape

FADE_IN = 30  # ms
_MOST = 64 * 1024  # bytes a read; libVLC would take a whole tape at once, and hold up everything meanwhile
_BLOCK = 100  # ms for which one level is kept
_EVERY = 8  # of the samples, only each eighth is weighed
_FULL_SCALE = 32_768
_NOTHING = -96.0  # dB of full scale: 16 bits hold no less


class TapeView:
    """Reads like a file of `size` bytes; raises OSError when the tape's own file is not there."""

    def __init__(self, tape: Tape, offset: int) -> None:
        self._file = os.open(tape.path, os.O_RDONLY)
        self._begin = HEADER_SIZE + offset * BYTES_PER_MS
        self._length = max(0, tape.lead + tape.length + tape.tail - offset) * BYTES_PER_MS
        self._head = header(self._length)
        if offset > tape.lead:
            self._head += _faded_in(os.pread(self._file, FADE_IN * BYTES_PER_MS, self._begin))
        self._place = 0
        self._levels: dict[int, float] = {}

    @property
    def size(self) -> int:
        """Bytes, the header included."""
        return HEADER_SIZE + self._length

    def seek(self, place: int) -> None:
        """Read next from byte `place`."""
        self._place = place

    def read(self, most: int) -> bytes:
        """The next bytes, `most` of them or fewer; none at the end."""
        if self._place < len(self._head):
            given = self._head[self._place : self._place + most]
        else:
            at = self._place - HEADER_SIZE
            given = os.pread(self._file, min(most, _MOST, self._length - at), self._begin + at)
            self.weigh(given, at)
        self._place += len(given)
        return given

    def level(self, at: int) -> float | None:
        """The level `at` ms after the view's beginning, in dB of full scale, if that was read."""
        return self._levels.get(at // _BLOCK)

    def played(self, at: int) -> None:
        """Its first sample leaves at mono ms `at`; a tape alone need not know."""

    def tend(self, position: int) -> str:  # noqa: ARG002 - as above
        """Nothing has to be opened or closed, and nothing can be wrong."""
        return ""

    def release(self) -> None:
        """No read ever waits."""

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def weigh(self, given: bytes, at: int) -> None:
        """Note how loud what was given from byte `at` of the samples on is."""
        if at % 2:
            return
        step = _BLOCK * BYTES_PER_MS
        for start in range(0, len(given), step):
            piece = given[start : start + step]
            samples = array("h", piece[: len(piece) // 2 * 2])[::_EVERY]
            if samples:
                self._levels[(at + start) // step] = _level(samples)


def _faded_in(sound: bytes) -> bytes:
    samples = array("h", sound[: len(sound) // 2 * 2])
    for number, sample in enumerate(samples):
        samples[number] = sample * number // len(samples)
    return samples.tobytes()


def _level(samples: "array[int]") -> float:
    power = sum(sample * sample for sample in samples) / len(samples)
    return max(_NOTHING, 10 * math.log10(power / _FULL_SCALE**2)) if power else _NOTHING
