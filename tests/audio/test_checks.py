"""What is wrong with a recording is found, placed and told; what can be mended is; what is right is left alone."""

import subprocess
import wave as wav
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.audio.checks import KEPT_SILENCE, live_channel, silences
from station.audio.level import Target, level
from station.audio.wave import BLOCK
from station.rules.findings import Finding, Problem, from_json, sentence, to_json

Make = Callable[..., Path]
NOISE = "anoisesrc=color={0}:duration=8:amplitude=0.3:seed=7"
HUM = "aevalsrc=0.5*sin(100*PI*t)|0.5*sin(100*PI*t):duration=11:s=44100"


@pytest.fixture(scope="session")
def talk(make: Make, speech: Path) -> Path:
    return make("-i", speech, "-af", "volume=-6dB", "-ar", "44100")


def found(file: Path, tmp_path: Path) -> dict[Problem, Finding]:
    return {it.problem: it for it in level(file, tmp_path / "ready", Target(), "a").findings}


@pytest.mark.parametrize(
    "filters",
    [
        "anull",
        "aresample=8000",
        "highpass=300,lowpass=3400",
        "volume=16dB,alimiter=limit=-1dB:level=disabled",
        "pan=stereo|c0=c0|c1=0.3*c0",
        "rubberband=pitch=1.6",
        "rubberband=pitch=0.7",
        "aecho",
    ],
)
def test_a_good_recording_is_left_alone(filters: str, talk: Path, make: Make, tmp_path: Path) -> None:
    assert found(make("-i", talk, "-af", filters), tmp_path) == {}


def test_music_and_tones_are_neither_noise_nor_at_a_wrong_speed(make: Make, tmp_path: Path) -> None:
    chords = "aevalsrc=0.2*(sin(440*PI*t)+sin(554*PI*t)+0.5*sin(3300*PI*t))*(0.2+0.8*pow(1-mod(2*t\\,1)\\,3)):d=6"
    for tune in (chords, "sine=frequency=880:duration=4", "sine=frequency=220:duration=4"):
        assert found(make("-f", "lavfi", "-i", tune, form="mp3"), tmp_path) == {}


@pytest.mark.parametrize("form", ["wav", "mp3"])
def test_clipping_is_found_where_it_is(form: str, make: Make, talk: Path, tmp_path: Path) -> None:
    loud = make("-i", talk, "-af", "volume=24dB:enable='between(t,5,8)',volume=-0.3dB", form=form)
    clipped = found(loud, tmp_path)[Problem.CLIPPED]
    assert clipped.at == pytest.approx(5_000, abs=700)
    assert clipped.until == pytest.approx(8_000, abs=700)
    assert not clipped.repaired
    assert (clipped.figure or 0) > 1


def test_clipping_is_found_after_it_was_made_softer(make: Make, talk: Path, tmp_path: Path) -> None:
    clipped = make("-i", talk, "-af", "volume=20dB,aformat=sample_fmts=s16,volume=-10dB")
    assert Problem.CLIPPED in found(clipped, tmp_path)


@pytest.mark.parametrize("colour", ["white", "pink", "brown"])
def test_noise_is_found(colour: str, make: Make, tmp_path: Path) -> None:
    assert Problem.NOISY in found(make("-f", "lavfi", "-i", NOISE.format(colour), form="mp3"), tmp_path)


def test_a_voice_drowned_in_noise_is_found(make: Make, talk: Path, tmp_path: Path) -> None:
    mixed = "[1]volume=5dB[n];[0][n]amix=normalize=0:duration=shortest"
    noisy = make("-i", talk, "-f", "lavfi", "-i", NOISE.format("white"), "-filter_complex", mixed)
    assert Problem.NOISY in found(noisy, tmp_path)


