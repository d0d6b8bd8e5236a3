"""Text becomes sound, and only text; by espeak-ng's voices, or piper's where there are any."""

import shutil
import subprocess
import unicodedata
import wave
from collections.abc import Mapping
from pathlib import Path

import pytest

from station.audio import speech
from station.audio.level import Target, level
from station.audio.probe import probe
from station.audio.speech import missing, speak, voices_in
from station.rules.reading.abbreviations import COMMON, LOANS, OFFICES, PAPERS
from station.rules.trouble import Refused
from station.rules.voice import Voice
from tests.rig.tone_voice import RATE, make_tone_voice

INVITATION = "Kính mời bà con"


def sound_of(file: Path) -> tuple[int, bytes]:
    with wave.open(str(file)) as sound:
        return sound.getframerate(), sound.readframes(sound.getnframes())


def said(folder: Path, voice: Voice, voices: Path = Path("/nonexistent")) -> tuple[int, bytes]:
    file = folder / "said.wav"
    speak(INVITATION, file, voice, voices)
    return sound_of(file)


@pytest.fixture
def no_piper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("espeak-ng", "choom", "nice", "ionice", "prlimit", "setpriv"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setattr(speech.sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(programs))


@pytest.fixture
def piper(tmp_path: Path) -> Path:
    """A folder with the voice “thu”, as heavy as true ones are."""
    make_tone_voice(tmp_path / "voices", "thu", weight=64_000_000)
    return tmp_path / "voices"


def test_reads_vietnamese_at_an_easy_pace(text: str, tmp_path: Path) -> None:
    speak(text, tmp_path / "a.wav")
    minutes = probe(tmp_path / "a.wav", "a").length / 60_000
    assert 130 < len(text.split()) / minutes < 260
    assert level(tmp_path / "a.wav", tmp_path / "b", Target(), "a").loudness == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("words", [COMMON, LOANS, OFFICES, PAPERS], ids=["common", "loans", "offices", "papers"])
def test_what_abbreviations_become_is_vietnamese_to_the_voice(words: Mapping[str, str]) -> None:
    told = subprocess.run(
        ["espeak-ng", "-v", "vi", "-q", "-x", "\n".join(words.values())], capture_output=True, text=True, check=True
    )
    assert "(en)" not in told.stdout


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


def test_three_regions_have_three_voices(tmp_path: Path) -> None:
    assert len({said(tmp_path, Voice(name)) for name in ("bac", "trung", "nam")}) == 3


def test_speaks_as_fast_as_is_asked(tmp_path: Path) -> None:
    slow, usual, fast = (len(said(tmp_path, Voice(speed=speed))[1]) for speed in (80, 150, 300))
    assert slow > 1.3 * usual > 1.3 * 1.3 * fast


def test_says_that_the_program_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="chưa cài chương trình espeak-ng"):
        speak("một", tmp_path / "a.wav")


def test_a_voice_file_speaks_by_piper_at_the_speed_that_is_asked(piper: Path, tmp_path: Path) -> None:
    assert voices_in(piper) == ("bac", "trung", "nam", "thu")
    assert missing("thu", piper) is None
    rate, samples = said(tmp_path, Voice("thu"), piper)
    assert rate == RATE
    assert len(said(tmp_path, Voice("thu", speed=100), piper)[1]) == pytest.approx(1.5 * len(samples), rel=0.02)


def test_a_voice_whose_file_is_damaged_is_replaced(
    piper: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (piper / "thu.onnx").write_bytes(b"")
    assert said(tmp_path, Voice("thu"), piper) == said(tmp_path, Voice("bac"))
    assert "Giọng đọc “thu” bị lỗi" in caplog.text


def test_a_voice_that_is_not_there_is_replaced_and_told(tmp_path: Path) -> None:
    assert said(tmp_path, Voice("khong-co"), tmp_path) == said(tmp_path, Voice("bac"))
    told = str(missing("khong-co", tmp_path / "voices"))
    assert "khong-co.onnx" in told and "thư mục voices" in told and "vẫn đọc" in told


@pytest.mark.usefixtures("no_piper")
def test_without_piper_its_voices_are_replaced_and_told(tmp_path: Path) -> None:
    make_tone_voice(tmp_path / "voices", "thu")
    assert voices_in(tmp_path / "voices") == ("bac", "trung", "nam")
    assert said(tmp_path, Voice("thu"), tmp_path / "voices") == said(tmp_path, Voice("bac"))
    assert "piper-tts" in str(missing("thu", tmp_path / "voices"))
