"""A tape is its items and nothing else, to the sample, and is whole or not there."""

import subprocess
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from numpy.typing import NDArray

from station.audio.tape import LEAD, TAIL, ClipFile, Hole, render, verify
from station.rules.rundown import JOIN, Stretch, Tape
from station.rules.trouble import Refused

Samples = NDArray[np.int16]

SECOND = 48_000
EDGE = 480  # samples of fade at an item's ends
SHARED = 48 * JOIN  # samples that neighbours overlap
CUT = 4_800  # samples of fade where it is cut short


@pytest.fixture(scope="session")
def tone(make: Callable[..., Path]) -> Path:
    """Three seconds and 17 samples, loud up to both ends."""
    generated = f"aevalsrc=0.5*cos(2*PI*997*t):s=48000,atrim=end_sample={3 * SECOND + 17}"
    return make("-f", "lavfi", "-i", generated, "-sample_fmt", "s16", form="flac")


def samples(file: Path | str) -> Samples:
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (SECOND, 1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


def programme(tape: Tape) -> Samples:
    heard = samples(tape.path)
    assert len(heard) == (tape.lead + tape.length + tape.tail) * 48
    return heard[tape.lead * 48 : -tape.tail * 48]


def decoded(file: Path) -> Samples:
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-"], check=True, capture_output=True)
    return np.frombuffer(raw.stdout, np.int16)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def longest_silence(heard: Samples) -> int:
    """The longest run of zeros, in samples."""
    sounding = np.flatnonzero(np.concatenate(([1], heard, [1])))
    return int(np.diff(sounding).max()) - 1


@pytest.mark.parametrize("titles", [["một", "hai", "ba"], ["một", "hai", "một"], ["một"] * 3])
def test_items_follow_each_other_to_the_sample(tone: Path, tmp_path: Path, titles: list[str]) -> None:
    tape = render([ClipFile(tone, title) for title in titles], tmp_path / "tape.wav")
    heard, item = programme(tape), decoded(tone)
    begins = [number * (len(item) - SHARED) for number in range(3)]
    for begin in begins:
        kept = heard[begin + EDGE : begin + len(item) - EDGE]
        assert np.array_equal(kept, item[EDGE:-EDGE])
    end = begins[-1] + len(item)
    assert not heard[end:].any()
    assert len(heard) - end < 48
    assert tape.length == 9_002 - 2 * JOIN
    assert [mark.title for mark in tape.marks] == titles
    assert [mark.at for mark in tape.marks] == [begin // 48 for begin in begins]


def test_not_one_silent_sample_and_no_click_at_a_join(make: Callable[..., Path], tmp_path: Path) -> None:
    noise = make("-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.5:d=2:seed=1", "-sample_fmt", "s16", form="flac")
    heard = programme(render([ClipFile(noise, "a"), ClipFile(noise, "b")], tmp_path / "tape.wav"))
    inside = heard[EDGE:-EDGE]
    assert longest_silence(inside) <= longest_silence(decoded(noise))
    around = heard[2 * SECOND - 2 * SHARED : 2 * SECOND + SHARED].astype(float)
    power = [np.sqrt(np.mean(np.square(piece))) for piece in around.reshape(-1, 120)]
    assert min(power) > 0.5 * np.sqrt(np.mean(np.square(inside.astype(float)))), "as loud across the join"


def test_a_tone_that_joins_itself_does_not_click(tone: Path, tmp_path: Path) -> None:
    heard = programme(render([ClipFile(tone, "a"), ClipFile(tone, "b")], tmp_path / "tape.wav"))
    steepest = np.abs(np.diff(heard.astype(int))).max()
    assert steepest <= 1.5 * np.abs(np.diff(decoded(tone).astype(int))).max()


def test_items_can_fade_into_each_other(tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(tone, "a"), ClipFile(tone, "b", 2_000)], tmp_path / "tape.wav", crossfade=700)
    heard, item = programme(tape), decoded(tone)
    assert tape.marks[1].at == 3_000 - 700
    assert np.array_equal(heard[EDGE : 2 * SECOND], item[EDGE : 2 * SECOND])
    short = render([ClipFile(tone, "a"), ClipFile(tone, "b", 1_000)], tmp_path / "tape.wav", crossfade=9_000)
    assert short.marks[1].at == 2_500, "half of an item at most"


def test_a_hole_holds_its_clips_over_and_over_and_says_where_it_is(tone: Path, tmp_path: Path) -> None:
    hole = Hole("stream:vov1", "VOV1", 7_000, (ClipFile(tone, "nhạc", 3_000),))
    tape = render([ClipFile(tone, "a", 1_000), hole, ClipFile(tone, "b", 1_000)], tmp_path / "tape.wav")
    heard = programme(tape)
    assert tape.length == 9_000
    assert tape.stretches == (Stretch("stream:vov1", "VOV1", 1_000, 7_000),)
    assert [mark.at for mark in tape.marks] == [0, 1_000, 8_000]
    inside = heard[SECOND + CUT : 8 * SECOND - CUT]
    assert longest_silence(inside) < 10
    assert np.abs(heard[8 * SECOND - 60 : 8 * SECOND]).max() < 600, "faded out"


def test_a_hole_with_nothing_in_it_is_silent(tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(tone, "a", 1_000), Hole("browser", "Micro", 5_000)], tmp_path / "tape.wav")
    assert tape.length == 6_000
    assert not programme(tape)[SECOND:].any()