@pytest.mark.parametrize(
    ("rate", "labelled"), [(8_000, 48_000), (48_000, 8_000), (8_000, 32_000), (48_000, 16_000)]
)
def test_a_rate_that_is_far_from_true_is_found(
    rate: int, labelled: int, make: Make, talk: Path, tmp_path: Path
) -> None:
    seconds = str(4 * max(1, labelled // rate))
    spoken = make("-stream_loop", "-1", "-i", talk, "-t", seconds, "-ar", str(rate))
    with wav.open(str(spoken)) as right, wav.open(str(tmp_path / "wrong"), "wb") as wrong:
        wrong.setparams((1, 2, labelled, 0, "NONE", ""))
        wrong.writeframes(right.readframes(right.getnframes()))
    assert Problem.WRONG_SPEED in found(tmp_path / "wrong", tmp_path)


def test_what_was_much_too_quiet_is_lifted_and_said(make: Make, talk: Path, tmp_path: Path) -> None:
    quiet = found(make("-i", talk, "-af", "volume=-34dB", "-c:a", "pcm_s24le"), tmp_path)[Problem.QUIET]
    assert quiet.repaired
    assert quiet.figure == pytest.approx(43, abs=3)


@pytest.mark.parametrize("live", [0, 1])
def test_a_dead_channel_is_left_out(live: int, make: Make, talk: Path, tmp_path: Path) -> None:
    one_sided = make("-i", talk, "-af", f"pan=stereo|c{live}=c0", form="flac")
    assert found(one_sided, tmp_path)[Problem.DEAD_CHANNEL].repaired
    alone, both = tmp_path / "ready", tmp_path / "both"
    level(make("-i", talk, "-ac", "1", form="flac"), both, Target(), "a")
    assert difference(alone, both) < -50, "as if there had never been another"


def test_hum_is_filtered_and_said(make: Make, talk: Path, tmp_path: Path) -> None:
    hum = make("-i", talk, "-f", "lavfi", "-i", HUM, "-filter_complex", "amix=normalize=0:duration=shortest")
    assert found(hum, tmp_path)[Problem.HUM].repaired


def test_silence_at_the_ends_is_cut_and_a_long_pause_is_placed(make: Make, talk: Path, tmp_path: Path) -> None:
    pause = "[0]atrim=end=3[a];[1]adelay=11000[b];[a][b]concat=n=2:v=0:a=1,adelay=4000,apad=pad_dur=6"
    made = level(make("-i", talk, "-i", talk, "-filter_complex", pause), tmp_path / "ready", Target(), "a")
    told = {it.problem: it for it in made.findings}
    assert told[Problem.SILENT_START].figure == pytest.approx(4, abs=0.2)
    assert told[Problem.SILENT_END].figure == pytest.approx(6, abs=0.6)
    assert told[Problem.PAUSE].at == pytest.approx(3_300, abs=200)
    assert told[Problem.PAUSE].until == pytest.approx(14_300, abs=300)
    assert made.recipe.pieces[0].start == pytest.approx(3_700, abs=50)
    assert made.length == pytest.approx(made.recipe.length, abs=1)
    assert set(told) == {Problem.SILENT_START, Problem.SILENT_END, Problem.PAUSE}


@given(st.lists(st.integers(0, 200), min_size=1, max_size=80), st.integers(0, 150))
def test_no_sound_is_cut_and_no_more_silence_kept_than_is_allowed(peaks: list[int], threshold: int) -> None:
    begin, end, told = silences(peaks, threshold)
    kept = peaks[begin // BLOCK : end // BLOCK]
    sounding = [peak for peak in peaks if peak > threshold]
    assert [peak for peak in kept if peak > threshold] == sounding
    if sounding:
        most = KEPT_SILENCE // BLOCK
        assert any(peak > threshold for peak in kept[: most + 1])
        assert any(peak > threshold for peak in kept[-most - 1 :])
        assert end - begin == len(kept) * BLOCK
    assert all(0 <= (it.at or 0) <= (it.until or 0) <= end - begin for it in told)


def test_which_channel_lives() -> None:
    assert live_channel([-20, -91]) == 0
    assert live_channel([float("-inf"), -20]) == 1
    assert live_channel([-20, -30]) is None
    assert live_channel([float("-inf"), float("-inf")]) is None
    assert live_channel([-20]) is None
    assert live_channel([-20, -91, -91, -91, -91, -91]) is None


def test_every_finding_has_a_sentence_and_outlives_the_database() -> None:
    warnings = list(Problem)[list(Problem).index(Problem.CLIPPED) :]
    listed = [Finding(problem, 61_000, 62_000, repaired=True, figure=12.0) for problem in warnings]
    for finding in listed:
        told = sentence(finding)
        assert told.endswith(".")
        assert "{" not in told
    assert "ở 01:01" in sentence(listed[0])
    assert from_json(to_json(listed)) == tuple(listed)


def difference(one: Path, other: Path) -> float:
    """The power in dB of what differs between two files."""
    graph = "[0][1]amerge,pan=mono|c0=c0-c1,astats=measure_perchannel=none:measure_overall=RMS_level"
    command = ["ffmpeg", "-hide_banner", "-i", one, "-i", other, "-filter_complex", graph, "-f", "null", "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return float(told.rpartition("RMS level dB: ")[2].split()[0])
