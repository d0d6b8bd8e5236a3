"""Judging a recording from what was measured of it: what is wrong, where, and whether levelling mends it."""

import math
from collections.abc import Iterable, Sequence
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
_FLAT = 10.0  # dB, of astats' flat factor: the tops of clipped waves are flat
_TOP = 1.4  # percent of samples within a decibel of full scale: flat before a lossy encoder bent them
_FULL = -0.5  # dB of full scale
_STEADY = 8.0  # dB between the loud and the soft tenth: speech has twenty
_FLATNESS = 0.2  # of the spectrum: speech and music are far below, noise above
_LOW, _HIGH = 300.0, 3_500.0  # Hz, the middle of a voice's spectrum at a right speed
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
    """What a first look showed: `loudness` in LUFS; each channel's power, and how much of it is `low`, in dB.

    `flat` is how flat the tops of its waves are, in dB.
    """

    loudness: float
    channels: Sequence[float]
    flat: float
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


def judge(seen: Survey, tops: Tops, lifted: float) -> tuple[Finding, ...]:
    """What is wrong with a piece of a recording, all of it; it was made `lifted` dB louder."""
    kind = _kind(seen.frames)
    found = (
        Finding(Problem.DEAD_CHANNEL, repaired=True) if live_channel(seen.channels) is not None else None,
        Finding(Problem.QUIET, repaired=True, figure=round(lifted)) if seen.loudness < _QUIET else None,
        Finding(Problem.HUM, repaired=True, figure=round(seen.low, 1)) if _HUM < seen.low < math.inf else None,
        Finding(Problem.CLIPPED, figure=round(tops.share, 1)) if _is_clipped(seen, tops) else None,
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


def placed(findings: Iterable[Finding], begin: int, end: int) -> tuple[Finding, ...]:
    """The same, said of one piece among others."""
    return tuple(evolve(finding, at=begin, until=end) for finding in findings)


def first_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each problem once, but every pause."""
    told: dict[object, Finding] = {}
    for number, finding in enumerate(findings):
        told.setdefault(number if finding.problem is Problem.PAUSE else finding.problem, finding)
    return tuple(told.values())


def _is_clipped(seen: Survey, tops: Tops) -> bool:
    if seen.flat > _FLAT:
        return True
    return tops.highest > _FULL and tops.share > _TOP and _swing(seen.frames) > _STEADY


def _kind(frames: Sequence[Frame]) -> Problem | None:
    """Whether it sounds like noise, or like a voice at a wrong speed."""
    heard = [frame for frame in frames if frame.level > _AUDIBLE]
    if len(heard) < _FEW:
        return None
    if _swing(frames) < _STEADY:
        return Problem.NOISY if _middle([it.flatness for it in heard]) > _FLATNESS else None
    loud = sorted(heard, key=lambda it: it.level)[len(heard) // 2 :]
    centre = _middle([it.centre for it in loud])
    noisy = _middle([it.flatness for it in loud]) > 2 * _FLATNESS
    return None if noisy or _LOW < centre < _HIGH else Problem.WRONG_SPEED


def _swing(frames: Sequence[Frame]) -> float:
    """How many dB lie between its loud and its soft moments."""
    levels = sorted(frame.level for frame in frames if frame.level > _AUDIBLE)
    return levels[len(levels) * 19 // 20] - levels[len(levels) // 10] if levels else 0.0


def _middle(numbers: Sequence[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def _ended(problem: Problem, at: int, silent: int) -> Finding:
    return Finding(problem, at=at, until=at, repaired=True, figure=round(silent / SECOND, 1))


def _pauses(sounding: Sequence[int], begin: int) -> Iterable[Finding]:
    for before, after in pairwise(sounding):
        if (after - before - 1) * BLOCK >= _LONG_PAUSE:
            at, until = (before + 1) * BLOCK - begin, after * BLOCK - begin
            yield Finding(Problem.PAUSE, at=at, until=until, figure=round((until - at) / SECOND, 1))
