"""Levelling: any recording becomes a mono FLAC file that sounds as loud as every other one."""

import math
import re
from pathlib import Path

from attrs import field, frozen
from attrs.validators import ge, le

from station.audio.ffmpeg import ffmpeg, reached, reading
from station.audio.probe import LONGEST, Probed, probe, refusal
from station.audio.sandbox import Finished
from station.rules.now import SECOND

HIGHEST_PEAK = -1.0  # dBTP

_CLOSE_ENOUGH = 0.3  # LU
_TRIES = 4
_SILENT = -65.0  # LUFS as the compressor leaves it, which is about -60 before
_BEGINNING_S = 120
_FAINT = -50.0  # LUFS; a beginning below this does not tell the level of what follows
_LIFTED_TO = -16.0  # LUFS, before the compressor
_MAKE_UP = 9.0  # dB, about what the compressor takes
# Twice the rate sees most of what lies between samples; the rest is the margin below `HIGHEST_PEAK`, and measured.
_OVERSAMPLED = 96_000
_MARGIN = 0.4  # dB
# Loudness is measured in blocks of 400 ms; what is hardly longer is measured as if it went on.
_REPEATED_BELOW = SECOND // 2
_MAY_MISS = 200  # ms of the stated length when decoded, or
_MAY_MISS_PART = 0.01  # of it, whichever is more

_MONO = "aformat=sample_fmts=fltp:channel_layouts=mono,aresample=48000"
_COMPRESS = "acompressor=threshold=-24dB:ratio=2:attack=3:release=200:knee=6:detection=peak"
_LOUDNESS = "ebur128=framelog=verbose"
_LOUDNESS_AND_PEAK = f"{_LOUDNESS}:peak=true"  # finding what lies between samples costs as much again
_REPEAT = "aloop=loop=-1:size=48000,atrim=end=3"


@frozen
class Target:
    """What recordings are levelled to: `loudness` in LUFS, `high_pass` in Hz (0 leaves low sound in)."""

    loudness: float = field(default=-16.0, validator=[ge(-30.0), le(-10.0)])
    high_pass: int = field(default=150, validator=[ge(0), le(500)])


@frozen
class Levelled:
    """What levelling made: `length` in ms, rounded up; `loudness` in LUFS; `peak` in dBTP."""

    length: int
    loudness: float
    peak: float


def level(original: Path, ready: Path, target: Target, name: str) -> Levelled:
    """Write `original` to `ready` at the target's loudness, over what `ready` holds; the caller makes it durable.

    Raises `Refused` about `name`, as people know the file, when it is not fit for air.
    """
    probed = probe(original, name)
    even, lift = _evened(original, target, probed, name)
    gain, ceiling = _MAKE_UP, HIGHEST_PEAK - _MARGIN
    heard, _ = _measured(original, f"{even},{_raised(gain, ceiling)},{_LOUDNESS}", probed.length, name)
    if not heard - gain - lift > _SILENT:
        raise refusal(name, "Trong tệp này không nghe thấy tiếng.", "Kiểm tra micro rồi ghi âm lại.")
    gain += target.loudness - heard
    for _ in range(_TRIES):
        length = _written(original, ready, f"{even},{_finely(_raised(gain, ceiling))}", probed, name)
        loudness, peak = _measured(ready, _LOUDNESS_AND_PEAK, length, name)
        missing, excess = target.loudness - loudness, peak - HIGHEST_PEAK
        if abs(missing) <= _CLOSE_ENOUGH and excess <= 0:
            break
        gain += missing
        ceiling -= max(0.0, excess)
    return Levelled(length, loudness, peak)


def _evened(original: Path, target: Target, probed: Probed, name: str) -> tuple[str, float]:
    """The filters that even out a recording, and by how many dB they lift it first.

    What no horn can sound goes, or thumps would pass for loudness. The compressor works from a fixed level, so the
    beginning of the recording is measured to lift all of it there.
    """
    high_pass = f",highpass=f={target.high_pass}" if target.high_pass else ""
    clean = f"{_MONO}{high_pass}"
    beginning, _ = _measured(original, f"atrim=end={_BEGINNING_S},{clean},{_LOUDNESS}", probed.length, name)
    lift = _LIFTED_TO - max(beginning, _FAINT)
    return f"{clean},volume={lift:.1f}dB,{_COMPRESS}", lift


def _raised(gain: float, ceiling: float) -> str:
    """The filters that bring it to its level: `gain` in dB, and no sample above `ceiling` in dB."""
    return f"volume={gain:.1f}dB,alimiter=limit={ceiling:.1f}dB:level=disabled:latency=1"


def _finely(filters: str) -> str:
    """The same filters, for limiting what lies between samples too."""
    mono = "aformat=channel_layouts=mono"
    return f"{mono}:sample_rates={_OVERSAMPLED},{filters},{mono}:sample_rates=48000:sample_fmts=s16"


def _measured(file: Path, filters: str, length: int, name: str) -> tuple[float, float]:
    """The loudness in LUFS, and the true peak in dBTP if asked for, that `filters` find in `file`."""
    repeat = f"{_REPEAT}," if length < _REPEATED_BELOW else ""
    finished = _run(file, repeat + filters, ["-f", "null", "-"], length, name)
    summary = finished.log.rpartition("Summary:")[2]
    return _figure(r"I:\s+(\S+) LUFS", summary), _figure(r"Peak:\s+(\S+) dBFS", summary)


def _written(original: Path, ready: Path, filters: str, probed: Probed, name: str) -> int:
    """Write what `filters` make of `original` to `ready`; gives its ms, rounded up, if nothing is missing."""
    flac = ["-c:a", "flac", "-compression_level", "2", "-f", "flac", f"file:{ready.absolute()}"]
    length = reached(_run(original, filters, flac, probed.length, name))
    if probed.length - length > max(_MAY_MISS, probed.length * _MAY_MISS_PART):
        raise refusal(
            name,
            f"Tệp này bị thiếu: ghi là dài {_spoken(probed.length)} nhưng đọc được {_spoken(length)}.",
            "Chép hoặc tải lại tệp gốc.",
        )
    return length


def _run(file: Path, filters: str, output: list[str], length: int, name: str) -> Finished:
    audio_only = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-af", filters]
    bounds = ["-t", str(LONGEST // SECOND + 1), "-progress", "pipe:1"]
    finished = ffmpeg([*reading(file), *audio_only, *bounds, *output], length=length)
    if not finished.well:
        raise refusal(
            name, "Máy không đọc được hết tệp này.", "Mở thử tệp trên máy khác, rồi chép lại hoặc ghi âm lại."
        )
    return finished


def _figure(pattern: str, summary: str) -> float:
    """One figure of the meter's summary; silence for what it could not measure."""
    found = re.search(pattern, summary)
    figure = float(found[1]) if found else -math.inf
    return -math.inf if math.isnan(figure) else figure


def _spoken(length: int) -> str:
    minutes, seconds = divmod(round(length / SECOND), 60)
    return f"{minutes} phút {seconds} giây" if minutes else f"{seconds} giây"
