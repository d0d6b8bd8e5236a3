"""Where contenders are measured, and what every kind of figure needs."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, field, frozen

from tests.bench.contenders import Clips, Contender, Ground, Maker
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import SoundServer
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wall_ms

SHORT, LONG = 1_500, 60_000  # ms


@frozen
class Asked:
    """How often or how long each thing is measured."""

    starts: int
    stops: int
    idle: float  # minutes


@frozen
class Figure:
    """One cell of the table: a row's title, its value, and how it is printed."""

    title: str
    value: float
    form: str = ".1f"


@frozen
class Studio:
    """A sound server and clips; `enter` gives each contender a fresh folder."""

    server: SoundServer
    folder: Path
    clips: Clips
    asked: Asked
    _numbers: Iterator[int] = field(factory=itertools.count)

    @contextmanager
    def enter(self, make: Maker, **ground: object) -> Iterator[Contender]:
        """Make a contender and keep it for a while."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        with make(evolve(Ground(self.clips, folder), **ground)) as contender:
            yield contender


def make_clips(folder: Path) -> Clips:
    """White noise, each clip unlike the others."""
    lengths = {"short": SHORT, "other": SHORT, "long": LONG}
    for seed, (name, length) in enumerate(lengths.items()):
        write_tape(folder / f"{name}.wav", noise(length, seed), silence=0)
    return Clips(*(folder / f"{name}.wav" for name in lengths))


def record_until(recorder: Recorder, instant: float) -> Recording:
    """All that was heard until that wall-clock ms."""
    wait_until(lambda: recorder.heard_until(instant), timeout=(instant - wall_ms()) / 1e3 + 10, every=0.1)
    return recorder.recording


def say(sentence: str) -> None:
    """Tell whoever waits."""
    print(sentence, file=sys.stderr, flush=True)
