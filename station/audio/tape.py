"""Tapes: a broadcast's levelled files joined into one WAV file, to the sample, hours before it airs.

The children write raw samples straight into the tape's file: it is their standard output. So a hundred items need
no more memory than one, and every length is counted in what is truly there.
"""

import os
import struct
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from station.audio.ffmpeg import ffmpeg, reading
from station.durable import keep, unfinished
from station.rules.now import HOUR
from station.rules.rundown import Mark, Tape
from station.rules.trouble import Refused, Trouble

LEAD = 500  # ms
TAIL = 500  # ms
LONGEST = 12 * HOUR  # what a WAV file of this format can hold

_SAMPLES = 48  # in a ms
_WIDTH = 2  # bytes of a sample
_MS = _SAMPLES * _WIDTH  # bytes of a ms
_EDGE = 10  # ms of fade at an item's ends, against clicks
_CUT = 100  # ms of fade where an item is cut short

# RIFF, then `fmt `: PCM, one channel, 48 kHz, 16 bit; then `data`.
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = (b"fmt ", 16, 1, 1, 1_000 * _SAMPLES, 1_000 * _MS, _WIDTH, 8 * _WIDTH, b"data")


@frozen
class ClipFile:
    """A levelled file to hear; `length` in ms where it is known, and no more than that of it is heard."""

    path: Path
    title: str
    length: int | None = None


def render(clips: Sequence[ClipFile], tape: Path, gain: float = 0.0) -> Tape:
    """Join `clips`, `gain` ≤ 0 dB softer, into `tape`, which is whole and on the card then, or left as it was.

    Raises `Refused` when a clip is damaged, there is nothing to hear, or the card is full.
    """
    with unfinished(tape.parent) as file:
        try:
            made = _render(clips, tape, file.stream, gain)
            keep(file, tape)
        except OSError as error:
            raise _refusal(
                tape.name, f"Không ghi được băng phát: {error.strerror}.", "Dọn bớt chỗ trên thẻ nhớ."
            ) from error
    return made


def verify(tape: Tape) -> None:
    """Check that a tape's file is there, of the right format and whole; raises `Refused` otherwise."""
    path = Path(tape.path)
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            header = stream.read(_HEADER.size)
    except OSError as error:
        raise _refusal(path.name, "Không mở được băng phát.", "Chuẩn bị lại buổi phát này.") from error
    promised = (tape.lead + tape.length + tape.tail) * _MS
    if size != tape.size or size != _HEADER.size + promised or header != _header(promised):
        raise _refusal(path.name, "Băng phát bị hỏng hoặc bị thiếu.", "Chuẩn bị lại buổi phát này.")


def _render(clips: Sequence[ClipFile], tape: Path, stream: BinaryIO, gain: float) -> Tape:
    begin = stream.write(_header(0) + bytes(LEAD * _MS))
    marks = []
    for clip in clips:
        marks.append(Mark((_end(stream) - begin) // _MS, clip.title))
        _append(clip, stream, gain)
    length = -(-(_end(stream) - begin) // _MS)
    if not 0 < length <= LONGEST:
        raise _refusal(
            tape.name, "Buổi phát này không có gì để phát, hoặc dài hơn 12 giờ.", "Sửa lại khung chương trình."
        )
    stream.write(bytes(begin + (length + TAIL) * _MS - _end(stream)))
    stream.seek(0)
    stream.write(_header((LEAD + length + TAIL) * _MS))
    return Tape(str(tape), _end(stream), LEAD, length, TAIL, tuple(marks))


def _append(clip: ClipFile, stream: BinaryIO, gain: float) -> None:
    """Let a child write the clip's samples at the tape's end, then fade its edges."""
    begin = _end(stream)
    cut = [] if clip.length is None else [f"atrim=end_sample={clip.length * _SAMPLES + 1}"]
    level = [f"volume={gain}dB"] if gain else []
    filters = ",".join(["aformat=sample_rates=48000:sample_fmts=s16:channel_layouts=mono", *level, *cut])
    finished = ffmpeg(
        [
            *("-v", "error", "-xerror", "-err_detect", "crccheck+explode"),
            *reading(clip.path),
            *("-map", "0:a:0", "-af", filters, "-f", "s16le", "pipe:1"),
        ],
        length=LONGEST,
        stdout=stream.fileno(),
    )
    heard = _end(stream) - begin
    if not finished.well or not heard or (clip.length and heard <= (clip.length - 1) * _MS):
        raise _refusal(clip.title, "Tệp âm thanh trong thư viện bị hỏng.", "Tải lại mục này lên thư viện.")
    _fade_edges(stream, begin, clip.length)


def _fade_edges(stream: BinaryIO, begin: int, length: int | None) -> None:
    """Fade the item that reaches from byte `begin` to the tape's end in and out, having cut it at `length` ms."""
    end, fade_out = _end(stream), _EDGE
    if length is not None and end - begin > length * _MS:
        end, fade_out = stream.truncate(begin + length * _MS), _CUT
    half = (end - begin) // _WIDTH // 2
    _fade(stream, begin, min(_EDGE * _SAMPLES, half), rising=True)
    _fade(stream, end, min(fade_out * _SAMPLES, half), rising=False)


def _fade(stream: BinaryIO, edge: int, count: int, *, rising: bool) -> None:
    """Scale the `count` samples after byte `edge` up from nothing, or those before it down to nothing."""
    place = edge if rising else edge - count * _WIDTH
    samples = array("h", os.pread(stream.fileno(), count * _WIDTH, place))
    for away in range(count):
        at = away if rising else count - 1 - away
        samples[at] = samples[at] * (away + 1) // (count + 1)
    os.pwrite(stream.fileno(), samples.tobytes(), place)


def _end(stream: BinaryIO) -> int:
    """Go to the file's end, after all that was written by us or by a child; gives its size in bytes."""
    return stream.seek(0, os.SEEK_END)


def _header(data: int) -> bytes:
    """The header of a WAV file with `data` bytes of samples."""
    return _HEADER.pack(b"RIFF", _HEADER.size - 8 + data, b"WAVE", *_FORMAT, data)


def _refusal(where: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(where, what, "Các buổi phát khác không bị ảnh hưởng.", mend))
