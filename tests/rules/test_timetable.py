"""The timetable's rules: days, hours, what a rundown becomes, clashes."""

import datetime as dt
import itertools

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.clash import resolve
from station.rules.compose import compose
from station.rules.days import WEEKDAYS, Dates, read_days
from station.rules.hours import Hours, Window, instant, local
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.rundown import Kind, Newest, Play, Say
from station.rules.schedule import Airing, Planned, Priority, Schedule
from station.rules.timetable import timetable
from station.rules.trouble import Refused
from tests.rules.stations import HANOI, MONDAY, at, broadcast, segment, station

dates = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))


@pytest.mark.parametrize(
    ("written", "falls"),
    [
        ("daily", "1111111"),
        ("mon", "1000000"),
        ("mon-sat", "1111110"),
        ("fri-mon", "1000111"),
        (["mon", "thu"], "1001000"),
        ("2026-11-25", "0010000"),
        ("2026-11-25..2026-11-27", "0011100"),
        (["sun", "2026-11-23"], "1000001"),
    ],
)
def test_days_fall_on(written, falls):
    days = read_days(written)
    week = [MONDAY + dt.timedelta(days=number) for number in range(7)]
    assert "".join("1" if days.falls_on(day) else "0" for day in week) == falls


@pytest.mark.parametrize(
    ("written", "mend"),
    [("mon-sta", "mon-sat"), ("dayly", "daily"), ("2026-13-01", "2026-09-02"), ("2026-05-02..2026-04-28", "..")],
)
def test_wrong_days_are_refused_with_the_mend(written, mend):
    with pytest.raises(Refused) as refused:
        read_days(written)
    assert mend in str(refused.value)


@given(st.integers(0, 6), st.integers(0, 6), dates)
def test_a_range_of_weekdays_is_what_counting_days_gives(first, last, day):
    counted = list(itertools.islice(itertools.cycle(range(7)), first, first + (last - first) % 7 + 1))
    assert read_days(f"{WEEKDAYS[first]}-{WEEKDAYS[last]}").falls_on(day) == (day.weekday() in counted)


windows = st.tuples(st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60)).filter(lambda it: it[0] < it[1])


@given(
    st.lists(windows.map(lambda it: Window(it[0] * MINUTE, it[1] * MINUTE)), max_size=3), st.integers(0, 2 * DAY)
)
def test_hours_are_open_exactly_inside_a_window(drawn, offset):
    hours = Hours(tuple(drawn), HANOI)
    wall = at("00:00") + offset
    since_midnight = offset % DAY
    assert (hours.open_until(wall) is not None) == any(it.opens <= since_midnight < it.closes for it in drawn)


def test_hours_allow_up_to_the_last_instant_and_through_an_open_midnight():
    day = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI)
    assert day.allow(at("20:50"), at("21:00"))
    assert not day.allow(at("20:50"), at("21:00") + 1)
    night = Hours((Window(20 * HOUR, DAY), Window(0, 2 * HOUR)), HANOI)
    assert night.allow(at("23:50"), at("23:50") + HOUR)
    assert not night.allow(at("23:50"), at("23:50") + 3 * HOUR)
    always = Hours((Window(0, DAY),), HANOI)
    assert always.allow(at("23:50"), at("23:50") + 10 * HOUR)


@given(st.integers(0, 24 * 60 - 1), dates)
def test_an_instant_is_what_the_clock_on_the_wall_shows(minute, day):
    shown = local(instant(day, minute * MINUTE, HANOI), HANOI)
    assert (shown.date(), shown.hour * 60 + shown.minute) == (day, minute)


def test_newest_takes_the_fresh_ones_newest_first_within_its_limit():
    library = [
        segment("cu", hours_old=40),
        segment("hai", hours_old=2),
        segment("moi"),
        segment("nhac", Kind.MUSIC),
    ]
    made = compose([Newest(Kind.NEWS, within=36 * HOUR, limit=3 * MINUTE)], library, at("05:00"))
    assert [(part.title, part.length) for part in made.parts] == [("Moi", 2 * MINUTE), ("Hai", MINUTE)]
    assert made.gaps == ()


def test_what_is_missing_is_told_and_the_rest_stays():
    made = compose([Play("khong-co"), Newest(Kind.NEWS, 36 * HOUR), Say("Xin chào.")], [], at("05:00"))
    assert len(made.gaps) == 2
    assert "36 giờ" in str(made.gaps[1])
    assert [part.title for part in made.parts] == ["Xin chào."]