def test_louder_than_it_was_levelled_is_still_not_clipped(tone: Path, tmp_path: Path) -> None:
    usual = programme(render([ClipFile(tone, "a")], tmp_path / "tape.wav"))
    louder = programme(render([ClipFile(tone, "a")], tmp_path / "tape.wav", gain=3))
    softer = programme(render([ClipFile(tone, "a")], tmp_path / "tape.wav", gain=-6))
    assert np.abs(louder).max() > 1.35 * np.abs(usual).max()
    held = programme(render([ClipFile(tone, "a")], tmp_path / "tape.wav", gain=12))
    assert np.abs(held.astype(int)).max() <= 32_767 * 10 ** (-0.9 / 20)
    assert np.abs(softer).max() == pytest.approx(np.abs(usual).max() / 2, rel=0.02)


def test_begins_and_ends_with_digital_silence(tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(tone, "a")], tmp_path / "tape.wav")
    heard = samples(tape.path)
    assert (tape.lead, tape.tail) == (LEAD, TAIL) == (500, 500)
    assert not heard[: SECOND // 2].any()
    assert not heard[-SECOND // 2 :].any()
    assert longest_silence(heard) <= SECOND // 2 + 48


def test_a_cut_item_fades_out_within_its_length(tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(tone, "a", 1_000)], tmp_path / "tape.wav")
    heard, item = programme(tape), decoded(tone)
    assert tape.length == 1_000
    assert np.array_equal(heard[EDGE : SECOND - CUT], item[EDGE : SECOND - CUT])
    levels = [np.abs(heard[at : at + 480].astype(int)).max() for at in range(SECOND - CUT, SECOND, 480)]
    assert all(later < earlier for earlier, later in pairwise(levels))


def test_a_hundred_items(make: Callable[..., Path], tmp_path: Path) -> None:
    short = make("-f", "lavfi", "-i", "sine=frequency=500:sample_rate=48000:duration=0.25", form="flac")
    tape = render([ClipFile(short, str(number), 250) for number in range(100)], tmp_path / "tape.wav")
    verify(tape)
    assert tape.length == 25_000 - 99 * JOIN
    assert [mark.at for mark in tape.marks] == [number * (250 - JOIN) for number in range(100)]
    assert longest_silence(programme(tape)) < 20


def test_other_forms_are_made_alike(speech: Path, tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(speech, "lời"), ClipFile(tone, "nhạc")], tmp_path / "tape.wav")
    with wave.open(str(speech)) as spoken:
        assert tape.marks[1].at == pytest.approx(1000 * spoken.getnframes() / spoken.getframerate() - JOIN, abs=2)


def test_replaces_an_older_tape_and_leaves_nothing_beside(tone: Path, tmp_path: Path) -> None:
    render([ClipFile(tone, "a")], tmp_path / "tape.wav")
    tape = render([ClipFile(tone, "a", 500)], tmp_path / "tape.wav")
    assert names(tmp_path) == ["tape.wav"]
    assert tape.size == (tmp_path / "tape.wav").stat().st_size
    verify(tape)


def test_refuses_a_damaged_item_and_keeps_the_older_tape(tone: Path, tmp_path: Path) -> None:
    older = render([ClipFile(tone, "a")], tmp_path / "tape.wav")
    content = bytearray(tone.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged = tmp_path / "damaged"
    damaged.write_bytes(content)
    with pytest.raises(Refused, match="hỏng") as raised:
        render([ClipFile(tone, "a"), ClipFile(damaged, "Tin xã")], tmp_path / "tape.wav")
    assert raised.value.trouble.where == "Tin xã"
    verify(older)
    assert names(tmp_path) == ["damaged", "tape.wav"]


@pytest.mark.parametrize("left", [0, 20, 10_000])
def test_refuses_an_item_that_lost_its_end(left: int, tone: Path, tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(tone.read_bytes()[:left])
    with pytest.raises(Refused):
        render([ClipFile(tmp_path / "cut", "a", 3_001)], tmp_path / "tape.wav")
    assert names(tmp_path) == ["cut"]


def test_refuses_an_item_that_is_gone_or_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        render([ClipFile(tmp_path / "gone", "a")], tmp_path / "tape.wav")
    with pytest.raises(Refused, match="không có gì để phát"):
        render([], tmp_path / "tape.wav")
    assert names(tmp_path) == []


def test_verify_notices_what_is_wrong(tone: Path, tmp_path: Path) -> None:
    tape = render([ClipFile(tone, "a")], tmp_path / "tape.wav")
    verify(tape)
    path = Path(tape.path)
    whole = path.read_bytes()
    for wrong in (whole[:-1], whole[:100], b"", whole + b"\0", bytes(len(whole)), b"RIFX" + whole[4:]):
        path.write_bytes(wrong)
        with pytest.raises(Refused, match="Băng phát bị hỏng"):
            verify(tape)
    path.write_bytes(whole)
    with pytest.raises(Refused, match="Băng phát bị hỏng"):
        verify(evolve(tape, length=tape.length + 1))
    path.unlink()
    with pytest.raises(Refused, match="Không mở được"):
        verify(tape)
