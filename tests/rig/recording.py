"""A recording, and what can be asked of it. Instants are wall-clock ms, lengths ms."""

import re
import subprocess
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

RATE = 48_000
PER_MS = RATE // 1_000
AUDIBLE = 33  # of 32,768: −60 dB; digital silence is 0
ROUNDING = 4  # of 32,768: what a resampler at rest and a volume of 100 % may cost on the way

Samples = npt.NDArray[np.int16]


@frozen
class Interval:
    """Sound without a longer silence inside."""

    start: float
    end: float


@frozen
class Alignment:
    """Where a known sound lies in a recording: `start` is the instant of its first sample.

    `missing` in ms of it are not there, or not in their place, sample by sample.
    """

    start: float
    missing: float


@frozen(eq=False)
class Recording:
    """Mono samples, the first of which sounded at `start`."""

    samples: Samples
    start: float

    @property
    def end(self) -> float:
        """The instant after the last sample."""
        return self.start + len(self.samples) / PER_MS

    def between(self, start: float, end: float) -> "Recording":
        """Cut out what sounded from `start` to `end`."""
        first = max(0, round((start - self.start) * PER_MS))
        last = max(first, round((end - self.start) * PER_MS))
        return Recording(self.samples[first:last], self.start + first / PER_MS)

    def first_sound(self) -> float:
        """The instant of the first audible sample; fails if there is none."""
        return self.intervals()[0].start

    def intervals(self, silence: float = 200) -> list[Interval]:
        """All stretches of sound that silence of at least that length separates."""
        audible = np.flatnonzero(np.abs(self.samples.astype(np.int32)) > AUDIBLE)
        if not len(audible):
            return []
        breaks = np.flatnonzero(np.diff(audible) > silence * PER_MS)
        starts = np.concatenate((audible[:1], audible[breaks + 1]))
        ends = np.concatenate((audible[breaks], audible[-1:])) + 1
        return [Interval(self._instant(start), self._instant(end)) for start, end in zip(starts, ends, strict=True)]

    def longest_silence(self) -> float:
        """The longest silence between the first and the last sound."""
        audible = np.flatnonzero(np.abs(self.samples.astype(np.int32)) > AUDIBLE)
        return float(np.max(np.diff(audible), initial=1) - 1) / PER_MS

    def loudness(self) -> float:
        """Integrated loudness in LUFS, by ffmpeg's ebur128."""
        form = ("-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-")
        told = subprocess.run(
            ["ffmpeg", "-nostdin", "-hide_banner", *form, "-af", "ebur128", "-f", "null", "-"],
            input=self.samples.tobytes(),
            capture_output=True,
            check=True,
        ).stderr.decode()
        return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])

    def pitch(self) -> float:
        """The strongest frequency, in Hz."""
        power = np.abs(np.fft.rfft(self.samples * np.hanning(len(self.samples))))
        return float(np.argmax(power)) * RATE / len(self.samples)

    def find(self, sound: Samples) -> Alignment:
        """Find `sound` where it fits best, and count what is missing of it there."""
        at = _best_shift(self.samples, sound)
        heard = np.zeros(len(sound), np.int32)
        first, last = max(0, at), min(len(self.samples), at + len(sound))
        heard[first - at : last - at] = self.samples[first:last]
        wrong = np.count_nonzero(np.abs(heard - sound) > ROUNDING)
        return Alignment(self._instant(at), wrong / PER_MS)

    def _instant(self, sample: Any) -> float:
        return self.start + float(sample) / PER_MS


def _best_shift(samples: Samples, sound: Samples) -> int:
    """By how many samples `sound` must be moved to fit `samples` best: the peak of their correlation."""
    size = 1 << (len(samples) + len(sound)).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(sound, size))
    shift = int(np.argmax(np.fft.irfft(spectrum, size)))
    return shift - size if shift > len(samples) else shift
