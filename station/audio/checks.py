"""Judging a recording from what was measured of it: what is wrong, where, and whether levelling mends it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from station.audio.wave import BLOCK
from station.rules.findings import Finding, Problem
from station.rules.now import SECOND

KEPT_SILENCE = 300  # ms that may remain at either end

_DEAD = -60.0  # dB of full scale, and
_DEADER = 40.0  # dB below the other channel
_QUIET = -40.0  # LUFS as it came
_HUM = 6.0  # dB of the sound's power that the high-pass takes
_FLAT, _FLAT_SHARE = 10.0, 0.1  # dB of astats' flat factor, and percent of samples: tops cut off at one height
_FULL, _FULL_SHARE = -0.5, 1.4  # dB of full scale, and percent of samples near it: an encoder bent what was flat
_NOISE_FLATNESS = 0.35
_NOISE_SWING = 20.0  # dB between loud and soft that a sound of the flattest spectrum may have: speech has 30
_VOICE_SWING = 15.0  # dB that anything spoken has
_SLOW_CENTRE, _SLOW_LOW = 450.0, -1.2  # Hz and dB: played three times too slowly or worse, a voice is below these
_FAST_LOW, _FAST_FLATNESS = -20.0, 0.3  # dB: four times too fast or worse, nothing is left where voices begin
_RANGE = 1_000  # times below its highest peak nothing is told apart
_AUDIBLE = -70.0  # dB of full scale
_TOLD = 1_000  # ms of cut silence worth a word
_LONG_PAUSE = 10_000  # ms
_FEW = 8  # frames, two seconds: less tells nothing of what kind of sound it is


@frozen
class Frame:
    """A quarter of a second: `level` in dB of full scale; its spectrum's `centre` in Hz and `flatness`, 0 to 1."""

    level: float
    centre: float
    flatness: float


@frozen
class Survey:
    """What a first look showed: `loudness` in LUFS; each channel's power in dB of full scale.

    `flat` is how flat the tops of its waves are, in dB, and `flat_share` how many percent of its samples are there.
    `hum` is what the high-pass takes of its power, and `low` how much of it lies where every voice has some,
    in dB.
    """

    loudness: float
    channels: Sequence[float]
    flat: float
    flat_share: float
    hum: float
    low: float
    frames: Sequence[Frame]


@frozen
class Tops:
    """How near it comes to full scale: `highest` in dB, and the `share` of samples within a decibel, in percent."""

    highest: float
    share: float


def live_channel(channels: Sequence[float]) -> int | None:
    """Which of two channels alone has sound; `None` where both have, or there are not two."""
    if len(channels) != 2:  # noqa: PLR2004 - stereo
        return None
    live = 0 if channels[0] > channels[1] else 1
    dead = channels[1 - live]
    return live if dead < _DEAD and channels[live] - dead > _DEADER else None


def judge(seen: Survey, tops: Tops, lifted: float, peaks: Sequence[int]) -> tuple[Finding, ...]:
    """What is wrong with a piece of a recording, all of it; made `lifted` dB louder it has these `peaks`."""
    kind = _kind(seen.frames, seen.low, _swing(peaks))
    found = (
        Finding(Problem.DEAD_CHANNEL, repaired=True) if live_channel(seen.channels) is not None else None,
        Finding(Problem.QUIET, repaired=True, figure=round(lifted)) if seen.loudness < _QUIET else None,
        Finding(Problem.HUM, repaired=True, figure=round(seen.hum, 1)) if _HUM < seen.hum < math.inf else None,
        _clipped(seen, tops, _swing(peaks)),
        Finding(kind) if kind else None,
    )
    return tuple(finding for finding in found if finding)


def silences(peaks: Sequence[int], threshold: float) -> tuple[int, int, tuple[Finding, ...]]:
    """What of an outline to keep, from ms to ms, and what is told of its silences, with places in what is kept.

    Blocks below `threshold` are silent.
    """
    sounding = [at for at, peak in enumerate(peaks) if peak > threshold]
    if not sounding:
        return 0, len(peaks) * BLOCK, ()
    lead, tail = sounding[0] * BLOCK, (len(peaks) - 1 - sounding[-1]) * BLOCK
    begin = max(0, lead - KEPT_SILENCE)
    end = len(peaks) * BLOCK - max(0, tail - KEPT_SILENCE)
    found = [
        *([_ended(Problem.SILENT_START, 0, lead)] if lead - KEPT_SILENCE >= _TOLD else []),
        *([_ended(Problem.SILENT_END, end - begin, tail)] if tail - KEPT_SILENCE >= _TOLD else []),
        *_pauses(sounding, begin),
    ]
    return begin, end, tuple(found)


def shifted(findings: Iterable[Finding], begin: int, length: int) -> Iterator[Finding]:
    """The same, by their places in what is kept: `length` ms from `begin` on."""
    for finding in findings:
        if finding.at is None or finding.until is None:
            yield finding
        elif finding.until > begin and finding.at < begin + length:
            yield evolve(finding, at=max(0, finding.at - begin), until=min(length, finding.until - begin))


def told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each problem once, but every pause."""
    kept: dict[object, Finding] = {}
    for number, finding in enumerate(findings):
        kept.setdefault(number if finding.problem is Problem.PAUSE else finding.problem, finding)
    return tuple(kept.values())


def _clipped(seen: Survey, tops: Tops, swing: float) -> Finding | None:
    flat = seen.flat > _FLAT and seen.flat_share > _FLAT_SHARE
    full = tops.highest > _FULL and tops.share > _FULL_SHARE and swing > _VOICE_SWING
    return Finding(Problem.CLIPPED, figure=round(max(seen.flat_share, tops.share), 1)) if flat or full else None


def _kind(frames: Sequence[Frame], low: float, swing: float) -> Problem | None:
    """Whether it sounds like noise, or like a voice at a wrong speed."""
    heard = sorted((frame for frame in frames if frame.level > _AUDIBLE), key=lambda it: it.level)
    if len(heard) < _FEW:
        return None
    flatness = _middle([it.flatness for it in heard])
    centre = _middle([it.centre for it in heard[len(heard) // 2 :]])
    if flatness > _NOISE_FLATNESS and swing < _NOISE_SWING * flatness:
        return Problem.NOISY
    slow = centre < _SLOW_CENTRE and low > _SLOW_LOW
    fast = flatness > _FAST_FLATNESS and low < _FAST_LOW
    return Problem.WRONG_SPEED if swing > _VOICE_SWING and (slow or fast) else None


def _swing(peaks: Sequence[int]) -> float:
    """How many dB lie between the loud and the soft moments, from the first to the last sound."""
    floor = max(peaks, default=0) / _RANGE
    sounding = [at for at, peak in enumerate(peaks) if peak > floor]
    if not sounding:
        return 0.0
    between = sorted(max(peak, floor) for peak in peaks[sounding[0] : sounding[-1] + 1])
    return 20 * math.log10(between[len(between) * 19 // 20] / between[len(between) // 10])


def _middle(numbers: Sequence[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def _ended(problem: Problem, at: int, silent: int) -> Finding:
    return Finding(problem, at=at, until=at, repaired=True, figure=round(silent / SECOND, 1))


def _pauses(sounding: Sequence[int], begin: int) -> Iterable[Finding]:
    for before, after in pairwise(sounding):
        if (after - before - 1) * BLOCK >= _LONG_PAUSE:
            at, until = (before + 1) * BLOCK - begin, after * BLOCK - begin
            yield Finding(Problem.PAUSE, at=at, until=until, figure=round((until - at) / SECOND, 1))
