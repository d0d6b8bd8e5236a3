"""What is silent between two clips of unbroken noise."""

import numpy as np

from tests.bench.contenders import Maker
from tests.bench.studio import SHORT, Figure, Studio, record_until
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording

_TIMES = 5
_CHANCE = 3  # samples in a row: that noise itself is zero so long does not happen in a hundred benches


def gaps(studio: Studio, make: Maker) -> list[Figure]:
    """The longest of a few."""
    heard = [_pair(studio, make) for _ in range(_TIMES)]
    silent = max(map(_zeros, heard))
    return [
        Figure(f"gap between two clips, worst of {_TIMES}, samples", silent, ".0f"),
        Figure(f"gap between two clips, worst of {_TIMES}, ms", silent / PER_MS),
    ]


def _pair(studio: Studio, make: Maker) -> Recording:
    with studio.enter(make) as contender, Recorder(studio.server) as recorder:
        due = contender.play_pair()
        heard = record_until(recorder, due + 4 * SHORT)
    (first, *_), (*_, last) = heard.intervals(), heard.intervals()
    return heard.between(first.start, last.end)


def _zeros(heard: Recording) -> int:
    """The longest run of silent samples."""
    sounding = np.flatnonzero(heard.samples)
    longest = int(np.max(np.diff(sounding), initial=1)) - 1
    return longest if longest >= _CHANCE else 0
