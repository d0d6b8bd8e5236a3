"""Levelling: any recording becomes a mono FLAC file that sounds as loud as every other one.

It is decoded once, into what the compressor makes of it, while its loudness, its outline and its faults are
measured; that is then brought to its level, and measured while it is written.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import evolve, field, frozen
from attrs.validators import ge, le

from station.audio import checks, wave
from station.audio.checks import Survey, Tops
from station.audio.ffmpeg import ffmpeg, reached, reading
from station.audio.filters import LOUDNESS, MONO, REPEAT, REPEATED_BELOW, cut, figure, figures, loudness, peak
from station.audio.probe import LONGEST, Probed, probe, refusal, refuse_length, refused
from station.audio.sandbox import Finished
from station.audio.survey import loudest, survey
from station.durable import unfinished
from station.rules.findings import Finding, Problem
from station.rules.levelled import Levelled
from station.rules.now import SECOND
from station.rules.recipe import Piece, Recipe, trim, whole

HIGHEST_PEAK = -1.0  # dBTP

_CLOSE_ENOUGH = 0.301  # LU, as a meter with one digit tells it
_TRIES, _MOST_TRIES = 4, 8  # for its level, and for its peak, which counts for more
_TAKEN = 0.15  # of each dB that the limiter must take from the highest peak, about what it takes from the loudness
_PUSHED = 1.6  # times what is missing, for the limiter takes some of that too
_SILENT = -65.0  # LUFS as the compressor leaves it, which is about -60 before
_FAINT = -50.0  # LUFS; a beginning below this does not tell the level of what follows
_LIFTED_TO = -16.0  # LUFS, before the compressor
_MARGIN = 0.6  # dB below `HIGHEST_PEAK`, for what lies between samples; it is measured
_MAY_MISS = 200  # ms of the stated length when decoded, or
_MAY_MISS_PART = 0.01  # of it, whichever is more
_HALVED = 6.02  # dB that a silent channel takes from the mean of two
_AS_LOUD = 0.3  # dB: what comes so near to the highest peak is clipped where that is
_SOFT = 35.0  # dB below its loudness, after compression, something passes for silence

_EDGE_S = 0.005

_COMPRESS = "acompressor=threshold=-24dB:ratio=2:attack=3:release=200:knee=6:detection=peak"
# Four times the rate, in the format that is fastest: the same figure as ebur128's, in two thirds of the time.
_TRUE_PEAK = (
    "aformat=sample_fmts=fltp,aresample=192000,astats@peak=measure_perchannel=none:measure_overall=Peak_level"
)
_FAST_FLAC = ("-c:a", "flac", "-compression_level", "0", "-f", "flac")
_FLAC = ("-c:a", "flac", "-compression_level", "2", "-f", "flac")
_LARGEST = 100 * LONGEST  # bytes: a little more than that much audio as plain samples


@frozen
class Target:
    """What recordings are levelled to: `loudness` in LUFS, `high_pass` in Hz (0 leaves low sound in)."""

    loudness: float = field(default=-16.0, validator=[ge(-30.0), le(-10.0)])
    high_pass: int = field(default=150, validator=[ge(0), le(500)])

    @property
    def cleaning(self) -> str:
        """What follows other filters to take away what no horn can sound."""
        return f",highpass=f={self.high_pass}" if self.high_pass else ""


@frozen
class _Aim:
    """What is wanted, of what people know by its `name`."""

    target: Target
    name: str


def level(original: Path, ready: Path, target: Target, name: str) -> Levelled:
    """Write all of `original` to `ready`, as `level_recipe` does."""
    return level_recipe(whole(original.name), lambda _: original, ready, target, name)


def level_recipe(
    recipe: Recipe, original: Callable[[str], Path], ready: Path, target: Target, name: str
) -> Levelled:
    """Write what a recipe makes of its originals to `ready` at the target's loudness, over what `ready` holds.

    `original` says where the original of a sha256 is. The caller makes the result durable. Raises `Refused` about
    `name`, as people know the recording, when it is not fit for air.
    """
    parts = [_part(piece, original(piece.original), target, name) for piece in recipe.pieces]
    with unfinished(ready.parent) as even:
        evened = _evened(parts, even.path, name)
        begin, end, silences = checks.silences(evened.outline.peaks, _silence(evened.loudness))
        heard = recipe.closed(evened.outline.length)
        heard = trim(heard, begin, min(end, heard.length))
        refuse_length(heard.length, name)
        made = _written(evened, begin, heard, ready, _Aim(target, name))
    shown = evened.outline.peaks[begin // wave.BLOCK : -(-end // wave.BLOCK)]
    bars = wave.faded(wave.bars(shown, made.gain, HIGHEST_PEAK), made.length, heard.fade_in, heard.fade_out)
    own = checks.shifted(_found(evened, target), begin, made.length)
    findings = checks.told([*own, *silences])
    return Levelled(made.length, made.loudness, made.peak, heard, findings, bars)


@frozen
class _Part:
    """A piece, its original, what that says of itself and looks like; `clean` are filters, `lift` is in dB."""

    piece: Piece
    file: Path
    probed: Probed
    seen: Survey
    lift: float
    clean: str

    @property
    def length(self) -> int:
        """Milliseconds, by what the original states."""
        return min(self.piece.end or self.probed.length, self.probed.length) - self.piece.start


@frozen
class _Evened:
    """All pieces decoded, evened out and joined in `file`: LUFS, the highest sample in dB, each part's `tops`."""

    file: Path
    parts: Sequence[_Part]
    outline: wave.Outline
    loudness: float
    peak: float
    tops: Sequence[Tops]


