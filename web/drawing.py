"""The day as a drawing: a line of hours; its letters stand beside it, as text that keeps its size on a phone."""

from collections.abc import Iterable
from typing import Literal

from attrs import frozen

from station.rules.hours import Hours
from station.rules.now import DAY, HOUR
from station.rules.schedule import Broadcast
from station.stores.asrun import AsRun

WIDTH = 1000.0
_NARROWEST = 6.0
_EARLIEST, _LATEST = 4 * HOUR, 22 * HOUR  # what is drawn at least when hours are usual
_STEP = 3 * HOUR


@frozen
class Block:
    """A broadcast as it is drawn; `x` and `width` in drawing units."""

    x: float
    width: float
    title: str
    origin: str
    look: Literal["aired", "on", "wrong", "planned", "refused"]


@frozen
class Drawing:
    """A day from its first to its last drawn hour; `now` and `hours` (hour, x) in drawing units."""

    blocks: tuple[Block, ...]
    hours: tuple[tuple[int, float], ...]
    allowed: tuple[tuple[float, float], ...]
    now: float


def draw_day(
    midnight: int, wall: int, hours: Hours, aired: Iterable[AsRun], coming: Iterable[Broadcast]
) -> Drawing:
    """Draw the day that begins at wall ms `midnight`, seen at `wall`."""
    first, last = _span(hours, wall - midnight)

    def x(since_midnight: float) -> float:
        return round(min(max((since_midnight - first) / (last - first), 0), 1) * WIDTH, 1)

    def block(start: int, end: int, title: str, origin: str, look: str) -> Block:
        left = x(start - midnight)
        return Block(left, max(_NARROWEST, x(end - midnight) - left), title, origin, look)  # type: ignore[arg-type]

    past = [
        block(
            it.actual_start or it.planned_start,
            it.actual_end or it.planned_end,
            it.title,
            it.origin,
            _look(it.result),
        )
        for it in aired
    ]
    future = [block(it.start, it.end, it.title, it.origin, "refused" if it.reason else "planned") for it in coming]
    return Drawing(
        blocks=(*past, *future),
        hours=tuple((at // HOUR, x(at)) for at in range(first, last + 1, _STEP)),
        allowed=tuple((x(it.opens), x(it.closes) - x(it.opens)) for it in hours.windows),
        now=x(wall - midnight),
    )


def _span(hours: Hours, now: int) -> tuple[int, int]:
    """From which to which ms of the day is drawn: the allowed hours and now, in whole steps."""
    opens = min((it.opens for it in hours.windows), default=_EARLIEST)
    closes = max((it.closes for it in hours.windows), default=_LATEST)
    first = min(opens, now, _EARLIEST) // _STEP * _STEP
    last = -(-max(closes, now, _LATEST) // _STEP) * _STEP
    return first, min(DAY, last)


def _look(result: str | None) -> str:
    return {None: "on", "aired": "aired"}.get(result, "wrong")
