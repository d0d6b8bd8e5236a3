"""Probing: what a file that came from outside really is, by its content and never by its name."""

import json
import os
import struct
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from station.audio.ffmpeg import ffmpeg, ffprobe, reached, reading
from station.rules.now import HOUR
from station.rules.trouble import Refused, Trouble

LONGEST = 3 * HOUR
SHORTEST = 100  # ms; less is a click

# ffprobe gives up on a file of which it may not open every part, so it may open the pictures that come with sound.
_PICTURES = ",png,mjpeg,h264,hevc"
# libavformat's own mark between "looks like it" and "a few bytes happened to fit" (AVPROBE_SCORE_RETRY).
_LEAST_SCORE = 25
_CHUNK = struct.Struct("<4sI")
_WAV_LEFT_OPEN = 0x7FFF_F000  # bytes; recorders that cannot go back to the header write a number like this
_GUESSED = "Estimating duration from bitrate"


@frozen
class Probed:
    """What a file says of itself; `length` in ms, `rate` in Hz."""

    length: int
    codec: str
    channels: int
    rate: int
    container: str


def probe(file: Path, name: str) -> Probed:
    """Find out what `file` is, shown to people as `name`; raises `Refused` with a sentence unless it is audio."""
    if file.stat().st_size == 0:
        raise refusal(name, "Tệp này trống.", "Ghi âm hoặc chép lại tệp rồi tải lên lần nữa.")
    found = ffprobe(
        [
            *("-v", "warning", "-of", "json"),
            *("-show_entries", "format=format_name,duration,probe_score"),
            *("-show_entries", "stream=codec_type,codec_name,sample_rate,channels,duration"),
            *reading(file, beside=_PICTURES),
        ]
    )
    if not found.well:
        raise _not_audio(name)
    probed = _understood(json.loads(found.out), name)
    if _GUESSED in found.log or not probed.length:
        length = _stated_by_wav(file) if probed.container == "wav" else _counted(file)
        probed = evolve(probed, length=length or probed.length)
    return _of_fit_length(probed, name)


def refusal(name: str, what: str, mend: str) -> Refused:
    """The refusal of one file, which leaves the others alone."""
    return Refused(Trouble(name, what, "Các mục khác vẫn phát như thường.", mend))


def _understood(told: dict[str, Any], name: str) -> Probed:
    """What ffprobe's JSON says, of the first audio in the file."""
    container = told["format"]
    if container["probe_score"] < _LEAST_SCORE:
        raise _not_audio(name)
    heard = [stream for stream in told["streams"] if stream.get("codec_type") == "audio"]
    if not heard:
        raise refusal(name, "Tệp này không có tiếng.", "Chọn tệp có ghi âm thanh.")
    audio = heard[0]
    if not int(audio.get("sample_rate", 0)) or not audio.get("channels"):
        raise _not_audio(name)
    seconds = float(audio.get("duration") or container.get("duration") or 0)
    return Probed(
        length=round(seconds * 1_000),
        codec=audio.get("codec_name", "unknown"),
        channels=audio["channels"],
        rate=int(audio["sample_rate"]),
        container=container["format_name"].partition(",")[0],
    )


def _counted(file: Path) -> int:
    """Milliseconds of a file whose header does not state them: its frames are counted, not decoded."""
    counting = ["-map", "0:a:0", "-c", "copy", "-progress", "pipe:1", "-f", "null", "-"]
    return reached(ffmpeg(["-v", "error", *reading(file), *counting], length=LONGEST))


def _stated_by_wav(file: Path) -> int:
    """Milliseconds that a WAV file's header promises (ffprobe tells only what is there); 0 if left open."""
    per_second = 0
    with file.open("rb") as stream:
        stream.seek(len(b"RIFF....WAVE"))
        while len(header := stream.read(_CHUNK.size)) == _CHUNK.size:
            kind, size = _CHUNK.unpack(header)
            if kind == b"data":
                return size * 1_000 // per_second if per_second and size < _WAV_LEFT_OPEN else 0
            if kind == b"fmt ":
                per_second = int.from_bytes(stream.read(12)[8:], "little")
                size -= 12
            stream.seek(size + size % 2, os.SEEK_CUR)
    return 0


def _of_fit_length(probed: Probed, name: str) -> Probed:
    if probed.length < SHORTEST:
        raise refusal(name, "Tệp này quá ngắn, không nghe được gì.", "Ghi âm lại rồi tải lên lần nữa.")
    if probed.length > LONGEST:
        raise refusal(name, "Tệp này dài hơn 3 giờ.", "Cắt thành các phần ngắn hơn rồi tải lên từng phần.")
    return probed


def _not_audio(name: str) -> Refused:
    return refusal(
        name,
        "Tệp này không phải là âm thanh mà máy đọc được.",
        "Chọn tệp WAV, MP3, M4A, OGG hoặc FLAC.",
    )
