"""Areas: whether an alert concerns a place, by what people call it, by its code, or on the map."""

import re
from collections.abc import Iterable
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from station.rules.alerting.alert import Area
from station.rules.letters import plain

_EARTH = 6_371.0  # km, its mean radius

Place = tuple[float, float]  # latitude and longitude in degrees


def concerns(areas: Iterable[Area], names: Iterable[str], place: Place | None) -> bool:
    """Whether one of `areas` has one of the `names`, as a code or in its words, or holds the `place`.

    Words are compared whole, without regard to case and marks.
    """
    wanted = tuple(names)
    return any(_is_called(it, wanted) or (place is not None and _holds(it, place)) for it in areas)


def has_words(name: str) -> bool:
    """Whether there is anything in a name by which an area could be found."""
    return bool(_words(name))


def _is_called(area: Area, names: Iterable[str]) -> bool:
    codes = {plain(code) for _, code in area.geocodes}
    words = f" {_words(area.description)} "
    return any(has_words(it) and (plain(it) in codes or f" {_words(it)} " in words) for it in names)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))


def _holds(area: Area, place: Place) -> bool:
    return any(_inside(place, it) for it in area.polygons) or any(
        _distance(place, (latitude, longitude)) <= radius for latitude, longitude, radius in area.circles
    )


def _inside(place: Place, corners: Iterable[Place]) -> bool:
    """Whether a line from the place eastwards crosses the sides an odd number of times.

    The map is flat, as CAP's polygons are drawn: of one across the 180th meridian this would not be right.
    """
    y, x = place
    odd = False
    for (y1, x1), (y2, x2) in pairwise(corners):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            odd = not odd
    return odd


def _distance(one: Place, other: Place) -> float:
    """In km, along the earth's surface (haversine)."""
    (south, west), (north, east) = (map(radians, it) for it in (one, other))
    across = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(across)))
