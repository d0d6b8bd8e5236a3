"""Who gives way to whom, how late is too late, and how much is enough."""

import datetime as dt
import itertools

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.clash import CHANGEOVER, resolve
from station.rules.days import read_days
from station.rules.hours import Hours, Window
from station.rules.limits import Limits
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.origin import Origin
from station.rules.rundown import Clip, Play, Programme
from station.rules.schedule import Airing, Clash, Late, Planned, Priority, Schedule, Trigger, Yield
from station.rules.station import Level
from station.rules.step import actions, events
from station.rules.step.actions import Result
from station.rules.timetable import timetable
from tests.rules.stations import HANOI, MONDAY, at, broadcast, segment, station
from tests.rules.test_step import rehearsal, results, taken

CUT, MOVE = Clash(Yield.CUT), Clash(Yield.MOVE, 20 * MINUTE)


def urgent(start: str, minutes: int = 10, **more):
    return evolve(
        broadcast(at(start), minutes * MINUTE, "uu-tien"), priority=Priority.PRIORITY, title="Ưu tiên", **more
    )


def by_name(*broadcasts, the_station=None):
    return {it.schedule: it for it in resolve(broadcasts, the_station or station())}


def test_the_less_urgent_is_dropped_when_it_says_nothing_else():
    found = by_name(broadcast(at("05:00")), urgent("05:05"))
    assert found["uu-tien"].state is Planned.PLANNED
    assert found["ban-tin"].state is Planned.DROPPED
    assert found["ban-tin"].reason == "Nhường giờ cho “Ưu tiên”."


def test_one_that_may_be_cut_ends_before_the_other_begins():
    found = by_name(evolve(broadcast(at("05:00")), clash=CUT), urgent("05:05"))
    cut = found["ban-tin"]
    assert cut.state is Planned.CUT
    assert cut.end == at("05:05") - CHANGEOVER
    assert cut.programme.length == cut.end - cut.start


def test_one_that_would_begin_during_the_other_cannot_be_cut():
    assert by_name(evolve(broadcast(at("05:07")), clash=CUT), urgent("05:05"))["ban-tin"].state is Planned.DROPPED


def test_one_that_may_move_begins_after_the_other():
    moved = by_name(evolve(broadcast(at("05:07")), clash=MOVE), urgent("05:05"))["ban-tin"]
    assert moved.state is Planned.MOVED
    assert moved.start == at("05:15") + CHANGEOVER
    assert moved.key == broadcast(at("05:07")).key, "it is known by the start that its schedule names"
    assert "05:15:05" in moved.reason


def test_it_does_not_move_too_far_nor_out_of_hours():
    far = by_name(evolve(broadcast(at("05:00")), clash=MOVE), urgent("05:00", 30))["ban-tin"]
    assert far.state is Planned.DROPPED
    assert "20 phút" in far.reason
    late = by_name(evolve(broadcast(at("20:45")), clash=MOVE), urgent("20:50", 9))["ban-tin"]
    assert late.state is Planned.DROPPED
    assert "ngoài khung giờ" in late.reason


def test_it_moves_on_past_a_second_one():
    first, second = urgent("05:00"), evolve(urgent("05:12"), schedule="hai", title="Hai")
    moved = by_name(evolve(broadcast(at("05:01"), 5 * MINUTE), clash=Clash(Yield.MOVE, HOUR)), first, second)[
        "ban-tin"
    ]
    assert moved.start == at("05:22") + CHANGEOVER


def test_the_commune_orders_priority_bulletins_of_commune_and_province():
    commune = evolve(urgent("05:00"), schedule="xa", origin=Origin.COMMUNE)
    province = evolve(urgent("05:05"), schedule="tinh", origin=Origin.PROVINCE)
    assert by_name(commune, province)["xa"].state is Planned.DROPPED
    first = evolve(station(), goes_first=Origin.COMMUNE)
    assert by_name(commune, province, the_station=first)["tinh"].state is Planned.DROPPED
    today = evolve(station(), chosen={MONDAY: Origin.COMMUNE})
    assert by_name(commune, province, the_station=today)["tinh"].state is Planned.DROPPED


