"""What people hear of an alert."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.alerting.alert import Alert, MessageType, Status
from station.rules.alerting.spoken import Wanted, heard, name, words
from station.rules.now import MINUTE, SECOND
from station.rules.rundown import Clip, Signal, Spoken, Tone
from station.rules.voice import USUAL
from tests.rules.alerts import after, alert

TITLE = "Ban Chỉ huy PCTT tỉnh"
THREE = Wanted(3, 10)
SAID = "Thông báo của Ban Chỉ huy PCTT tỉnh. Lũ đang lên nhanh. Bà con lên chỗ cao ngay."


def parts(message: Alert, repeats: Wanted = THREE, sound: Clip | None = None) -> list[object]:
    """Signals, texts and clips in order."""
    told = heard(message, TITLE, sound, USUAL, repeats).parts
    return [it.signal if isinstance(it, Tone) else it.text if isinstance(it, Spoken) else it for it in told]


def test_attention_and_the_message_as_often_as_wanted():
    assert parts(alert()) == [Signal.ATTENTION, SAID, SAID, SAID]
    assert parts(alert(repeats=1)) == [Signal.ATTENTION, SAID]
    assert parts(alert(repeats=99)).count(SAID) == 10
    assert parts(alert(repeats=0)).count(SAID) == 3


def test_its_own_sound_in_place_of_words():
    sound = Clip("id", "Bản đọc", "sha", 20 * SECOND)
    assert parts(alert(), sound=sound) == [Signal.ATTENTION, sound, sound, sound]


@given(st.integers(1, 5 * MINUTE), st.integers(0, 99))
def test_no_alert_holds_the_horns_for_long(length, repeats):
    sound = Clip("id", "Bản đọc", "sha", length)
    programme = heard(alert(repeats=repeats or None), TITLE, sound, USUAL, THREE)
    assert programme.length <= 10 * MINUTE + 10 * SECOND
    assert sound in programme.parts


def test_an_all_clear_chimes_and_is_said_once():
    cancel = after(MessageType.CANCEL, alert(), headline="Lũ đã rút", instruction="")
    assert parts(cancel) == [Signal.CHIME, "Báo yên. Thông báo của Ban Chỉ huy PCTT tỉnh. Lũ đã rút."]
    assert parts(evolve(alert(), all_clear=True))[0] is Signal.CHIME


def test_a_drill_says_so_before_and_after():
    first, *message, last = parts(alert(status=Status.EXERCISE, repeats=1))
    assert message == [Signal.ATTENTION, SAID]
    assert "thử nghiệm" in first and "thử nghiệm" in last
    assert name(alert(status=Status.EXERCISE)).startswith("Diễn tập")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"headline": "Bão số 5!", "description": "Gió\n giật  mạnh", "instruction": ""},
            "Bão số 5! Gió giật mạnh.",
        ),
        ({"headline": "", "instruction": ""}, "Lũ quét."),
    ],
)
def test_words_are_sentences_in_one_line(told, expected):
    assert words(alert(**told), TITLE) == f"Thông báo của {TITLE}. {expected}"
