"""The day's drawing: all of it inside, nothing too thin to see, each broadcast by what became of it."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.hours import Hours, Window
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.rundown import Programme
from station.rules.schedule import Broadcast, Planned
from station.rules.trouble import Trouble
from station.stores.asrun import AsRun
from tests.running import HANOI
from tests.web.records import as_run
from web.drawing import Drawing, draw_day, entries_of

MIDNIGHT = 1_795_366_800_000  # wall ms
USUAL = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI)
ALWAYS = Hours((Window(0, DAY),), HANOI)
COMPLETE = Programme(())
instants = st.integers(0, DAY - 1)


ZONES = {"bac": "Thôn Bắc", "dong": "Thôn Đông", "cho": "Chợ"}


def record(start: int, length: int = 20 * MINUTE, result: str | None = "aired", **more: Any) -> AsRun:
    at = MIDNIGHT + start
    usual = {"result": result, "actual_end": at + length if result else None, "zones": tuple(ZONES)}
    return as_run(at, at + length, **(usual | more))


def coming(start: int, programme: Programme = COMPLETE, state: Planned = Planned.PLANNED, **more: Any) -> Broadcast:
    at = MIDNIGHT + start
    return Broadcast(
        "tin", "Tin", at, at + 10 * MINUTE, **({"zones": tuple(ZONES)} | more), programme=programme, state=state
    )


def drawn(
    now: int, aired: list[AsRun], planned: Iterable[Broadcast] = (), hours: Hours = USUAL, *, running: bool = True
) -> Drawing:
    return draw_day(MIDNIGHT, MIDNIGHT + now, hours, entries_of(aired, planned, running=running), ZONES)


@given(instants, st.lists(st.tuples(instants, st.integers(0, DAY))), st.sampled_from([USUAL, ALWAYS]))
def test_all_is_inside_and_can_be_seen(now: int, aired: list[tuple[int, int]], hours: Hours):
    day = drawn(now, [record(*it) for it in aired], hours=hours)
    assert 0 <= day.now <= 100
    assert [len(it.blocks) for it in day.lanes] == [len(aired)]
    for block in day.lanes[0].blocks:
        assert block.x >= 0
        assert block.width >= 1
        assert block.x + block.width <= 100.01
    for (_, left), (_, right) in pairwise(day.hours):
        assert right - left > 10, "room for letters on a phone"


def test_a_broadcast_is_drawn_by_what_became_of_it():
    missing = Programme((), (Trouble("", "Chưa có tin nào."),))
    aired = [record(5 * HOUR), record(11 * HOUR, result="cut"), record(17 * HOUR, result=None)]
    planned = [coming(18 * HOUR), coming(19 * HOUR, missing)]
    day = drawn(17 * HOUR, aired, planned)
    assert [it.look for it in day.lanes[0].blocks] == ["aired", "wrong", "on", "planned", "lacking"]
    assert day.entries[-1].reason == "Chưa có tin nào."


def test_nothing_is_said_to_sound_without_a_player():
    day = drawn(17 * HOUR, [record(17 * HOUR, result=None)], running=False)
    assert [it.look for it in day.lanes[0].blocks] == ["wrong"]


def test_there_is_one_row_while_everything_goes_everywhere_and_else_one_for_each_zone_that_differs():
    everywhere = [record(5 * HOUR), record(11 * HOUR)]
    assert [it.title for it in drawn(17 * HOUR, everywhere).lanes] == [""]
    day = drawn(17 * HOUR, [*everywhere, record(15 * HOUR, zones=("cho",))])
    assert [(it.title, len(it.blocks)) for it in day.lanes] == [("Thôn Bắc, Thôn Đông", 2), ("Chợ", 3)]
    bars = [(it.y, it.y + day.bar) for it in day.lanes]
    assert bars[0][1] < bars[1][0] < bars[1][1] < day.height, "lanes do not touch"


def test_what_stays_silent_is_drawn_beside_what_it_gave_way_to_and_never_as_sounding():
    missed = record(17 * HOUR, result="missed", actual_start=None, actual_end=None, reason="Nhường giờ cho “A”.")
    dropped = coming(18 * HOUR, state=Planned.DROPPED, reason="Nhường giờ cho “B”.")
    day = drawn(17 * HOUR, [record(17 * HOUR), missed], [coming(18 * HOUR), dropped])
    assert [it.look for it in day.lanes[0].blocks] == ["aired", "planned"]
    assert [it.look for it in day.lanes[0].meant] == ["silent", "silent"]
    assert {it.reason for it in day.entries if it.wrong} == {"Nhường giờ cho “A”.", "Nhường giờ cho “B”."}


def test_what_comes_at_another_time_shows_the_time_that_was_meant():
    late = record(5 * HOUR, actual_start=MIDNIGHT + 5 * HOUR + 4 * MINUTE)
    on_time = record(11 * HOUR, actual_start=MIDNIGHT + 11 * HOUR + 300)
    moved = coming(18 * HOUR, state=Planned.MOVED, moved_by=15 * MINUTE)
    day = drawn(17 * HOUR, [late, on_time], [moved])
    (lane,) = day.lanes
    assert len(lane.blocks) == 3
    assert [it.x for it in lane.meant] == [x_of(day, 5 * HOUR), x_of(day, 18 * HOUR - 15 * MINUTE)]
    assert not drawn(17 * HOUR, [on_time]).lanes[0].meant


def x_of(day: Drawing, instant: int) -> float:
    (first, left), (last, right) = day.hours[0], day.hours[-1]
    return pytest.approx(left + (right - left) * (instant / HOUR - first) / (last - first), abs=0.01)
