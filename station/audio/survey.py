"""A first look at a recording: how loud its beginning is, and what kind of sound it holds."""

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
_WINDOW = 4_096  # samples of one frame


def survey(file: Path, piece: Piece, high_pass: str, length: int, *, repeated: bool) -> Survey | None:
    """Look at the beginning of a piece of `file`, or `None` when it cannot be read.

    What is `repeated` is too short to be measured otherwise.
    """
    power = "measure_perchannel=none:measure_overall=RMS_level"
    graph = (
        f"[0:a:0]{cut(piece, _BEGINNING)},asplit=3[all][whole][kind];"
        "[all]astats@channels=measure_overall=none:measure_perchannel=RMS_level+Flat_factor,anullsink;"
        f"[whole]{MONO},astats@whole={power}{high_pass},astats@clean={power}"
        f"{',' + REPEAT if repeated else ''},{LOUDNESS},anullsink;"
        f"[kind]atrim=end={_KIND_S},{MONO},aresample={_VOICE},aspectralstats=win_size={_WINDOW}:overlap=0,"
        f"asetnsamples={_WINDOW}:p=0,astats=metadata=1:reset=1:measure_overall=none:measure_perchannel=RMS_level,"
        r"ametadata=print:file='pipe\:1'[out]"
    )
    finished = ffmpeg([*reading(file), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"], length=length)
    return _understood(finished) if finished.well else None


def _understood(finished: Finished) -> Survey:
    log = finished.log
    before = figure(r"astats@whole[^]]*\] RMS level dB: (\S+)", log)
    after = figure(r"astats@clean[^]]*\] RMS level dB: (\S+)", log)
    return Survey(
        loudness=loudness(log),
        channels=figures(r"astats@channels[^]]*\] RMS level dB: (\S+)", log),
        flat=max(figures(r"astats@channels[^]]*\] Flat factor: (\S+)", log), default=0.0),
        low=before - after,
        frames=tuple(map(_frame, finished.out.decode(errors="replace").split("frame:")[1:])),
    )


def _frame(told: str) -> Frame:
    return Frame(
        level=figure(r"astats\.1\.RMS_level=(\S+)", told),
        centre=figure(r"spectralstats\.1\.centroid=(\S+)", told),
        flatness=figure(r"spectralstats\.1\.flatness=(\S+)", told),
    )
