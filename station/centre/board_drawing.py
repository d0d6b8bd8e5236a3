"""What is drawn on the board: a station's last two weeks, and the province as dots."""

from math import cos, radians

from attrs import frozen

from station.rules.board import Board, Row

_DAY_WIDTH, _BAR_WIDTH, _BAR_HEIGHT = 8, 7, 16
_MAP_WIDTH, _MAP_MARGIN, _MAP_TALLEST = 400.0, 14.0, 600.0


@frozen
class Strip:
    """Two weeks as paths, in days of 8 by 16, and in words."""

    aired: str
    lost: str
    idle: str
    gone: str
    words: str


@frozen
class Dot:
    """A station on the map, in its units."""

    row: Row
    x: float
    y: float


@frozen
class Map:
    """The stations whose places are known; the worst come last, on top."""

    width: float
    height: float
    dots: tuple[Dot, ...]


def draw_strip(row: Row) -> Strip:
    """Draw how much of what was to air did, day by day."""
    paths: dict[str, list[str]] = {name: [] for name in ("aired", "lost", "idle", "gone")}
    full = 0
    for number, (_, summary) in enumerate(row.strip):
        x = number * _DAY_WIDTH
        if summary is None:
            paths["gone"].append(f"M{x + 1} 5l5 6m0-6l-5 6")
        elif summary.share is None:
            paths["idle"].append(f"M{x} 14h{_BAR_WIDTH}v2h-{_BAR_WIDTH}z")
        else:
            height = round(_BAR_HEIGHT * summary.share)
            full += summary.share == 1
            if height:
                paths["aired"].append(f"M{x} 16h{_BAR_WIDTH}v-{height}h-{_BAR_WIDTH}z")
            if height < _BAR_HEIGHT:
                paths["lost"].append(f"M{x} 0h{_BAR_WIDTH}v{_BAR_HEIGHT - height}h-{_BAR_WIDTH}z")
    gone, idle = len(paths["gone"]), len(paths["idle"])
    told = {
        "phát đủ": full,
        "thiếu": len(row.strip) - full - gone - idle,
        "không có buổi": idle,
        "không có báo cáo": gone,
    }
    words = ", ".join(f"{number} ngày {word}" for word, number in told.items() if number)
    drawn = {name: "".join(path) for name, path in paths.items()}
    return Strip(**drawn, words=f"{len(row.strip)} ngày qua: {words}")


def draw_map(board: Board) -> Map | None:
    """The places as a plain picture of so small a part of the earth that it is flat."""
    placed = [(row, *row.commune.place) for row in reversed(board.rows) if row.commune.place]
    if not placed:
        return None
    middle = sum(latitude for _, latitude, _ in placed) / len(placed)
    flat = [(row, longitude * cos(radians(middle)), -latitude) for row, latitude, longitude in placed]
    left, top = min(x for _, x, _ in flat), min(y for _, _, y in flat)
    wide, high = max(x for _, x, _ in flat) - left, max(y for _, _, y in flat) - top
    across, down = _MAP_WIDTH - 2 * _MAP_MARGIN, _MAP_TALLEST - 2 * _MAP_MARGIN
    scale = min(across / wide if wide else down, down / high if high else across)
    return Map(
        width=round(wide * scale + 2 * _MAP_MARGIN, 1),
        height=round(high * scale + 2 * _MAP_MARGIN, 1),
        dots=tuple(
            Dot(row, round((x - left) * scale + _MAP_MARGIN, 1), round((y - top) * scale + _MAP_MARGIN, 1))
            for row, x, y in flat
        ),
    )