@frozen
class _Made:
    """The finished file: ms, LUFS, dBTP, and the dB by which it is louder than what was evened out."""

    length: int
    loudness: float
    peak: float
    gain: float


def _part(piece: Piece, file: Path, target: Target, name: str) -> _Part:
    """Look at a piece and choose what evens it out.

    What no horn can sound goes, or thumps would pass for loudness. The compressor works from a fixed level, so the
    beginning is measured to lift all of it there. A channel without sound is left out.
    """
    probed = probe(file, name)
    short = min(piece.end or probed.length, probed.length) - piece.start < REPEATED_BELOW
    seen = survey(file, piece, target.cleaning, probed.length, repeated=short)
    if seen is None:
        raise refusal(name, Problem.UNREADABLE)
    live = checks.live_channel(seen.channels)
    if live is not None:
        seen = evolve(seen, loudness=seen.loudness + _HALVED)
    lift = _LIFTED_TO - max(seen.loudness, _FAINT)
    pick = "" if live is None else f"pan=mono|c0=c{live},"
    return _Part(piece, file, probed, seen, lift, f"{pick}{MONO}{target.cleaning}")


def _evened(parts: Sequence[_Part], file: Path, name: str) -> _Evened:
    """Decode, even out and join the parts into `file`, and measure them on the way."""
    stated = sum(part.length for part in parts)
    outline = wave.Outline()
    inputs = [argument for part in parts for argument in reading(part.file)]
    legs = "".join(
        f"[{number}:a:0]{cut(part.piece)},asplit=2[t{number}][p{number}];[t{number}]volumedetect@tops{number},anullsink;"
        f"[p{number}]{part.clean},volume={part.lift:.1f}dB{_edges(part)}[e{number}];"
        for number, part in enumerate(parts)
    )
    ends = "".join(f"[e{number}]" for number in range(len(parts)))
    again = f"{REPEAT}," if stated < REPEATED_BELOW else ""
    graph = (
        f"{legs}{ends}concat=n={len(parts)}:v=0:a=1,{_COMPRESS},asplit=3[m][o][f];[m]{again}{LOUDNESS}:peak=sample,anullsink;"
        f"[o]{wave.FILTER},aformat=sample_fmts=s16[outline];[f]aformat=sample_fmts=s16[file]"
    )
    finished = ffmpeg(
        [
            *("-v", "info", *inputs, "-filter_complex", graph),
            *("-map", "[file]", *_bounds(), *_FAST_FLAC, f"file:{file.absolute()}"),
            *("-map", "[outline]", *_bounds(), "-f", "s16le", "pipe:1"),
        ],
        length=sum(part.probed.length for part in parts),
        take=outline.take,
        largest=_LARGEST,
    )
    if not finished.well:
        raise refusal(name, Problem.UNREADABLE)
    _refuse_missing(stated, outline.length, name)
    measured = loudness(finished.log)
    if not measured - max(part.lift for part in parts) > _SILENT:
        raise refusal(name, Problem.SILENT)
    highest = peak(finished.log)
    if highest > 0:
        return _evened([_softer(part, highest) for part in parts], file, name)
    tops = [_tops(finished.log, number) for number in range(len(parts))]
    return _Evened(file, parts, outline, measured, highest, tops)


def _written(evened: _Evened, begin: int, heard: Recipe, ready: Path, aim: _Aim) -> _Made:
    """Bring what was evened out to its level and write it, from `begin` ms and as long as what is `heard`."""
    clip = cut(Piece(evened.file.name, begin, begin + heard.length))
    ceiling = HIGHEST_PEAK - _MARGIN
    gain = aim.target.loudness - evened.loudness
    gain += _TAKEN * max(0.0, evened.peak + gain - ceiling)
    for tried in range(_MOST_TRIES):
        filters = f"{clip},{_raised(gain, ceiling)}{_fades(heard)}"
        finished = _finished(evened.file, filters, ready, heard.length, aim.name)
        highest = figure(r"astats@peak[^]]*\] Peak level dB: (\S+)", finished.log)
        made = _Made(reached(finished), loudness(finished.log), highest, gain)
        missing, excess = aim.target.loudness - made.loudness, made.peak - HIGHEST_PEAK
        if excess <= 0 and (abs(missing) <= _CLOSE_ENOUGH or tried >= _TRIES):
            break
        gain += missing * (_PUSHED if missing > 0 else 1)
        ceiling -= max(0.0, excess) * _PUSHED
    return made


