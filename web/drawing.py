"""The day as a drawing: places along it are percentages, so that its letters keep their size on a phone."""

from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import frozen

from station.rules.findings import Finding, sentence
from station.rules.hours import Hours, Window, local
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.schedule import Broadcast
from station.stores.asrun import AsRun

Look = Literal["aired", "on", "wrong", "planned", "lacking", "refused"]

WAVE_WIDTH, WAVE_HEIGHT = 800, 120

_NARROWEST = 1.2
_NARROWEST_MARK = 6
_EARLIEST, _LATEST = 4 * HOUR, 22 * HOUR  # what is drawn at least when hours are usual
_STEP, _MANY_STEPS = 3 * HOUR, 7


@frozen
class Block:
    """A broadcast as it is drawn; `x` and `width` in percent of the drawing, `at` its clock time."""

    x: float
    width: float
    at: str
    title: str
    origin: str
    look: Look


@frozen
class Drawing:
    """A day from its first to its last drawn hour; `now`, `hours` (hour, x) and `allowed` (x, width) in percent."""

    blocks: tuple[Block, ...]
    hours: tuple[tuple[int, float], ...]
    allowed: tuple[tuple[float, float], ...]
    now: float


def draw_day(  # noqa: PLR0913 - a day has that many sides
    midnight: int, wall: int, hours: Hours, aired: Iterable[AsRun], coming: Iterable[Broadcast], *, running: bool
) -> Drawing:
    """Draw the day that begins at wall ms `midnight`, seen at `wall`; nothing sounds with no player `running`."""
    windows = hours.on(local(midnight, hours.zone).weekday())
    first, last = _span(windows, wall - midnight)
    step = _STEP if last - first <= _MANY_STEPS * _STEP else 2 * _STEP  # as many hours as a phone has room for

    def x(since_midnight: float) -> float:
        return round(min(max((since_midnight - first) / (last - first), 0), 1) * 100, 2)

    def block(start: int, end: int, of: AsRun | Broadcast, look: Look) -> Block:
        left = min(x(start - midnight), 100 - _NARROWEST)
        width = round(max(_NARROWEST, x(end - midnight) - left), 2)
        return Block(left, width, _clock(start - midnight), of.title, of.origin, look)

    past = [
        block(
            it.actual_start or it.planned_start,
            it.actual_end or it.planned_end,
            it,
            result_look(it, running=running),
        )
        for it in aired
    ]
    future = [block(it.start, it.end, it, prospect_look(it)) for it in coming]
    return Drawing(
        blocks=(*past, *future),
        hours=tuple((at // HOUR, x(at)) for at in range(first, last + 1, step)),
        allowed=tuple((x(it.opens), round(x(it.closes) - x(it.opens), 2)) for it in windows),
        now=x(wall - midnight),
    )


@frozen
class Mark:
    """Where on a waveform something is wrong; `x` and `width` in `WAVE_WIDTH`ths of it."""

    x: float
    width: float
    sentence: str


@frozen
class Wave:
    """A waveform as it is drawn, `WAVE_WIDTH` wide and `WAVE_HEIGHT` high: the line around it, and marks."""

    line: str
    marks: tuple[Mark, ...]


def draw_wave(bars: bytes, length: int, findings: Iterable[Finding]) -> Wave:
    """Draw bars of 0 to 255 that show `length` ms; findings without a place have no mark."""
    middle = WAVE_HEIGHT // 2
    step = WAVE_WIDTH / max(1, len(bars))
    heights = [max(1, bar * middle // 255) for bar in bars]
    over = [f"{at * step:.1f} {middle - height}" for at, height in enumerate(heights)]
    under = [f"{at * step:.1f} {middle + height}" for at, height in enumerate(heights)]
    placed = [(it.at, it.until, sentence(it)) for it in findings if it.at is not None and it.until is not None]
    scale = WAVE_WIDTH / max(1, length)
    marks = (
        Mark(
            x=round(min(at * scale, WAVE_WIDTH - _NARROWEST_MARK), 1),
            width=round(max((until - at) * scale, _NARROWEST_MARK), 1),
            sentence=said,
        )
        for at, until, said in placed
    )
    return Wave("M" + "L".join([*over, *reversed(under)]) + "Z" if bars else "", tuple(marks))


def _span(windows: Sequence[Window], now: int) -> tuple[int, int]:
    """From which to which ms of the day is drawn: the allowed hours and now, in whole steps."""
    opens = min((it.opens for it in windows), default=_EARLIEST)
    closes = max((it.closes for it in windows), default=_LATEST)
    first = min(opens, now, _EARLIEST) // _STEP * _STEP
    last = -(-max(closes, now, _LATEST) // _STEP) * _STEP
    return first, min(DAY, last)


def result_look(record: AsRun, *, running: bool) -> Look:
    """How a record looks, with a player `running` or not."""
    if record.result is None and running:
        return "on"
    return "aired" if record.result == "aired" else "wrong"


def prospect_look(broadcast: Broadcast) -> Look:
    """How a broadcast to come looks."""
    if not broadcast.airs:
        return "refused"
    return "lacking" if broadcast.programme.gaps else "planned"


def _clock(since_midnight: int) -> str:
    hours, minutes = divmod(since_midnight // MINUTE, 60)
    return f"{hours:02}:{minutes:02}"
