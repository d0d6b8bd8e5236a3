"""A first look at a recording: how loud its beginning is, and what kind of sound it holds."""

import math
from itertools import pairwise
from pathlib import Path

from station.audio.checks import Frame, Survey
from station.audio.ffmpeg import ffmpeg, reading
from station.audio.filters import LOUDNESS, MONO, REPEAT, cut, figure, figures, loudness
from station.audio.sandbox import Finished
from station.rules.now import SECOND
from station.rules.recipe import Piece

_BEGINNING = 120 * SECOND
_KIND_S = 60  # tell what kind of sound it is
_VOICE = 16_000  # Hz: what a voice holds
_VOICE_LOW = 350  # Hz, below which every voice has much of its power
_ONE_PLACE = 2 * SECOND  # nothing for so long, and it is another place
_FRAME = 100  # ms, about
_WINDOW = 4_096  # samples of one frame


def survey(file: Path, piece: Piece, high_pass: str, length: int, *, repeated: bool) -> Survey | None:
    """Look at the beginning of a piece of `file`, or `None` when nothing of it can be read.

    What is `repeated` is too short to be measured otherwise.
    """
    power = "measure_perchannel=none:measure_overall=RMS_level"
    graph = (
        f"[0:a:0]{cut(piece, _BEGINNING)},asplit=3[channels][loud][voice];"
        "[channels]astats@channels=measure_overall=Number_of_samples:"
        "measure_perchannel=RMS_level+Flat_factor+Peak_count,anullsink;"
        f"[loud]{MONO}{high_pass}{',' + REPEAT if repeated else ''},{LOUDNESS},anullsink;"
        f"[voice]atrim=end={_KIND_S},aformat=sample_fmts=fltp:channel_layouts=mono,aresample={_VOICE},"
        f"astats@whole={power},asplit=3[high][low][kind];"
        f"[high]anull{high_pass},astats@clean={power},anullsink;"
        f"[low]lowpass=f={_VOICE_LOW},lowpass=f={_VOICE_LOW},astats@low={power},anullsink;"
        f"[kind]aspectralstats=win_size={_WINDOW}:overlap=0,asetnsamples={_WINDOW}:p=0,"
        "astats=metadata=1:reset=1:measure_overall=none:measure_perchannel=RMS_level,"
        r"ametadata=print:file='pipe\:1'[out]"
    )
    finished = ffmpeg([*reading(file), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"], length=length)
    return _understood(finished) if finished.well else None


def loudest(file: Path, piece: Piece, above: float, length: int) -> tuple[int, int] | None:
    """Where, in ms of the piece, it is `above` so many dB of full scale for the first time."""
    told: list[bytes] = []
    key = "lavfi.astats.Overall.Peak_level"
    filters = (
        f"{cut(piece)},astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,"
        rf"ametadata=print:key={key}:value={above:.2f}:function=greater:file='pipe\:1'"
    )
    ffmpeg([*reading(file), "-map", "0:a:0", "-af", filters, "-f", "null", "-"], length=length, take=told.append)
    places = [round(SECOND * it) for it in figures(r"pts_time:(\S+)", b"".join(told).decode())]
    if not places:
        return None
    ends = (was for was, now in pairwise([*places, math.inf]) if now - was > _ONE_PLACE)
    return places[0], round(next(ends)) + _FRAME


def _understood(finished: Finished) -> Survey | None:
    log = finished.log
    before = figure(r"astats@whole[^]]*\] RMS level dB: (\S+)", log)
    after = figure(r"astats@clean[^]]*\] RMS level dB: (\S+)", log)
    channel = r"astats@channels[^]]*\] "
    samples = figure(channel + r"Number of samples: (\d+)", log)
    if not samples:  # it told of a length, and holds nothing
        return None
    return Survey(
        loudness=loudness(log),
        channels=figures(channel + r"RMS level dB: (\S+)", log),
        flat=max(figures(channel + r"Flat factor: (\S+)", log), default=0.0),
        flat_share=100 * max(figures(channel + r"Peak count: (\S+)", log), default=0.0) / samples,
        hum=before - after,
        low=figure(r"astats@low[^]]*\] RMS level dB: (\S+)", log) - before,
        frames=tuple(map(_frame, finished.out.decode(errors="replace").split("frame:")[1:])),
    )


def _frame(told: str) -> Frame:
    return Frame(
        level=figure(r"astats\.1\.RMS_level=(\S+)", told),
        centre=figure(r"spectralstats\.1\.centroid=(\S+)", told),
        flatness=figure(r"spectralstats\.1\.flatness=(\S+)", told),
    )
