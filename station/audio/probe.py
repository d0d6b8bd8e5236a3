"""Probing: what a file that came from outside really is, by its content and never by its name."""

import json
import os
import struct
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from station.audio.ffmpeg import ffmpeg, ffprobe, reached, reading
from station.rules.findings import REFUSALS, Problem
from station.rules.now import HOUR
from station.rules.trouble import Refused, Trouble

LONGEST = 3 * HOUR
SHORTEST = 100  # ms; less is a click

# ffprobe gives up on a file of which it may not open every part, so it may open what comes with sound: covers, the
# picture of a video from a telephone or browser, a list of chapters.
_BESIDE_SOUND = ",png,mjpeg,bmp,gif,h263,mpeg4,h264,hevc,vp8,vp9,libdav1d,av1,mov_text,text"
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
        raise refusal(name, Problem.EMPTY)
    found = ffprobe(
        [
            *("-v", "warning", "-of", "json"),
            *("-show_entries", "format=format_name,duration,probe_score"),
            *("-show_entries", "stream=codec_type,codec_name,sample_rate,channels,duration"),
            *reading(file, beside=_BESIDE_SOUND),
        ]
    )
    if not found.well:
        raise refusal(name, Problem.NOT_AUDIO)
    probed = _understood(json.loads(found.out), name)
    if _GUESSED in found.log or not probed.length:
        length = _stated_by_wav(file) if probed.container == "wav" else _counted(file)
        probed = evolve(probed, length=length or probed.length)
    refuse_length(probed.length, name)
    return probed


def refusal(name: str, problem: Problem) -> Refused:
    """The refusal of one file for a problem."""
    return refused(name, *REFUSALS[problem])


def refused(name: str, what: str, mend: str) -> Refused:
    """The refusal of one file, which leaves the others alone."""
    return Refused(Trouble(name, what, "Các mục khác vẫn phát như thường.", mend))


def refuse_length(length: int, name: str) -> None:
    """Raise `Refused` for what is too long or too short to be aired; `length` in ms."""
    if length < SHORTEST:
        raise refusal(name, Problem.TOO_SHORT)
    if length > LONGEST:
        raise refusal(name, Problem.TOO_LONG)


def _understood(told: dict[str, Any], name: str) -> Probed:
    """What ffprobe's JSON says, of the first audio in the file."""
    container = told["format"]
    if container["probe_score"] < _LEAST_SCORE:
        raise refusal(name, Problem.NOT_AUDIO)
    heard = [stream for stream in told["streams"] if stream.get("codec_type") == "audio"]
    if not heard:
        raise refusal(name, Problem.NO_SOUND)
    audio = heard[0]
    if not int(audio.get("sample_rate", 0)) or not audio.get("channels"):
        raise refusal(name, Problem.NOT_AUDIO)
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
