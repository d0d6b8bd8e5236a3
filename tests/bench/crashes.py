"""From kill -9 in the middle of a programme to its sound again, and how far off its place that is."""

import statistics

from attrs import frozen

from tests.bench.contenders import Amplifiers, Clips, Maker, Unable
from tests.bench.studio import Figure, Studio, record_until, say
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.tapes import read_tape
from tests.rig.waiting import wait_until_wall, wall_ms

_TIMES = 3
_PLAYED = 8_000  # ms before it is killed
_WITHIN = 20_000  # ms
_TAIL = 100  # ms that the sound server goes on
_LOOKED_UP = 500  # ms of sound that are looked for in the clip


@frozen
class _Return:
    after: float
    off: float


def crashes(studio: Studio, make: Maker) -> list[Figure]:
    """Without amplifiers to wait for, and with what they usually need."""
    figures = _figures(studio, make, Amplifiers(0, 0), "")
    if make.has_amplifiers:
        figures += _figures(studio, make, Amplifiers(3, 5), ", amplifiers resting 5 s and warming 3 s")
    return figures


def _figures(studio: Studio, make: Maker, amplifiers: Amplifiers, those: str) -> list[Figure]:
    returns = [_crash(studio, make, amplifiers) for _ in range(_TIMES)]
    say(f"   {returns}")
    return [
        Figure(f"kill -9 to sound again{those}, worst of {_TIMES}, s", max(it.after for it in returns) / 1e3),
        Figure(f"off its place then{those}, s", statistics.median(abs(it.off) for it in returns) / 1e3, ".2f"),
    ]


def _crash(studio: Studio, make: Maker, amplifiers: Amplifiers) -> _Return:
    with studio.enter(make, amplifiers=amplifiers) as contender, Recorder(studio.server) as recorder:
        begun = contender.arrange_long()
        wait_until_wall(begun + _PLAYED)
        killed = wall_ms()
        contender.crash()
        heard = record_until(recorder, killed + _WITHIN)
    again = [it for it in heard.between(killed, heard.end).intervals() if it.start > killed + _TAIL]
    if not again:
        raise Unable("does not resume")
    at = again[0].start + _LOOKED_UP
    return _Return(again[0].start - killed, _place(heard.between(at, at + _LOOKED_UP), studio.clips) - (at - begun))


def _place(sound: Recording, clips: Clips) -> float:
    """Where in the long clip that sound belongs, in ms."""
    return Recording(read_tape(clips.long), 0.0).find(sound.samples).start
