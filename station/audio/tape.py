"""Tapes: a broadcast's levelled files joined into one WAV file, to the sample, hours before it airs.

The children write raw samples straight into the tape's file: it is their standard output. So a hundred items need
no more memory than one, and every length is counted in what is truly there.
"""

import math
import os
from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from attrs import frozen

from station.audio.ffmpeg import ffmpeg, reading
from station.audio.wav import BYTES_PER_MS, HEADER_SIZE, SAMPLES_PER_MS, WIDTH, header
from station.durable import keep, unfinished
from station.rules.now import HOUR
from station.rules.rundown import JOIN, Mark, Stretch, Tape
from station.rules.trouble import Refused, Trouble

LEAD = 500  # ms
TAIL = 500  # ms
LONGEST = 12 * HOUR  # what a WAV file of this format can hold

_EDGE = 10  # ms of fade where the programme begins and ends, and beside a live source
_CUT = 100  # ms of fade where an item is cut short
_CEILING = -1.0  # dB of full scale: what is made louder than it was levelled is held there
_CHUNK = 1 << 20  # bytes
_LOWEST, _HIGHEST = -32_768, 32_767


@frozen
class ClipFile:
    """A levelled file to hear; `length` in ms where it is known, and no more than that of it is heard."""

    path: Path
    title: str
    length: int | None = None


@frozen
class Hole:
    """Where a live `source` is heard for `length` ms; meanwhile the tape holds `clips`, over and over."""

    source: str
    title: str
    length: int
    clips: tuple[ClipFile, ...] = ()


Piece = ClipFile | Hole


def render(pieces: Sequence[Piece], tape: Path, gain: float = 0.0, crossfade: int = 0) -> Tape:
    """Join `pieces` into `tape`, which is whole and on the card then, or left as it was.

    All is `gain` dB louder; neighbouring clips overlap by `crossfade` ms, or by so little that no sample is silent.
    Raises `Refused` when a clip is damaged, there is nothing to hear, or the card is full.
    """
    with unfinished(tape.parent) as file:
        try:
            again = {it for it, times in Counter(pieces).items() if times > 1 and isinstance(it, ClipFile)}
            with TemporaryFile(dir=tape.parent) as once:
                made = _render(pieces, tape, _Reel(file.stream, gain, max(crossfade, JOIN), again, once))
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
            found = stream.read(HEADER_SIZE)
    except OSError as error:
        raise _refusal(path.name, "Không mở được băng phát.", "Chuẩn bị lại buổi phát này.") from error
    promised = (tape.lead + tape.length + tape.tail) * BYTES_PER_MS
    if size != tape.size or size != HEADER_SIZE + promised or found != header(promised):
        raise _refusal(path.name, "Băng phát bị hỏng hoặc bị thiếu.", "Chuẩn bị lại buổi phát này.")


def _render(pieces: Sequence[Piece], tape: Path, reel: "_Reel") -> Tape:
    marks, stretches = [], []
    for piece in pieces:
        match piece:
            case ClipFile():
                at = reel.append(piece)
            case Hole(source, title, length, clips):
                at = reel.fill(length, clips)
                stretches.append(Stretch(source, title, at, length))
        marks.append(Mark(at, piece.title))
    length = reel.finish()
    size = HEADER_SIZE + (LEAD + length + TAIL) * BYTES_PER_MS
    return Tape(str(tape), size, LEAD, length, TAIL, tuple(marks), tuple(stretches))


