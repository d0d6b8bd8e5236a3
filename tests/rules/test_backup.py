"""When a backup is due, and which ones go."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from station.rules.backup import KEPT, is_due, to_remove, too_many
from station.rules.hours import Hours, Window, local
from station.rules.now import DAY, HOUR, MINUTE
from tests.rules.stations import HANOI, at

USUAL = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI)
ALWAYS = Hours((Window(0, DAY),), HANOI)
SPLIT = Hours((Window(5 * HOUR, 7 * HOUR), Window(16 * HOUR, 18 * HOUR)), HANOI)
YESTERDAY, TUESDAY = dt.date(2026, 11, 22), dt.date(2026, 11, 24)


def test_the_first_is_due_at_once_and_what_was_missed_as_soon_as_it_can_be():
    noon = at("12:00")
    assert is_due(noon, None, USUAL)
    assert is_due(noon, noon - 30 * DAY, USUAL)
    assert is_due(noon, noon + DAY, USUAL), "made by a clock that was wrong"
    assert not is_due(noon, at("01:30", YESTERDAY), USUAL)


def test_else_it_is_due_when_nothing_may_sound():
    last = at("21:00", YESTERDAY)
    assert [is_due(at(it), last, USUAL) for it in ("20:59", "21:00")] == [False, True]
    assert not is_due(at("23:59"), at("21:00"), USUAL)
    assert not is_due(at("00:01", TUESDAY), at("21:00"), USUAL), "the two nights would be one"
    early = at("01:40", YESTERDAY)
    assert [is_due(at(it), early, ALWAYS) for it in ("01:29", "01:30", "03:59", "04:00", "22:00")] == [
        False,
        True,
        True,
        False,
        False,
    ]


@given(
    st.sampled_from([USUAL, ALWAYS, SPLIT]), st.integers(0, DAY), st.lists(st.booleans(), min_size=96, max_size=96)
)
def test_there_is_one_a_day_at_most_and_one_every_two_days_where_it_is_calm(
    hours: Hours, begin: int, calm: list[bool]
):
    made: list[int] = []
    for quarter in range(14 * 96):
        now = at("00:00") + begin + quarter * 15 * MINUTE
        is_quiet = quarter > 7 * 96 or calm[quarter % 96]  # a busy week, then a calm one
        if is_quiet and is_due(now, made[-1] if made else None, hours):
            made.append(now)
    days = [local(it, HANOI).date() for it in made]
    assert len(days) == len({*days})
    last_week = [it for it in made if it > at("00:00") + begin + 8 * DAY]
    assert all(later - earlier <= 2 * DAY for earlier, later in pairwise(last_week))
    assert len(last_week) >= 3


NAMES = st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)).map(lambda it: f"loa-xa-{it}-0130.tar")
OTHERS = st.sampled_from(["anh.jpg", "loa-xa-2026-11-26-0130.tar.bak", "dai.key", "loa-xa-khac.tar"])


@given(st.sets(NAMES | OTHERS), NAMES)
def test_the_newest_stay_and_nobody_else_s_file_goes(names: set[str], newest: str):
    gone = too_many(names | {newest}, newest)
    left = {it for it in names | {newest} if it.startswith("loa-xa-20") and it.endswith(".tar")} - {*gone}
    assert newest in left
    assert len(left) <= KEPT
    assert len(left) == KEPT or not gone
    assert all(it.startswith("loa-xa-20") and it.endswith(".tar") for it in gone)
    assert all(old < kept for old in gone for kept in left - {newest})


@given(st.dictionaries(NAMES | OTHERS, st.integers(1, 100), max_size=20), st.integers(-100, 1000))
def test_room_is_made_by_no_more_than_it_takes_and_two_always_stay(sizes: dict[str, int], lacking: int):
    ours = sorted(it for it in sizes if it.startswith("loa-xa-20") and it.endswith(".tar"))
    gone = to_remove(sizes, lacking)
    if gone is None:
        assert sum(sizes[it] for it in ours[:-2]) < lacking
        return
    assert [*gone] == ours[: len(gone)]
    assert not {*gone} & {*ours[-2:]}
    assert sum(sizes[it] for it in gone) >= lacking
    assert sum(sizes[it] for it in gone[:-1]) < lacking or not gone