def test_the_digest_follows_the_audio_and_nothing_else():
    first = compose([Play("moi")], [segment("moi")], at("05:00"))
    renamed = compose([Play("moi")], [evolve(segment("moi"), title="Tên khác")], at("05:00"))
    changed = compose([Play("moi")], [evolve(segment("moi"), ready="sha-khac")], at("05:00"))
    assert first.digest == renamed.digest != changed.digest


schedules = st.builds(
    Schedule,
    name=st.sampled_from(["a", "b", "c"]),
    title=st.just("Bản tin"),
    air=st.lists(
        st.builds(
            Airing,
            days=st.sampled_from(["daily", "mon-sat", "sun", ["mon", "2026-11-24"]]).map(read_days),
            at=st.integers(0, 24 * 60 - 1).map(lambda minute: minute * MINUTE),
            skip=st.builds(Dates, st.just(MONDAY), st.sampled_from([MONDAY, MONDAY + dt.timedelta(days=1)])),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    rundown=st.just((Play("moi"),)),
    priority=st.sampled_from(Priority),
)


@given(st.lists(schedules, max_size=4, unique_by=lambda it: it.name))
def test_the_timetable_is_every_airing_of_every_day_and_no_other(drawn):
    since, until = at("00:00"), at("00:00") + 3 * DAY
    found = timetable(drawn, station(), [segment("moi")], since, until)
    expected = {
        (schedule.name, instant(MONDAY + dt.timedelta(days=number), airing.at, HANOI))
        for schedule in drawn
        for airing in schedule.air
        for number in range(3)
        if airing.days.falls_on(day := MONDAY + dt.timedelta(days=number)) and not airing.skip.falls_on(day)
    }
    assert {(it.schedule, it.start) for it in found} == expected
    for it in found:
        inside = station().hours.allow(it.start, it.end) or it.priority is Priority.EMERGENCY
        assert (it.state is Planned.REFUSED) == (not inside)


overlapping = st.lists(
    st.builds(
        lambda name, start, minutes, priority: evolve(
            broadcast(at("05:00") + start * MINUTE, minutes * MINUTE, name), priority=priority
        ),
        st.sampled_from("abcdef"),
        st.integers(0, 90),
        st.integers(1, 40),
        st.sampled_from(Priority),
    ),
    max_size=8,
    unique_by=lambda it: it.key,
)


@given(overlapping, st.randoms())
def test_after_resolution_nothing_overlaps_whatever_the_order_and_again_changes_nothing(drawn, random):
    resolved = resolve(drawn, station())
    airing = [it for it in resolved if it.state is Planned.PLANNED]
    for one, other in itertools.pairwise(airing):
        assert one.end <= other.start
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert resolve(shuffled, station()) == resolved == resolve(resolved, station())
    for it in resolved:
        assert (it.state is Planned.DROPPED) == bool(it.reason)


@given(overlapping)
def test_the_most_urgent_of_all_is_never_dropped(drawn):
    if drawn:
        most = min(resolve(drawn, station()), key=lambda it: (-it.priority.rank, it.start, it.schedule))
        assert most.state is Planned.PLANNED


def test_the_newest_are_of_one_origin_only():
    own, theirs = segment("xa"), evolve(segment("province/tinh", hours_old=2), origin=Origin.PROVINCE)
    day = 24 * HOUR

    def heard(item) -> list[str]:
        return [part.segment for part in compose([item], [own, theirs], at("05:00")).parts]

    assert heard(Newest(Kind.NEWS, day)) == heard(Newest(Kind.NEWS, day, origin=Origin.COMMUNE)) == ["xa"]
    assert heard(Newest(Kind.NEWS, day, origin=Origin.PROVINCE)) == ["province/tinh"]
    assert heard(Newest(Kind.NEWS, HOUR, origin=Origin.PROVINCE)) == []
    assert heard(Play("province/tinh")) == ["province/tinh"]


def test_what_did_not_come_from_the_province_is_told_so():
    rundown = [Play("province/thoi-su"), Newest(Kind.NEWS, HOUR, origin=Origin.PROVINCE)]
    told = [str(gap) for gap in compose(rundown, [segment("tin")], at("05:00")).gaps]
    assert [("từ tỉnh" in it or "của tỉnh" in it, "Tải lên" in it) for it in told] == [(True, False)] * 2
