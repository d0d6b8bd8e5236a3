"""The day's drawing: all of it inside, nothing too thin to see, each broadcast by what became of it."""

from itertools import pairwise

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
from web.drawing import draw_day

MIDNIGHT = 1_795_366_800_000  # wall ms
USUAL = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI)
ALWAYS = Hours((Window(0, DAY),), HANOI)
COMPLETE = Programme(())
instants = st.integers(0, DAY - 1)


def record(start: int, length: int = 20 * MINUTE, result: str | None = "aired") -> AsRun:
    at = MIDNIGHT + start
    return as_run(at, at + length, result=result, actual_end=at + length if result else None)


def coming(start: int, programme: Programme = COMPLETE, state: Planned = Planned.PLANNED) -> Broadcast:
    at = MIDNIGHT + start
    return Broadcast("tin", "Tin", at, at + 10 * MINUTE, ("bac",), programme, state=state)


@given(instants, st.lists(st.tuples(instants, st.integers(0, DAY))), st.sampled_from([USUAL, ALWAYS]))
def test_all_is_inside_and_can_be_seen(now: int, aired: list[tuple[int, int]], hours: Hours):
    day = draw_day(MIDNIGHT, MIDNIGHT + now, hours, [record(*it) for it in aired], [], running=True)
    assert 0 <= day.now <= 100
    assert len(day.blocks) == len(aired)
    for block in day.blocks:
        assert block.x >= 0
        assert block.width >= 1
        assert block.x + block.width <= 100.01
    for (_, left), (_, right) in pairwise(day.hours):
        assert right - left > 10, "room for letters on a phone"


def test_a_broadcast_is_drawn_by_what_became_of_it():
    missing = Programme((), (Trouble("", "Chưa có tin nào."),))
    aired = [record(5 * HOUR), record(11 * HOUR, result="cut"), record(17 * HOUR, result=None)]
    planned = [coming(18 * HOUR), coming(19 * HOUR, missing), coming(23 * HOUR, state=Planned.REFUSED)]
    day = draw_day(MIDNIGHT, MIDNIGHT + 17 * HOUR, USUAL, aired, planned, running=True)
    assert [it.look for it in day.blocks] == ["aired", "wrong", "on", "planned", "lacking", "refused"]
    assert [it.at for it in day.blocks[:3]] == ["05:00", "11:00", "17:00"]


def test_nothing_is_said_to_sound_without_a_player():
    day = draw_day(MIDNIGHT, MIDNIGHT + 17 * HOUR, USUAL, [record(17 * HOUR, result=None)], [], running=False)
    assert [it.look for it in day.blocks] == ["wrong"]
