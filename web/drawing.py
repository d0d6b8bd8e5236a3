"""The day as a drawing: places along it are percentages, so that its letters keep their size on a phone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from attrs import frozen

from station.rules.findings import Finding, sentence
from station.rules.hours import Hours, Window, local
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.schedule import Broadcast
from station.stores.asrun import AsRun

Look = Literal["aired", "on", "wrong", "planned", "lacking", "refused", "silent"]

WAVE_WIDTH, WAVE_HEIGHT = 800, 120

_NARROWEST = 1.2
_NARROWEST_MARK = 6
_EARLIEST, _LATEST = 4 * HOUR, 22 * HOUR  # what is drawn at least when hours are usual
_STEP, _MANY_STEPS = 3 * HOUR, 7
_AS_MEANT = MINUTE // 2  # what comes so little early or late came as it was meant
_TOP, _LABEL, _BAR, _ONLY_BAR, _MEANT, _GAP, _SCALE = 14, 20, 24, 44, 10, 8, 26  # heights in px


@frozen
class Entry:
    """A broadcast of the day as it came or will come, and as it was meant; wall ms. Silent ones never sound.

    `result` is that of its record, once it is closed.
    """

    start: int
    end: int
    meant_start: int
    meant_end: int
    title: str
    origin: str
    zones: tuple[str, ...]
    look: Look
    reason: str
    result: str | None = None

    @property
    def as_meant(self) -> bool:
        """Whether it begins and ends when it was meant to."""
        early, late = abs(self.start - self.meant_start), abs(self.end - self.meant_end)
        return max(early, late) <= _AS_MEANT

    @property
    def wrong(self) -> bool:
        """Whether a person should know of it."""
        return bool(self.reason) or self.look in {"wrong", "lacking", "silent"}


@frozen
class Block:
    """A stretch of a lane; `x` and `width` in percent of the drawing."""

    x: float
    width: float
    origin: str
    look: Look


@frozen
class Lane:
    """Zones in which the same is heard all day, named unless there is one lane; `y` of its bar in px.

    `meant` is what stays silent, and the time that was meant for what comes at another.
    """

    title: str
    y: int
    blocks: tuple[Block, ...]
    meant: tuple[Block, ...]


@frozen
class Drawing:
    """A day from its first to its last drawn hour; `now`, `hours` (hour, x) and `allowed` (x, width) in percent.

    Lanes are `bar` px high, and what was meant stands in `meant` px under them.
    """

    lanes: tuple[Lane, ...]
    entries: tuple[Entry, ...]
    hours: tuple[tuple[int, float], ...]
    allowed: tuple[tuple[float, float], ...]
    now: float
    height: int
    bar: int
    meant: int = _MEANT


def entries_of(aired: Iterable[AsRun], coming: Iterable[Broadcast], *, running: bool) -> tuple[Entry, ...]:
    """The day's broadcasts in their order; nothing sounds with no player `running`."""
    past = (
        Entry(
            start=it.actual_start or it.planned_start,
            end=it.actual_end or it.planned_end,
            meant_start=it.planned_start,
            meant_end=it.planned_end,
            title=it.title,
            origin=it.origin,
            zones=it.zones,
            look="silent" if it.result and it.actual_start is None else result_look(it, running=running),
            reason=it.reason,
            result=it.result,
        )
        for it in aired
    )
    future = (
        Entry(
            start=it.start,
            end=it.end,
            meant_start=it.start - it.moved_by,
            meant_end=it.end - it.moved_by,
            title=it.title,
            origin=it.origin,
            zones=it.zones,
            look=prospect_look(it) if it.airs else "silent",
            reason=it.reason or " ".join(map(str, it.programme.gaps)),
        )
        for it in coming
    )
    return tuple(sorted([*past, *future], key=lambda it: it.start))


def draw_day(midnight: int, wall: int, hours: Hours, entries: Sequence[Entry], zones: Mapping[str, str]) -> Drawing:
    """Draw the day that begins at wall ms `midnight`, seen at `wall`, in the zones with these names and titles."""
    windows = hours.on(local(midnight, hours.zone).weekday())
    first, last = _span(windows, wall - midnight)
    step = _STEP if last - first <= _MANY_STEPS * _STEP else 2 * _STEP  # as many hours as a phone has room for

    def x(since_midnight: float) -> float:
        return round(min(max((since_midnight - first) / (last - first), 0), 1) * 100, 2)

    def block(start: int, end: int, of: Entry) -> Block:
        left = min(x(start - midnight), 100 - _NARROWEST)
        width = round(max(_NARROWEST, x(end - midnight) - left), 2)
        return Block(left, width, of.origin, of.look)

    together = _together(entries, zones)
    named = len(together) > 1
    bar, label = (_BAR, _LABEL) if named else (_ONLY_BAR, 0)
    meant = _MEANT if any(it.look == "silent" or not it.as_meant for it in entries) else 0
    pitch = label + bar + meant + _GAP
    lanes = tuple(
        Lane(
            title=", ".join(titles) if named else "",
            y=_TOP + number * pitch + label,
            blocks=tuple(block(it.start, it.end, it) for it in heard if it.look != "silent"),
            meant=tuple(
                block(it.meant_start, it.meant_end, it) for it in heard if it.look == "silent" or not it.as_meant
            ),
        )
        for number, (titles, heard) in enumerate(together)
    )
    return Drawing(
        lanes=lanes,
        entries=tuple(entries),
        hours=tuple((at // HOUR, x(at)) for at in range(first, last + 1, step)),
        allowed=tuple((x(it.opens), round(x(it.closes) - x(it.opens), 2)) for it in windows),
        now=x(wall - midnight),
        height=_TOP + len(lanes) * pitch + _SCALE,
        bar=bar,
    )


def _together(entries: Sequence[Entry], zones: Mapping[str, str]) -> list[tuple[list[str], tuple[Entry, ...]]]:
    """The zones' titles by what is heard in them; a zone that is no more counts with those that hear nothing."""
    found: dict[tuple[int, ...], list[str]] = {}
    for name, title in zones.items():
        heard = tuple(number for number, entry in enumerate(entries) if name in entry.zones)
        found.setdefault(heard, []).append(title)
    return [(titles, tuple(entries[number] for number in heard)) for heard, titles in found.items()]


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
