"""What a change alters, broadcast by broadcast."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.now import DAY, MINUTE
from station.rules.schedule import Planned
from station.rules.timetable_diff import Change, Kind, changes
from tests.rules.stations import HANOI, at, broadcast

MORNING, EVENING = broadcast(at("05:00"), schedule="sang"), broadcast(at("17:00"), schedule="chieu")

timetables = st.lists(
    st.builds(
        broadcast,
        st.integers(0, 60).map(lambda hours: at("00:00") + hours * 60 * MINUTE),
        schedule=st.sampled_from("abc"),
    ),
    max_size=12,
    unique_by=lambda it: it.key,
)


def test_what_comes_and_goes_is_told_in_order():
    assert changes([EVENING], [MORNING], HANOI) == (Change(Kind.ADDED, MORNING), Change(Kind.REMOVED, EVENING))


def test_another_time_of_the_same_day_is_one_change():
    later = broadcast(at("05:15"), schedule="sang")
    assert changes([MORNING], [later], HANOI) == (Change(Kind.CHANGED, later, MORNING),)


def test_another_day_is_not():
    tomorrow = broadcast(MORNING.start + DAY, schedule="sang")
    kinds = [it.kind for it in changes([MORNING], [tomorrow], HANOI)]
    assert kinds == [Kind.REMOVED, Kind.ADDED]


def test_what_must_give_way_is_changed_though_its_time_stays():
    dropped = EVENING.but(Planned.DROPPED, "Nhường giờ.")
    assert changes([MORNING, EVENING], [MORNING, dropped], HANOI) == (Change(Kind.CHANGED, dropped, EVENING),)


@given(timetables, timetables)
def test_the_changes_lead_from_one_timetable_to_the_other_and_back(before, after):
    def walked(origin, told):
        there = {it.key: it for it in origin}
        for change in told:
            gone = change.broadcast if change.kind is Kind.REMOVED else change.before
            if gone:
                del there[gone.key]
        there |= {it.broadcast.key: it.broadcast for it in told if it.kind is not Kind.REMOVED}
        return there

    assert walked(before, changes(before, after, HANOI)) == {it.key: it for it in after}
    assert len(changes(before, after, HANOI)) == len(changes(after, before, HANOI))


@given(timetables, st.randoms(use_true_random=False))
def test_nothing_is_told_of_what_stays_whatever_the_order(timetable, chance):
    shuffled = [evolve(it) for it in timetable]
    chance.shuffle(shuffled)
    assert changes(timetable, shuffled, HANOI) == ()
