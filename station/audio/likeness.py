"""How alike two stretches of sound are, and how far apart in time: plain correlation, light enough for a Pi."""

import math
from array import array
from collections.abc import Sequence
from operator import mul

from attrs import frozen

from station.audio.wav import SAMPLES_PER_MS

_FULL_SCALE = 32_768
_NOTHING = -96.0  # dB of full scale: 16 bits hold no less
_COARSE = SAMPLES_PER_MS  # samples summed into one for the first search, over all of it
_FINE = 4  # for the second one, over its loudest `_LOUDEST` ms
_LOUDEST = 50
_NEAR = 2 * SAMPLES_PER_MS  # samples around the first result that the second one searches


@frozen
class Likeness:
    """`match` is the correlation (0 to 1, whatever the polarity), `late` in ms and `louder` in dB."""

    match: float
    late: float
    louder: float


def compare(expected: "array[int]", heard: "array[int]") -> Likeness:
    """Find `expected` in `heard`, which reaches equally far before and after it."""
    reach = (len(heard) - len(expected)) // 2
    coarse, _ = _best(_summed(expected, _COARSE), _summed(heard, _COARSE))
    begin = _loudest(expected)
    around = max(0, coarse * _COARSE + begin - _NEAR)
    window = expected[begin : begin + _LOUDEST * SAMPLES_PER_MS]
    near = heard[around : around + len(window) + 2 * _NEAR]
    fine, match = _best(_summed(window, _FINE), _summed(near, _FINE))
    place = max(0, around + fine * _FINE - begin)
    louder = level(heard[place : place + len(expected)]) - level(expected)
    return Likeness(match, (place - reach) / SAMPLES_PER_MS, louder)


def level(samples: "array[int]") -> float:
    """The power of samples, in dB of full scale."""
    power = sum(map(mul, samples, samples)) / len(samples) if samples else 0
    return max(_NOTHING, 10 * math.log10(power / _FULL_SCALE**2)) if power else _NOTHING


def _best(wanted: Sequence[int], heard: Sequence[int]) -> tuple[int, float]:
    """Where `wanted` fits best into `heard`, and how well."""
    own = sum(map(mul, wanted, wanted))
    best, place = 0.0, 0
    energy = sum(map(mul, heard[: len(wanted)], heard[: len(wanted)]))
    for at in range(len(heard) - len(wanted) + 1):
        product = sum(map(mul, wanted, heard[at : at + len(wanted)]))
        if own and energy and (match := product * product / (own * energy)) > best:
            best, place = match, at
        if at + len(wanted) < len(heard):
            energy += heard[at + len(wanted)] ** 2 - heard[at] ** 2
    return place, math.sqrt(best)


def _summed(samples: "array[int]", count: int) -> "array[int]":
    """Fewer samples, each the sum of `count`: its lower frequencies, which tell where it is."""
    return array("q", [sum(samples[at : at + count]) for at in range(0, len(samples) - count + 1, count)])


def _loudest(samples: "array[int]") -> int:
    """Where its loudest `_LOUDEST` ms begin."""
    length = _LOUDEST * SAMPLES_PER_MS
    starts = range(0, max(1, len(samples) - length + 1), length)
    return max(starts, key=lambda at: level(samples[at : at + length]))