def _finished(file: Path, filters: str, ready: Path, length: int, name: str) -> Finished:
    """Write what `filters` make of `file` to `ready`, while it is measured."""
    again = f"{REPEAT}," if length < REPEATED_BELOW else ""
    graph = (
        f"[0:a:0]{filters},aformat=sample_fmts=s16,asplit=3[o][m][p];"
        f"[m]{again}{LOUDNESS},anullsink;[p]{_TRUE_PEAK},anullsink"
    )
    finished = ffmpeg(
        [
            *(*reading(file), "-filter_complex", graph, "-map", "[o]", "-progress", "pipe:1"),
            *(*_bounds(), *_FLAC, f"file:{ready.absolute()}"),
        ],
        length=length,
        largest=_LARGEST,
    )
    if not finished.well:
        raise refusal(name, Problem.UNREADABLE)
    return finished


def _raised(gain: float, ceiling: float) -> str:
    """The filters that bring it to its level: `gain` in dB, and no sample above `ceiling` in dB."""
    return f"volume={gain:.2f}dB,alimiter=limit={ceiling:.2f}dB:level=disabled:latency=1"


def _fades(recipe: Recipe) -> str:
    """What follows other filters to fade in and out."""
    fade_in = f",afade=t=in:d={recipe.fade_in / SECOND}" if recipe.fade_in else ""
    start = (recipe.length - recipe.fade_out) / SECOND
    fade_out = f",afade=t=out:st={start}:d={recipe.fade_out / SECOND}" if recipe.fade_out else ""
    return fade_in + fade_out


def _edges(part: _Part) -> str:
    """What follows other filters where a piece was cut in the middle of a sound, so that it does not click."""
    fade_in = f",afade=t=in:d={_EDGE_S}" if part.piece.start else ""
    fade_out = f",afade=t=out:st={part.length / SECOND - _EDGE_S}:d={_EDGE_S}" if part.piece.end else ""
    return fade_in + fade_out


def _softer(part: _Part, excess: float) -> _Part:
    """The same, lifted so much less that it stays below full scale: the compressor halves what is taken."""
    return evolve(part, lift=part.lift - 2 * excess - 1)


def _silence(loudness: float) -> float:
    """What passes for silence in an outline of that loudness."""
    return wave.FULL_SCALE * 10 ** ((loudness - _SOFT) / 20)


def _tops(log: str, number: int) -> Tops:
    """What volumedetect tells of one part."""
    own = rf"volumedetect@tops{number} [^]]*\] "
    highest, samples = figure(own + r"max_volume: (\S+) dB", log), figure(own + r"n_samples: (\d+)", log)
    near = sum(figures(own + r"histogram_0db: (\d+)", log))
    return Tops(highest, 100 * near / samples if samples > 0 else 0)


def _found(evened: _Evened, target: Target) -> Iterator[Finding]:
    """What is wrong with each part; said of its place where there are several."""
    begin = 0
    for part, tops in zip(evened.parts, evened.tops, strict=True):
        end = begin + part.length
        peaks = evened.outline.peaks[begin // wave.BLOCK : end // wave.BLOCK]
        for finding in checks.judge(part.seen, tops, target.loudness - part.seen.loudness, peaks):
            if finding.problem is Problem.CLIPPED:
                yield _placed(finding, begin, loudest(part.file, part.piece, tops.highest - _AS_LOUD, part.length))
            else:
                yield _placed(finding, begin, (0, part.length) if len(evened.parts) > 1 else None)
        begin = end


def _placed(finding: Finding, begin: int, where: tuple[int, int] | None) -> Finding:
    """The same, said of where it is in its piece, which begins at `begin` ms."""
    return evolve(finding, at=begin + where[0], until=begin + where[1]) if where else finding


def _refuse_missing(stated: int, length: int, name: str) -> None:
    """Raise `Refused` when much of the `stated` ms cannot be decoded."""
    if stated - length > max(_MAY_MISS, stated * _MAY_MISS_PART):
        what = f"Tệp này bị thiếu: ghi là dài {_spoken(stated)} nhưng đọc được {_spoken(length)}."
        raise refused(name, what, "Chép hoặc tải lại tệp gốc.")


def _spoken(length: int) -> str:
    minutes, seconds = divmod(round(length / SECOND), 60)
    return f"{minutes} phút {seconds} giây" if minutes else f"{seconds} giây"


def _bounds() -> list[str]:
    """What holds for each file that is written."""
    return ["-map_metadata", "-1", "-t", str(LONGEST // SECOND + 1)]
