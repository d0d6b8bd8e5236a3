"""Tapes and players for the tests of what goes on air."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero.pins.local import LocalPiFactory

from station.air import pins
from station.rules.rundown import Tape
from tests.rig.pi import RASPBERRY_PI_3B, Pi
from tests.rig.tapes import SILENCE, noise, write_tape

MakeTape = Callable[..., Tape]


@pytest.fixture
def make_tape(tmp_path: Path) -> MakeTape:
    """Write a tape of `length` ms of noise, with `silence` ms before and after it."""

    def make(length: int = 1_000, *, seed: int = 1, silence: int = SILENCE) -> Tape:
        return write_tape(tmp_path / f"{seed}-{length}.wav", noise(length, seed), silence)

    return make


@pytest.fixture
def pi(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pi]:
    """A Raspberry Pi, as far as lgpio can tell."""
    machine = Pi()
    monkeypatch.setitem(sys.modules, "lgpio", machine)
    monkeypatch.setattr(LocalPiFactory, "pins", {})
    monkeypatch.setattr(LocalPiFactory, "_reservations", defaultdict(list))
    monkeypatch.setattr(LocalPiFactory, "_get_revision", lambda _: RASPBERRY_PI_3B)
    _forget_pins()
    yield machine
    _forget_pins()


def _forget_pins() -> None:
    pins.steady_factory.cache_clear()
    pins.plain_factory.cache_clear()
    for name in ("gpiozero.pins.lgpio", "station.air.steady_pin"):
        sys.modules.pop(name, None)
