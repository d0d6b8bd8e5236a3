"""The report's charts: places across them are percentages, so that one drawing fits a phone and a sheet of A4."""

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from station.rules.now import HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.report import Report, Share

HEIGHT = 170  # px of the columns, with their days and faults below them
_TOP, _FOOT = 12, 42  # px
_LEFT = 9.0  # percent, for the hours
_STEPS = (5 * MINUTE, HOUR // 4, HOUR // 2, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR)  # ms between lines
_MOST_LINES = 4
_FILLED = 0.72  # of a day's width
_TOLD_DAYS = 5


@frozen
class Piece:
    """What sounded of one origin on a day, in px from the top."""

    origin: str
    y: float
    height: float


@frozen
class Column:
    """A day; `x`, `width` and `middle` in percent. `told` if its number is written below it."""

    day: dt.date
    x: float
    width: float
    middle: float
    told: bool
    length: int
    faults: int
    pieces: tuple[Piece, ...]


@frozen
class Columns:
    """How long it sounded on each day of a month; `lines` (how long in `unit`, y in px)."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[str, float], ...]
    unit: str
    origins: tuple[str, ...]
    left: float = _LEFT


@frozen
class Bar:
    """A name's share, as wide as `width` percent of what is longest."""

    name: str
    share: Share
    width: float


def draw_days(found: Report) -> Columns:
    """Draw how long it sounded on each day, by origin."""
    longest = max(sum(hours.values()) for hours in found.hours.values())
    step = next((it for it in _STEPS if longest <= it * _MOST_LINES), _STEPS[-1])
    highest = max(step, -(-longest // step) * step)
    unit, each = ("giờ", HOUR) if highest > HOUR else ("phút", MINUTE)
    scale = (HEIGHT - _TOP - _FOOT) / highest
    across = (100 - _LEFT) / len(found.hours)
    return Columns(
        columns=tuple(
            _column(day, found, (_LEFT + number * across, across), scale) for number, day in enumerate(found.hours)
        ),
        lines=tuple(
            (f"{at / each:g}".replace(".", ","), round(HEIGHT - _FOOT - at * scale, 1))
            for at in range(0, highest + 1, step)
        ),
        unit=unit,
        origins=tuple(origin for origin in Origin if any(hours.get(origin) for hours in found.hours.values())),
    )


def draw_bars(shares: Mapping[str, Share]) -> tuple[Bar, ...]:
    """Draw shares, as they come."""
    longest = max((it.length for it in shares.values()), default=0)
    return tuple(Bar(name, it, round(100 * it.length / max(1, longest), 1)) for name, it in shares.items())


def _column(day: dt.date, found: Report, place: tuple[float, float], scale: float) -> Column:
    x, across = place
    hours = found.hours[day]
    pieces, y = [], float(HEIGHT - _FOOT)
    for origin in (it for it in Origin if hours.get(it)):
        height = hours[origin] * scale
        y -= height
        pieces.append(Piece(origin, round(y, 2), round(height, 2)))
    return Column(
        day=day,
        x=round(x + across * (1 - _FILLED) / 2, 2),
        width=round(across * _FILLED, 2),
        middle=round(x + across / 2, 2),
        told=day.day == 1 or day.day % _TOLD_DAYS == 0,
        length=sum(hours.values()),
        faults=found.faults.get(day, 0),
        pieces=tuple(pieces),
    )
