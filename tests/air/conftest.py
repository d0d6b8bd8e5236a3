"""Tapes and players for the tests of what goes on air."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.rules.rundown import Tape
from tests.rig.tapes import SILENCE, noise, write_tape

MakeTape = Callable[..., Tape]


@pytest.fixture
def make_tape(tmp_path: Path) -> MakeTape:
    """Write a tape of `length` ms of noise, with `silence` ms before and after it."""

    def make(length: int = 1_000, *, seed: int = 1, silence: int = SILENCE) -> Tape:
        return write_tape(tmp_path / f"{seed}-{length}.wav", noise(length, seed), silence)

    return make