class _Reel:
    """A tape being made: items are put at its end, each joined to the one before it."""

    def __init__(
        self, stream: BinaryIO, gain: float, overlap: int, again: Collection[ClipFile], once: BinaryIO
    ) -> None:
        """The clips that come `again` are decoded into `once`, and copied from there."""
        self._stream = stream
        self._again = again
        self._once = once
        self._decoded: dict[ClipFile, tuple[int, int]] = {}  # where in `once`: from byte to byte
        self._gain = gain
        self._overlap = overlap * SAMPLES_PER_MS
        self._begin = stream.write(header(0) + bytes(LEAD * BYTES_PER_MS))
        self._last = 0  # samples of the last item that the next one may overlap: none after a live source

    def append(self, clip: ClipFile) -> int:
        """Put a clip at the end; gives the ms at which it begins."""
        tail = self._cut_off(self._overlapped(clip))
        begin = self._end()
        if not tail:
            self._fade_out(_EDGE)
        self._write(clip)
        whole = clip.length is None or self._end() - begin <= clip.length * BYTES_PER_MS
        if clip.length is not None and not whole:
            self._stream.truncate(begin + clip.length * BYTES_PER_MS)
        self._last = (self._end() - begin) // WIDTH
        if not whole:
            self._fade_out(_CUT)
        if tail:
            self._mix(tail, begin)
        else:
            self._fade_in(begin, min(_EDGE * SAMPLES_PER_MS, self._last // 2))
        return self._ms(begin)

    def fill(self, length: int, clips: Sequence[ClipFile]) -> int:
        """Put a hole of `length` ms at the end, clips repeated in it; gives the ms at which it begins."""
        self._fade_out(_EDGE)
        self._last = 0
        begin = self._end()
        over = begin + length * BYTES_PER_MS
        for clip in cycle(clips):
            before = self._end()
            self.append(clip)
            if self._end() >= over or self._end() <= before:
                break
        cut = self._end() > over
        self._stream.truncate(over)  # or longer, with silence
        if cut:
            self._fade_out(_CUT)
        self._last = 0
        return self._ms(begin)

    def finish(self) -> int:
        """End the programme, and the file; gives the programme's ms. Raises `Refused`."""
        self._fade_out(_EDGE)
        length = -(-(self._end() - self._begin) // BYTES_PER_MS)
        if not 0 < length <= LONGEST:
            what = "Buổi phát này không có gì để phát, hoặc dài hơn 12 giờ."
            raise _refusal("Băng phát", what, "Sửa lại khung chương trình.")
        self._stream.truncate(self._begin + (length + TAIL) * BYTES_PER_MS)
        self._stream.seek(0)
        self._stream.write(header((LEAD + length + TAIL) * BYTES_PER_MS))
        return length

    def _overlapped(self, clip: ClipFile) -> int:
        """How many samples of the last item this one overlaps: half of either at most."""
        known = self._last if clip.length is None else min(self._last, clip.length * SAMPLES_PER_MS)
        return min(self._overlap, known // 2)

    def _cut_off(self, count: int) -> "array[int]":
        """Take the last `count` samples away, and give them."""
        place = self._end() - count * WIDTH
        tail = array("h", os.pread(self._stream.fileno(), count * WIDTH, place))
        self._stream.truncate(place)
        return tail

    def _write(self, clip: ClipFile) -> None:
        """Put the clip's samples at the end."""
        if clip not in self._again:
            _decode(clip, self._gain, self._stream)
            return
        if clip not in self._decoded:
            begin = self._once.seek(0, os.SEEK_END)
            _decode(clip, self._gain, self._once)
            self._decoded[clip] = begin, self._once.seek(0, os.SEEK_END)
        begin, end = self._decoded[clip]
        self._end()
        self._once.seek(begin)
        while part := self._once.read(min(_CHUNK, end - self._once.tell())):
            self._stream.write(part)
        self._stream.flush()

    def _mix(self, tail: "array[int]", begin: int) -> None:
        """Let `tail` fade into what begins at byte `begin`, with the same power all the way."""
        count = len(tail)
        if self._end() - begin < count * WIDTH:
            self._stream.truncate(begin + count * WIDTH)
        new = array("h", os.pread(self._stream.fileno(), count * WIDTH, begin))
        for at, (was, will) in enumerate(zip(tail, new, strict=True)):
            angle = (at + 0.5) / count * math.pi / 2
            mixed = round(was * math.cos(angle) + will * math.sin(angle))
            new[at] = min(max(mixed, _LOWEST), _HIGHEST)
        os.pwrite(self._stream.fileno(), new.tobytes(), begin)

    def _fade_in(self, begin: int, count: int) -> None:
        self._scale(begin, [at / (count + 1) for at in range(1, count + 1)])

    def _fade_out(self, ms: int) -> None:
        """Fade the last item's end."""
        count = min(ms * SAMPLES_PER_MS, self._last // 2)
        self._scale(self._end() - count * WIDTH, [at / (count + 1) for at in range(count, 0, -1)])

    def _scale(self, place: int, factors: Sequence[float]) -> None:
        samples = array("h", os.pread(self._stream.fileno(), len(factors) * WIDTH, place))
        scaled = array("h", [int(it * factor) for it, factor in zip(samples, factors, strict=True)])
        os.pwrite(self._stream.fileno(), scaled.tobytes(), place)

    def _end(self) -> int:
        """Go to the file's end, after all that was written by us or by a child; gives its size in bytes."""
        return self._stream.seek(0, os.SEEK_END)

    def _ms(self, place: int) -> int:
        return (place - self._begin) // BYTES_PER_MS


def _decode(clip: ClipFile, gain: float, into: BinaryIO) -> None:
    """Let a child write the clip's samples at the end of a file. Raises `Refused`."""
    begin = into.seek(0, os.SEEK_END)
    cut = [] if clip.length is None else [f"atrim=end_sample={clip.length * SAMPLES_PER_MS + 1}"]
    filters = ",".join([_FORMAT, *_gain(gain), *cut])
    finished = ffmpeg(
        [
            *("-v", "error", "-xerror", "-err_detect", "crccheck+explode"),
            *reading(clip.path),
            *("-map", "0:a:0", "-af", filters, "-f", "s16le", "pipe:1"),
        ],
        length=LONGEST,
        stdout=into.fileno(),
    )
    heard = into.seek(0, os.SEEK_END) - begin
    if not finished.well or not heard or (clip.length and heard <= (clip.length - 1) * BYTES_PER_MS):
        raise _refusal(clip.title, "Tệp âm thanh trong thư viện bị hỏng.", "Tải lại mục này lên thư viện.")


_FORMAT = "aformat=sample_rates=48000:sample_fmts=s16:channel_layouts=mono"


def _gain(gain: float) -> list[str]:
    if not gain:
        return []
    held = [f"alimiter=limit={_CEILING}dB:level=disabled:latency=1", _FORMAT] if gain > 0 else []
    return [f"volume={gain}dB", *held]


def _refusal(where: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(where, what, "Các buổi phát khác không bị ảnh hưởng.", mend))
