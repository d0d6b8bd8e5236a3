"""Heard again is only what surely sounded, is the commune's own, and is approved now as it sounded then."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.heard import heard
from station.rules.now import MINUTE, SECOND
from station.rules.replay import Part, fitting, may_be_heard_again
from station.rules.rundown import Kind
from tests.rules.stations import at, segment
from tests.web.records import as_run

START = at("05:00")
NEWS = evolve(segment("tin"), length=2 * MINUTE)
PART = Part(NEWS.ready, 0, NEWS.length)


def aired(late: int = 0, sounded: int = 10 * MINUTE, **more):
    begun = START + late
    return as_run(START, START + 10 * MINUTE, **{"actual_start": begun, "actual_end": begun + sounded, **more})


def test_all_of_what_sounded_to_its_end_was_heard_however_late_it_began():
    assert heard(aired(late=4 * MINUTE), 0, 2 * MINUTE)
    assert heard(aired(), 8 * MINUTE, 2 * MINUTE)


def test_of_what_was_cut_only_what_was_whole_by_then():
    cut = aired(sounded=5 * MINUTE)
    assert heard(cut, 3 * MINUTE, 2 * MINUTE)
    assert not heard(cut, 4 * MINUTE, 2 * MINUTE)


def test_of_what_was_joined_not_what_was_over_by_then():
    joined = aired(late=3 * MINUTE, sounded=7 * MINUTE)
    assert not heard(joined, 0, 2 * MINUTE)
    assert heard(joined, 4 * MINUTE, 2 * MINUTE)


@given(st.integers(0, 10 * MINUTE), st.integers(0, 10 * MINUTE), st.integers(0, 9 * MINUTE), st.integers(0, MINUTE))
def test_what_is_called_heard_lies_within_what_sounded(late: int, sounded: int, begin: int, length: int):
    if heard(aired(late=late, sounded=sounded), begin, length) and sounded < 10 * MINUTE - 2 * SECOND:
        assert begin + length <= sounded + 2 * SECOND


def test_nothing_of_unknown_length_was_surely_heard():
    assert not heard(aired(actual_end=None), 0, SECOND)
    assert not heard(aired(actual_start=None, actual_end=None), 0, SECOND)


@pytest.mark.parametrize("kind", [Kind.NEWS, Kind.NOTICE, Kind.FEATURE])
def test_the_communes_own_bulletins_may_be_heard_again(kind: Kind):
    assert may_be_heard_again(aired(), PART, evolve(NEWS, kind=kind), START + MINUTE)


@pytest.mark.parametrize(
    ("record", "now"),
    [
        (aired(origin="province"), NEWS),
        (aired(origin="central"), NEWS),
        (aired(priority="emergency"), NEWS),
        (aired(result="failed"), NEWS),
        (aired(result=None, actual_end=None), NEWS),
        (aired(), None),
        (aired(), evolve(NEWS, ready="another sound")),
        (aired(), evolve(NEWS, kind=Kind.MUSIC)),
        (aired(), evolve(NEWS, kind=Kind.IDENT)),
        (aired(), evolve(NEWS, valid_until=START + MINUTE)),
        (aired(), evolve(NEWS, valid_from=START + 2 * MINUTE)),
    ],
)
def test_nothing_else_may(record, now):
    assert not may_be_heard_again(record, PART, now, START + MINUTE)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 50))), st.integers(0, 120))
def test_what_is_kept_fits_and_each_is_kept_once(files: list[tuple[str, int]], room: int):
    kept = list(fitting(files, room))
    assert len(kept) == len(set(kept))
    sizes = {name: [size for other, size in files if other == name] for name in kept}
    assert sum(min(it) for it in sizes.values()) <= room
    if files and files[0][1] <= room:
        assert kept[0] == files[0][0]
