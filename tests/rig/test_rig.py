"""The rig itself: its recordings keep time, and its analysis finds what is put before it."""

import numpy as np
import pytest

from tests.rig.clicks import Clicker
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.tapes import noise
from tests.rig.waiting import wait_until

START = 1_700_000_000_000.0
ACCURACY = 2.0  # ms


@pytest.mark.sound
def test_a_click_is_recorded_at_the_instant_that_the_sound_server_foretold(recorder: Recorder) -> None:
    foretold = []
    with Clicker() as clicker:
        clicker.silence(500)
        for _ in range(5):
            clicker.silence(300)
            foretold.append(clicker.click())
        clicker.silence(300)
    wait_until(lambda: recorder.heard_until(foretold[-1] + 10))

    clicks = [interval.start for interval in recorder.recording.intervals(silence=50)]
    errors = [abs(click - due) for click, due in zip(clicks, foretold, strict=True)]

    assert min(errors) < ACCURACY, "a machine without time can spoil some, a recorder that is off spoils all"


def _recording(*pieces: np.typing.NDArray[np.int16]) -> Recording:
    return Recording(np.concatenate(pieces), START)


def _silence(length: int) -> np.typing.NDArray[np.int16]:
    return np.zeros(length * PER_MS, np.int16)


def test_sound_is_told_from_silence() -> None:
    recording = _recording(_silence(100), noise(400), _silence(300), noise(100), _silence(50), noise(50))

    intervals = recording.intervals()

    assert recording.first_sound() == pytest.approx(START + 100, abs=1)
    assert [round(interval.end - interval.start) for interval in intervals] == [400, 200]
    assert recording.longest_silence() == pytest.approx(300, abs=1)


def test_silence_has_no_intervals() -> None:
    assert _recording(_silence(100)).intervals() == []


def test_a_whole_sound_is_found_with_nothing_missing() -> None:
    found = _recording(_silence(123), noise(500), _silence(50)).find(noise(500))
    assert found.start == START + 123
    assert found.missing == 0


@pytest.mark.parametrize("lost", [slice(0, 100), slice(200, 300), slice(400, 500)], ids=["head", "middle", "tail"])
def test_what_is_missing_is_counted(lost: slice) -> None:
    sound = noise(500)
    heard = sound.copy()
    heard[lost.start * PER_MS : lost.stop * PER_MS] = 0
    assert _recording(heard, _silence(50)).find(sound).missing == pytest.approx(100, abs=1)


def test_a_skip_is_counted_from_there_on() -> None:
    sound = noise(500)
    heard = np.delete(sound, slice(300 * PER_MS, 320 * PER_MS))
    assert _recording(heard, _silence(50)).find(sound).missing == pytest.approx(200, abs=1)


def test_loudness_is_that_of_the_standard() -> None:
    tone = 32_767 * 10 ** (-20 / 20) * np.sin(2 * np.pi * 1_000 * np.arange(3_000 * PER_MS) / (1_000 * PER_MS))
    assert _recording(tone.astype(np.int16)).loudness() == pytest.approx(-23, abs=0.1)