def test_an_emergency_goes_before_everything_and_on_air_at_once():
    emergency = evolve(broadcast(at("05:03"), MINUTE, "khan-cap"), priority=Priority.EMERGENCY)
    shell = rehearsal("04:50", urgent("05:00"))
    shell.run(at("05:02"))
    shell.post(events.TimetablePlanned((urgent("05:00"), emergency)))
    shell.run(at("05:30"))
    assert results(shell) == [("uu-tien", Result.CUT), ("khan-cap", Result.AIRED)]
    assert taken(shell, actions.NoteStart)[-1].action.at == at("05:03")


drawn_broadcasts = st.lists(
    st.builds(
        lambda name, start, minutes, priority, clash, origin: evolve(
            broadcast(at("05:00") + start * MINUTE, minutes * MINUTE, name),
            priority=priority,
            clash=clash,
            origin=origin,
        ),
        st.sampled_from("abcdef"),
        st.integers(-30, 16 * 60),
        st.integers(1, 40),
        st.sampled_from(Priority),
        st.sampled_from([Clash(), CUT, MOVE, Clash(Yield.MOVE, HOUR)]),
        st.sampled_from(Origin),
    ),
    max_size=10,
    unique_by=lambda it: it.key,
)


@given(drawn_broadcasts, st.randoms())
def test_resolution_overlaps_nothing_forgets_nothing_and_is_its_own_end(drawn, random):
    resolved = resolve(drawn, station())
    airing = sorted((it for it in resolved if it.airs), key=lambda it: it.start)
    for one, other in itertools.pairwise(airing):
        assert one.end <= other.start
    assert {it.key for it in resolved} == {it.key for it in drawn}
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert resolve(shuffled, station()) == resolved == resolve(resolved, station())
    for it in resolved:
        assert bool(it.reason) == (it.state is not Planned.PLANNED)
        if it.state is Planned.MOVED:
            assert it.moved_by <= it.clash.within
            assert station().hours.allow(it.start, it.end)


@given(drawn_broadcasts)
def test_an_emergency_is_never_delayed_but_by_an_earlier_emergency(drawn):
    emergencies = [it for it in drawn if it.priority is Priority.EMERGENCY]
    resolved = {it.key: it for it in resolve(drawn, station())}
    alone = {it.key: it for it in resolve(emergencies, station())}
    for emergency in emergencies:
        assert resolved[emergency.key] == alone[emergency.key]


# Lateness


def late_shell(late: Late, comes_back: str, **more):
    shell = rehearsal("04:50", evolve(broadcast(at("05:00"), 20 * MINUTE), late=late, **more))
    shell.now = evolve(shell.now, wall=at(comes_back))
    shell.pass_time(0)
    shell.run(at("06:00"))
    return shell


def test_late_is_skipped_by_default():
    assert results(late_shell(Late(), "05:05")) == [("ban-tin", Result.MISSED)]


def test_late_may_start_within_its_minutes_and_not_after():
    assert results(late_shell(Late(within=10 * MINUTE), "05:09")) == [("ban-tin", Result.AIRED)]
    assert results(late_shell(Late(within=10 * MINUTE), "05:11")) == [("ban-tin", Result.MISSED)]


def test_late_may_join_where_it_would_be_and_still_ends_on_time():
    shell = late_shell(Late(join=True), "05:05")
    assert results(shell) == [("ban-tin", Result.AIRED)]
    load = taken(shell, actions.LoadTape)[-1].action
    start = taken(shell, actions.NoteStart)[0].action.at
    assert load.offset == pytest.approx(500 + start - at("05:00"), abs=1)
    (closed,) = taken(shell, actions.CloseRecord)
    assert closed.action.end == at("05:20")


def test_there_is_no_catching_up_outside_allowed_hours():
    shell = rehearsal("20:30", evolve(broadcast(at("20:35"), 20 * MINUTE), late=Late(within=2 * HOUR)))
    shell.now = evolve(shell.now, wall=at("20:45"))
    shell.pass_time(0)
    shell.run(at("23:00"))
    assert results(shell) == [("ban-tin", Result.MISSED)]
    assert not taken(shell, actions.SwitchZone)


# Hours, limits, level


