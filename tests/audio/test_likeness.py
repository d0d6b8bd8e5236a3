"""How alike two stretches of sound are, against what was done to one of them."""

from array import array

import numpy as np
import pytest

from station.audio.likeness import compare, level
from tests.rig.recording import PER_MS
from tests.rig.tapes import noise

WINDOW, REACH = 500, 200  # ms


def _samples(sound: np.ndarray) -> "array[int]":
    return array("h", np.clip(sound, -32_768, 32_767).astype(np.int16).tobytes())


def _expected_and_heard(late: float, gain: float = 1.0, seed: int = 1) -> tuple["array[int]", "array[int]"]:
    sound, shift = noise(3_000), round(late * PER_MS)
    begin, end = 1_000 * PER_MS, (1_000 + WINDOW) * PER_MS
    around = REACH * PER_MS
    heard = noise(3_000, seed)[begin - around - shift : end + around - shift] * gain
    return _samples(sound[begin:end]), _samples(heard)


@pytest.mark.parametrize("late", [0, 0.25, 5.5, -7.25, 100, -180])
@pytest.mark.parametrize("gain", [1, -0.5])
def test_the_same_sound_is_found_wherever_it_is_at_any_level_and_polarity(late: float, gain: float) -> None:
    found = compare(*_expected_and_heard(late, gain))
    assert found.match > 0.95
    assert found.late == pytest.approx(late, abs=0.1)
    assert found.louder == pytest.approx(20 * np.log10(abs(gain)), abs=0.2)


def test_another_sound_is_not_taken_for_it() -> None:
    assert compare(*_expected_and_heard(0, seed=2)).match < 0.3


def test_silence_matches_nothing() -> None:
    found = compare(*_expected_and_heard(0, gain=0))
    assert found.match == 0
    assert found.louder < -60


def test_levels_are_those_of_a_full_scale() -> None:
    assert level(array("h", [32_767, -32_768] * 100)) == pytest.approx(0, abs=0.01)
    assert level(array("h", [3_277, -3_277] * 100)) == pytest.approx(-20, abs=0.01)
    assert level(array("h", [0] * 100)) == level(array("h")) == -96
