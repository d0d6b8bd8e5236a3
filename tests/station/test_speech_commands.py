"""`station say` and `station dictionary`, and what `check` says of voice and dictionary."""

import wave
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.air.tapes import LibraryRenderer
from station.audio.level import Target
from station.cli import main
from station.desk.timetable import read_plan
from station.rules.compose import compose
from station.rules.rundown import Say
from station.stores.home import Home, open_home, places

NOTICE = "UBND xã mời bà con ở Krông Pắc họp lúc 17h30."
READ = "ủy ban nhân dân xã mời bà con ở Krông Pắc họp lúc mười bảy giờ ba mươi phút."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text('name = "Đài thử"\n')
    return tmp_path


def types(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def opened(home: Path) -> Home:
    return open_home(places(home))


def test_a_text_is_heard_in_a_file_and_shown_as_it_is_read(home: Path) -> None:
    assert types(home, "say", NOTICE, "--read").stdout.strip() == READ
    assert not (home / "a.wav").exists()
    for voice in ("bac", "nam"):
        assert types(home, "say", NOTICE, "--voice", voice, "--into", str(home / f"{voice}.wav")).exit_code == 0
        with wave.open(str(home / f"{voice}.wav")) as sound:
            assert sound.getnframes() / sound.getframerate() > 3
    assert (home / "bac.wav").read_bytes() != (home / "nam.wav").read_bytes()


def test_the_dictionary_is_listed_added_to_and_used(home: Path) -> None:
    assert "cơ rông pắc" in types(home, "dictionary", "add", "Krông Pắc", "cơ rông pắc").stdout
    assert types(home, "dictionary").stdout == "Krông Pắc = cơ rông pắc\n"
    assert types(home, "say", NOTICE, "--read").stdout.strip() == READ.replace("Krông Pắc", "cơ rông pắc")
    assert types(home, "dictionary", "remove", "Krông Pắc").exit_code == 0
    assert types(home, "say", NOTICE, "--read").stdout.strip() == READ


def test_what_is_wrong_is_a_sentence_and_speech_goes_on(home: Path) -> None:
    (home / "cach-doc.toml").write_text("hỏng")
    (home / "station.toml").write_text('[speech]\nvoice = "khong-co"\n')
    told = types(home, "check")
    assert told.exit_code == 1
    assert "cach-doc.toml" in told.stderr and "Chưa có giọng đọc “khong-co”" in told.stderr
    said = types(home, "say", NOTICE, "--into", str(home / "a.wav"))
    assert (said.exit_code, (home / "a.wav").exists()) == (0, True)
    assert "cach-doc.toml" in said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("say", "..."),
        ("say", NOTICE, "--voice", "khong-co"),
        ("say", NOTICE, "--into", "/nonexistent/a.wav"),
        ("dictionary", "add", "Loa", "l0a"),
        ("dictionary", "remove", "Loa"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(home: Path, arguments: tuple[str, ...]) -> None:
    refused = types(home, *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.strip().endswith(".")


@pytest.mark.parametrize("speech", ['voice = "../x"', "voice = 5", "speed = 79", "speed = 301", 'tempo = "fast"'])
def test_settings_that_are_wrong_are_told(home: Path, speech: str) -> None:
    (home / "station.toml").write_text(f"[speech]\n{speech}\n")
    assert "station.toml, speech" in types(home, "check").stderr


def test_a_tape_is_made_anew_for_another_voice_or_reading(home: Path) -> None:
    def tape() -> bytes:
        station = opened(home)
        speaker = read_plan(station).station.speaker
        programme = compose([Say("Họp ở Krông Pắc.")], [], 0, speaker=speaker)
        where = station.places
        renderer = LibraryRenderer(station.library, where.tapes, where.voices, Target(), 0)
        return Path(renderer.render(programme, f"thu-{programme.digest}").path).read_bytes()

    first = tape()
    assert tape() == first
    types(home, "dictionary", "add", "Krông Pắc", "cơ rông pắc")
    (home / "station.toml").write_text('[speech]\nvoice = "trung"\nspeed = 120\n')
    assert tape() != first
    assert len(list((home / "tapes").glob("*.wav"))) == 2
