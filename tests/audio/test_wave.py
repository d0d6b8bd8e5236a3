"""A waveform shows what is heard, whatever the chunks in which it streamed by."""

from array import array
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from station.audio.wave import BARS, RATE, Outline, bars, faded, outline


@given(st.lists(st.integers(-32_768, 32_767), max_size=400), st.lists(st.integers(1, 300), max_size=20))
def test_the_outline_is_the_highest_sample_of_each_block(samples: list[int], cuts: list[int]) -> None:
    data, heard = array("h", samples).tobytes(), Outline()
    for size in cuts:
        heard.take(data[:size])
        data = data[size:]
    heard.take(data)
    blocks = [samples[at : at + 80] for at in range(0, len(samples), 80)]
    assert list(heard.peaks) == [max(abs(it) for it in block) for block in blocks]
    assert heard.length == -(-len(samples) * 1_000 // RATE)


@given(st.lists(st.integers(0, 32_768), max_size=2_000))
def test_bars_are_few_and_hide_no_peak(peaks: list[int]) -> None:
    shown = bars(peaks, 0, 0)
    assert len(shown) == min(BARS, len(peaks))
    assert max(shown, default=0) == round(max(peaks, default=0) / 32_768 * 255)


@given(st.binary(max_size=800), st.integers(1, 10_000), st.integers(0, 5_000), st.integers(0, 5_000))
def test_a_fade_makes_no_bar_higher(shown: bytes, length: int, fade_in: int, fade_out: int) -> None:
    after = faded(shown, length, fade_in, fade_out)
    assert len(after) == len(shown)
    assert all(was >= now for was, now in zip(shown, after, strict=True))
    assert faded(shown, length, 0, 0) == shown


def test_the_outline_of_a_file(make: Callable[..., Path], tmp_path: Path) -> None:
    file = make("-f", "lavfi", "-i", "sine=500:d=2,volume='if(lt(t,1),4,0)':eval=frame", form="flac")
    shown = outline(file)
    half = len(shown) // 2
    assert len(shown) == 100
    assert min(shown[2 : half - 2]) > 100
    assert max(shown[half + 2 :]) == 0
    assert outline(tmp_path / "none") == b""
