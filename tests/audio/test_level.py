"""Whatever comes in, it goes out equally loud, or is refused with a reason."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from station.audio.level import HIGHEST_PEAK, Target, level, level_recipe
from station.rules.recipe import Piece, Recipe
from station.rules.trouble import Refused, Trouble

NOISE = "anoisesrc=color=pink:amplitude=0.3:duration=12:seed=7"
CHORDS = (
    "aevalsrc=0.2*(sin(440*PI*t)+sin(554*PI*t)+0.5*sin(3300*PI*t))*(0.2+0.8*pow(1-mod(2*t\\,1)\\,3))"
    ":duration=12:s=44100"
)
THUMPS = "aevalsrc=0.95*sin(120*PI*t)*exp(-30*mod(t\\,0.7)):duration=12:s=44100"


def refused(file: Path, ready: Path) -> Trouble:
    with pytest.raises(Refused) as raised:
        level(file, ready, Target(), "tin.mp3")
    assert raised.value.trouble.where == "tin.mp3"
    for sentence in (raised.value.trouble.what, raised.value.trouble.mend):
        assert re.fullmatch(r"[^.!?]+\.", sentence), sentence
    return raised.value.trouble


@pytest.fixture(scope="session")
def sounds(make: Callable[..., Path], speech: Path) -> dict[str, Path]:
    talk = ("-i", speech)
    chords = ("-f", "lavfi", "-i", CHORDS)
    return {
        "speech": make(*talk, form="mp3"),
        "stereo speech": make(*talk, "-af", "pan=stereo|c0=c0|c1=0.2*c0", "-ar", "44100", form="ipod"),
        "music": make(*chords, "-c:a", "libvorbis", form="ogg"),
        "surround": make(*chords, "-af", "pan=5.1|c2=c0", form="flac"),
        "very quiet": make(*talk, "-af", "volume=-38dB", "-c:a", "pcm_s24le"),
        "hot and clipped": make(*talk, "-af", "volume=30dB"),
        "square noise": make("-f", "lavfi", "-i", NOISE, "-af", "volume=40dB"),
        "thumpy": make(*talk, "-f", "lavfi", "-i", THUMPS, "-filter_complex", "amix=normalize=0:duration=first"),
        "two seconds": make(*talk, "-t", "2"),
        "one second": make(*talk, "-ss", "3", "-t", "1"),
        "half a second": make(*talk, "-ss", "0.5", "-t", "0.5"),
        "mostly a pause": make(*talk, "-af", "apad=pad_dur=20"),
        "telephone": make(*talk, "-ar", "8000", "-c:a", "pcm_alaw"),
    }


@pytest.mark.parametrize(
    "sound",
    [
        "speech",
        "stereo speech",
        "music",
        "surround",
        "very quiet",
        "hot and clipped",
        "square noise",
        "thumpy",
        "two seconds",
        "one second",
        "half a second",
        "mostly a pause",
        "telephone",
    ],
)
def test_reaches_the_target(
    sound: str, sounds: dict[str, Path], tmp_path: Path, measure: Callable[[Path], tuple[float, float]]
) -> None:
    ready = tmp_path / "ready"
    levelled = level(sounds[sound], ready, Target(), sound)
    loudness, peak = measure(ready)
    assert loudness == pytest.approx(-16, abs=0.35)
    assert peak <= HIGHEST_PEAK
    assert levelled.loudness == pytest.approx(loudness, abs=0.11)
    assert levelled.peak == pytest.approx(peak, abs=0.11)


def test_makes_mono_48_khz_16_bit_flac_of_the_same_length(sounds: dict[str, Path], tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    levelled = level(sounds["surround"], ready, Target(), "a")
    asked = ["-show_entries", "stream=codec_name,sample_rate,channels,sample_fmt,duration_ts", "-of", "json"]
    told = subprocess.run(["ffprobe", "-v", "error", *asked, ready], check=True, capture_output=True).stdout
    (stream,) = json.loads(told)["streams"]
    assert stream == {
        "codec_name": "flac",
        "sample_rate": "48000",
        "channels": 1,
        "sample_fmt": "s16",
        "duration_ts": 12 * 48_000,
    }
    assert levelled.length == 12_000


def test_reaches_another_target(
    sounds: dict[str, Path], tmp_path: Path, measure: Callable[[Path], tuple[float, float]]
) -> None:
    level(sounds["speech"], tmp_path / "ready", Target(loudness=-23, high_pass=0), "a")
    assert measure(tmp_path / "ready")[0] == pytest.approx(-23, abs=0.5)


def test_high_pass_spares_the_horns(
    make: Callable[..., Path], tmp_path: Path, measure: Callable[[Path], tuple[float, float]]
) -> None:
    hum = make("-f", "lavfi", "-i", "aevalsrc=0.3*sin(100*PI*t)+0.3*sin(2000*PI*t):duration=4:s=48000")
    ready = tmp_path / "ready"
    level(hum, ready, Target(high_pass=300), "a")
    low = tmp_path / "low.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", ready, "-af", "lowpass=f=80,lowpass=f=80", low], check=True)
    assert measure(low)[1] < -25


def test_a_fifth_of_a_second_is_levelled_as_if_it_went_on(make: Callable[..., Path], tmp_path: Path) -> None:
    tone = make("-f", "lavfi", "-i", "sine=frequency=1000:duration=0.2")
    levelled = level(tone, tmp_path / "ready", Target(), "a")
    assert levelled.length == 200
    assert levelled.loudness == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("filters", ["volume=0", "volume=-70dB", "pan=stereo|c0=c0|c1=-1*c0"])
def test_refuses_silence(filters: str, make: Callable[..., Path], tmp_path: Path) -> None:
    file = make("-f", "lavfi", "-i", CHORDS, "-t", "2", "-af", filters, "-c:a", "pcm_s24le")
    assert refused(file, tmp_path / "ready").what == "Trong tệp này không nghe thấy tiếng."


def test_refuses_what_promises_sound_and_holds_none(speech: Path, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(speech.read_bytes()[:44])
    assert refused(tmp_path / "a.wav", tmp_path / "b").what == "Máy không đọc được hết tệp này."


@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "mp4"])
def test_refuses_what_lost_its_end(form: str, make: Callable[..., Path], speech: Path, tmp_path: Path) -> None:
    options = ["-movflags", "+faststart"] if form == "mp4" else []
    whole = make("-i", speech, *options, form=form).read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    assert refused(cut, tmp_path / "ready").what.startswith("Tệp này bị thiếu: ghi là dài 11 giây")


def test_takes_a_file_with_one_bad_spot(make: Callable[..., Path], speech: Path, tmp_path: Path) -> None:
    file = make("-i", speech, form="mp3")
    content = bytearray(file.read_bytes())
    content[20_000:20_050] = bytes(50)
    file.write_bytes(content)
    assert level(file, tmp_path / "ready", Target(), "a").length == pytest.approx(10_823, abs=200)


def test_says_that_the_card_is_full(sounds: dict[str, Path], tmp_path: Path) -> None:
    full = tmp_path / "ready"
    full.symlink_to("/dev/full")
    with pytest.raises(Refused, match="Thẻ nhớ đã đầy"):
        level(sounds["music"], full, Target(), "a")


@pytest.fixture
def originals(make: Callable[..., Path], speech: Path) -> dict[str, Path]:
    return {
        "tone": make("-f", "lavfi", "-i", "sine=frequency=500:duration=6:sample_rate=44100", form="mp3"),
        "high": make("-f", "lavfi", "-i", "sine=frequency=1500:duration=6:sample_rate=8000", "-af", "volume=-20dB"),
        "speech": speech,
    }


def pitches(file: Path, *ranges: tuple[float, float]) -> list[int]:
    """The loudest frequency in Hz from second to second."""
    samples = decoded(file)
    stretches = [samples[round(48_000 * begin) : round(48_000 * end)] for begin, end in ranges]
    return [round(np.abs(np.fft.rfft(it)).argmax() * 48_000 / len(it), -2) for it in stretches]


def test_pieces_of_several_originals_follow_each_other_equally_loud(
    originals: dict[str, Path], tmp_path: Path
) -> None:
    recipe = Recipe((Piece("tone", 1_000, 3_000), Piece("high", 500, 2_000), Piece("tone", 4_000)))
    made = level_recipe(recipe, originals.__getitem__, tmp_path / "ready", Target(), "a")
    assert made.length == pytest.approx(5_500, abs=60)
    assert made.recipe.pieces[:2] == recipe.pieces[:2]
    assert made.recipe.length == pytest.approx(made.length, abs=1)
    assert pitches(tmp_path / "ready", (0.1, 1.9), (2.1, 3.4), (3.6, 5.4)) == [500, 1_500, 500]
    middle = made.bars[len(made.bars) // 2]
    assert made.bars[5] == pytest.approx(middle, abs=60), "one was twenty decibels softer"


def decoded(file: Path) -> NDArray[np.int64]:
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-"], check=True, capture_output=True)
    return np.frombuffer(raw.stdout, np.int16).astype(int)


def test_pieces_meet_to_the_sample_and_without_a_click(originals: dict[str, Path], tmp_path: Path) -> None:
    for name, pieces in {
        "whole": (Piece("tone"),),
        "parts": (Piece("tone", 0, 2_500), Piece("tone", 2_500)),
    }.items():
        level_recipe(Recipe(pieces), originals.__getitem__, tmp_path / name, Target(), "a")
    one, other = decoded(tmp_path / "whole"), decoded(tmp_path / "parts")
    assert len(one) == len(other)
    apart = np.flatnonzero(np.abs(one - other) > 400) / 48
    assert apart.min() > 2_490
    assert apart.max() < 2_600
    assert np.abs(np.diff(other)).max() < 1.2 * np.abs(np.diff(one)).max()


def test_fades(originals: dict[str, Path], tmp_path: Path) -> None:
    faded = Recipe((Piece("tone", 0, 5_000),), fade_in=1_000, fade_out=2_000)
    made = level_recipe(faded, originals.__getitem__, tmp_path / "ready", Target(), "a")
    heard = np.abs(decoded(tmp_path / "ready"))
    tops = [heard[at : at + 2_400].max() for at in range(0, len(heard), 2_400)]
    assert tops[0] < tops[10] < tops[19] == pytest.approx(tops[40], rel=0.1)
    assert tops[-1] < tops[-20] < tops[55]
    assert made.loudness == pytest.approx(-16, abs=0.5)
    assert (made.recipe.fade_in, made.recipe.fade_out) == (1_000, 2_000)
    assert made.bars[0] < made.bars[len(made.bars) // 2] > made.bars[-1]


def test_refuses_an_edit_that_leaves_only_silence(make: Callable[..., Path], speech: Path, tmp_path: Path) -> None:
    file = make("-i", speech, "-af", "apad=pad_dur=5")
    with pytest.raises(Refused, match="không nghe thấy tiếng"):
        level_recipe(Recipe((Piece("a", 12_000, 14_000),)), lambda _: file, tmp_path / "ready", Target(), "a")


def test_a_quiet_beginning_does_not_clip_what_follows(
    make: Callable[..., Path], speech: Path, tmp_path: Path, measure: Callable[[Path], tuple[float, float]]
) -> None:
    file = make("-stream_loop", "12", "-i", speech, "-af", "volume='if(lt(t,121),0.003,1)':eval=frame", form="mp3")
    made = level(file, tmp_path / "ready", Target(), "a")
    assert made.loudness == pytest.approx(-16, abs=0.3)
    assert measure(tmp_path / "ready")[1] <= HIGHEST_PEAK
