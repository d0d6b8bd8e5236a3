"""Text becomes sound, and only text."""

import unicodedata
from pathlib import Path

import pytest

from station.audio.level import Target, level
from station.audio.probe import probe
from station.audio.speech import speak
from station.rules.trouble import Refused


def test_reads_vietnamese_at_an_easy_pace(text: str, tmp_path: Path) -> None:
    speak(text, tmp_path / "a.wav")
    minutes = probe(tmp_path / "a.wav", "a").length / 60_000
    assert 130 < len(text.split()) / minutes < 260
    assert level(tmp_path / "a.wav", tmp_path / "b", Target(), "a").loudness == pytest.approx(-16, abs=0.5)


def test_letters_typed_in_two_halves_sound_the_same(tmp_path: Path) -> None:
    speak("Kính mời bà con", tmp_path / "one.wav")
    speak(unicodedata.normalize("NFD", "Kính mời bà con"), tmp_path / "two.wav")
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


@pytest.mark.parametrize("text", ["-w /tmp/x --version", "[[aaa]] một", "<speak>một</speak>", "--stdout một"])
def test_text_is_never_an_order(text: str, tmp_path: Path) -> None:
    speak(text, tmp_path / "a.wav")
    assert probe(tmp_path / "a.wav", "a").length > 500


@pytest.mark.parametrize("text", ["", "  \n", "...", "một " * 6_000])
def test_refuses_nothing_and_too_much(text: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        speak(text, tmp_path / "a.wav")
    assert not (tmp_path / "a.wav").exists()


def test_refuses_a_voice_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="không đọc được nội dung"):
        speak("một", tmp_path / "a.wav", voice="none-such")


def test_says_that_the_program_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="chưa cài chương trình espeak-ng"):
        speak("một", tmp_path / "a.wav")