def test_weekend_hours_may_differ():
    hours = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI, weekend=(Window(7 * HOUR, 20 * HOUR),))
    saturday = MONDAY + dt.timedelta(days=5)
    assert hours.allow(at("05:30"), at("05:40"))
    assert not hours.allow(at("05:30", saturday), at("05:40", saturday))
    assert evolve(hours, weekend=()).open_until(at("12:00", saturday)) is None


def schedule(name: str, *clocks: str, **more) -> Schedule:
    airings = tuple(Airing(read_days("daily"), at(clock) - at("00:00")) for clock in clocks)
    return Schedule(name, name, airings, (Play("moi"),), **more)


def test_limits_refuse_what_would_be_too_much_and_say_why():
    limited = evolve(station(), limits=Limits(sessions=2, session=12 * MINUTE, day=30 * MINUTE))
    found = timetable(
        [schedule("tin", "05:00", "05:11", "11:00", "17:00")],
        limited,
        [segment("moi", minutes=10)],
        at("00:00"),
        at("24:00"),
    )
    assert [it.state for it in found] == [Planned.PLANNED, Planned.REFUSED, Planned.PLANNED, Planned.REFUSED]
    assert "12 phút một buổi" in found[1].reason
    assert "2 buổi một ngày" in found[3].reason


def test_limits_hold_for_orders_by_hand_too():
    the_station = evolve(station(), limits=Limits(day=15 * MINUTE))
    shell = rehearsal("04:50", broadcast(at("05:00")), the_station=the_station)
    shell.run(at("08:00"))
    order = evolve(broadcast(at("08:00"), 10 * MINUTE, "phat-ngay"), trigger=Trigger.HAND, late=Late(2 * MINUTE))
    shell.post(events.PlayOrdered(1, order))
    assert "15 phút một ngày" in taken(shell, actions.Answer)[-1].action.sentence
    shell.post(events.PlayOrdered(2, evolve(order, override="Báo bão", who="Bà Lan")))
    shell.run(at("08:30"))
    assert results(shell)[-1] == ("phat-ngay", Result.AIRED)
    assert "Bà Lan cho phát ngoài khung giờ: Báo bão." in taken(shell, actions.CloseRecord)[-1].action.reason


def test_what_starts_early_is_softer_and_its_tape_is_another():
    quiet = evolve(station(), levels=(Level(Window(0, 6 * HOUR), -6.0),))
    early, later = timetable([schedule("tin", "05:00", "07:00")], quiet, [segment("moi")], at("00:00"), at("24:00"))
    assert (early.programme.gain, later.programme.gain) == (-6.0, 0.0)
    assert early.programme.digest != later.programme.digest


def test_a_hard_end_bounds_the_programme_even_past_midnight():
    open_all_day = evolve(station(), hours=Hours((Window(0, DAY),), HANOI))
    airing = Airing(read_days("2026-11-23"), 23 * HOUR + 55 * MINUTE, hard_end=2 * MINUTE)
    (found,) = timetable(
        [Schedule("dem", "Đêm", (airing,), (Play("moi"),))],
        open_all_day,
        [segment("moi", minutes=20)],
        at("00:00"),
        at("24:00"),
    )
    assert found.end == at("24:00") + 2 * MINUTE
    assert found.programme.length == 7 * MINUTE


def test_a_segment_may_be_bounded():
    (found,) = timetable(
        [Schedule("nhac", "Nhạc", (Airing(read_days("daily"), 6 * HOUR),), (Play("moi", lasting=30 * SECOND),))],
        station(),
        [segment("moi")],
        at("00:00"),
        at("24:00"),
    )
    assert found.end - found.start == 30 * SECOND


@given(st.lists(st.integers(1, 300), max_size=6), st.integers(0, 1500))
def test_a_shortened_programme_fits_and_begins_like_the_whole(seconds, length):
    clips = tuple(Clip(str(number), "x", "y", it * SECOND) for number, it in enumerate(seconds))
    whole = Programme(clips)
    short = whole.within(length * SECOND)
    assert short.length <= length * SECOND
    assert short.length > min(whole.length, length * SECOND) - SECOND
    assert [it.segment for it in short.parts] == [it.segment for it in clips][: len(short.parts)]
