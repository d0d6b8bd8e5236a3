"""Whether an alert concerns a place: by name, by code, on the map; each held against a second way to reckon it."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from station.rules.alerting.alert import Area
from station.rules.alerting.area import concerns

PLACE = (22.83, 104.98)
latitudes, longitudes = st.floats(-80, 80), st.floats(-179, 179)
places = st.tuples(latitudes, longitudes)


@pytest.mark.parametrize(
    ("names", "concerned"),
    [
        (["Hương Sơn"], True),
        (["HUONG SON"], True),
        (["xã hương sơn"], True),
        (["24169"], True),
        (["VN-HG"], True),
        (["vn-hg"], True),
        (["Sơn"], True),
        (["Hương Sơ"], False),
        (["Sơn Hương"], False),
        (["2416"], False),
        (["HG"], False),
        (["Vị Xuyên", "Bắc Mê"], True),
        (["-"], False),
        ([], False),
    ],
)
def test_it_is_called_so(names, concerned):
    area = Area("Xã Hương Sơn, huyện Bắc Mê", (("dvhc", "24169"), ("ISO3166-2", "VN-HG")))
    assert concerns([Area("Nơi khác"), area], names, None) is concerned


def test_a_place_is_only_looked_up_on_a_map():
    assert not concerns([Area("Hương Sơn")], ["Bắc Mê"], PLACE)
    assert not concerns([], ["Bắc Mê"], PLACE)


def test_a_polygon_that_is_not_convex():
    horseshoe = ((0, 0), (0, 9), (9, 9), (9, 6), (3, 6), (3, 3), (9, 3), (9, 0), (0, 0))
    area = Area("", polygons=(horseshoe,))
    assert concerns([area], [], (1.0, 4.5))
    assert concerns([area], [], (8.0, 1.0))
    assert not concerns([area], [], (8.0, 4.5))
    assert not concerns([area], [], (1.0, 12.0))


@given(st.tuples(places, places, places), places)
def test_a_triangle_holds_what_lies_on_one_side_of_all_its_sides(corners, place):
    sides = [_side(corners[it], corners[(it + 1) % 3], place) for it in range(3)]
    assume(all(abs(it) > 1e-6 for it in sides))
    assume(abs(_side(*corners)) > 1e-6)
    within = all(it > 0 for it in sides) or all(it < 0 for it in sides)
    assert concerns([Area("", polygons=((*corners, corners[0]),))], [], place) is within


@given(st.lists(places, min_size=3, max_size=12), places)
def test_any_polygon_holds_what_it_goes_round_an_odd_number_of_times(corners, place):
    ring = (*corners, corners[0])
    assume(all(abs(_side(one, other, place)) > 1e-6 for one, other in pairwise(ring)))
    angles = [math.atan2(it[0] - place[0], it[1] - place[1]) for it in ring]
    turned = sum((b - a + math.pi) % (2 * math.pi) - math.pi for a, b in pairwise(angles))
    rounds = round(turned / (2 * math.pi))
    assert concerns([Area("", polygons=(ring,))], [], place) is (rounds % 2 == 1)


@given(places, places, st.floats(0, 20_000))
def test_a_circle_holds_what_is_near_enough_by_the_angle_at_the_centre_of_the_earth(centre, place, radius):
    cosine = sum(a * b for a, b in zip(_point(centre), _point(place), strict=True))
    distance = 6_371 * math.acos(max(-1, min(1, cosine)))
    assume(abs(distance - radius) > 1)
    assert concerns([Area("", circles=((*centre, radius),))], [], place) is (distance < radius)


def test_a_circle_of_no_size_holds_its_centre():
    assert concerns([Area("", circles=((*PLACE, 0.0),))], [], PLACE)


def _side(one, other, place) -> float:
    return (other[1] - one[1]) * (place[0] - one[0]) - (other[0] - one[0]) * (place[1] - one[1])


def _point(place) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, place)
    level = math.cos(latitude)
    return level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude)
