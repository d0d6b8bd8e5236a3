"""Whatever comes in, it goes out equally loud, or is refused with a reason."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from station.audio.level import HIGHEST_PEAK, Target, level
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
    assert loudness == pytest.approx(-16, abs=0.5)
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


def test_says_that_the_card_is_full(sounds: dict[str, Path]) -> None:
    with pytest.raises(Refused, match="Thẻ nhớ đã đầy"):
        level(sounds["music"], Path("/dev/full"), Target(), "a")
