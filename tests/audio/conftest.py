"""Sounds that the tests make for themselves, and a measuring of their own."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

TEXT = (
    "Đây là đài truyền thanh xã. Hôm nay trời nắng, nhiệt độ cao nhất ba mươi lăm độ. "
    "Kính mời bà con theo dõi bản tin sáng. Xin cảm ơn bà con đã lắng nghe."
)


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Run ffmpeg with the given arguments; gives the file it made, under a name that tells nothing."""
    folder = tmp_path_factory.mktemp("made")

    def run(*arguments: str | Path, form: str = "wav") -> Path:
        made = folder / f"{len(list(folder.iterdir()))}.txt"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *arguments, "-f", form, made], check=True)
        return made

    return run


@pytest.fixture(scope="session")
def text() -> str:
    return TEXT


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About eleven seconds of Vietnamese."""
    made = tmp_path_factory.mktemp("speech") / "speech.wav"
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", made, TEXT], check=True)
    return made


@pytest.fixture(scope="session")
def measure() -> Callable[[Path], tuple[float, float]]:
    """The loudness in LUFS and the true peak in dBTP of a finished file."""

    def run(file: Path) -> tuple[float, float]:
        told = subprocess.run(
            ["ffmpeg", "-nostdin", "-hide_banner", "-i", file, "-af", "ebur128=peak=true", "-f", "null", "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stderr.rpartition("Summary:")[2]
        figures = [re.search(pattern, told) for pattern in (r"I:\s+(\S+) LUFS", r"Peak:\s+(\S+) dBFS")]
        loudness, peak = (float(figure[1]) for figure in figures if figure)
        return loudness, peak

    return run
