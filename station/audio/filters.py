"""What ffmpeg's filters are asked, and what its meters tell, where more than one pass needs it."""

import math
import re

from station.rules.now import SECOND
from station.rules.recipe import Piece

MONO = "aformat=sample_fmts=fltp:channel_layouts=mono,aresample=48000"
LOUDNESS = "ebur128=framelog=verbose"
# Loudness is measured in blocks of 400 ms; what is hardly longer is measured as if it went on.
REPEATED_BELOW = SECOND // 2
REPEAT = "aloop=loop=-1:size=48000,atrim=end=3"


def cut(piece: Piece, most: int | None = None) -> str:
    """The filters that leave a piece of its original, or the first `most` ms of it."""
    ends = [end for end in (piece.end, most and piece.start + most) if end is not None]
    until = f":end={min(ends) / SECOND}" if ends else ""
    return f"atrim=start={piece.start / SECOND}{until},asetpts=PTS-STARTPTS"


def figure(pattern: str, log: str) -> float:
    """The last figure of that pattern; -inf if there is none, or what it measured was nothing."""
    found = re.findall(pattern, log)
    number = float(found[-1]) if found else -math.inf
    return -math.inf if math.isnan(number) else number


def figures(pattern: str, log: str) -> tuple[float, ...]:
    """Every figure of that pattern."""
    return tuple(float(it) for it in re.findall(pattern, log))


def loudness(log: str) -> float:
    """LUFS, by the summary of the one meter."""
    return figure(r"I:\s+(\S+) LUFS", log.rpartition("Summary:")[2])


def peak(log: str) -> float:
    """The highest peak in dB of full scale, by the summary of the one meter."""
    return figure(r"Peak:\s+(\S+) dBFS", log.rpartition("Summary:")[2])
