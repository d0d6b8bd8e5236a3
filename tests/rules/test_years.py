"""Ten simulated years, one of them with power cuts and a clock that steps: the real step, day after day."""

import random

from attrs import evolve

from station.rules.days import read_days
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.rundown import Play
from station.rules.schedule import Airing, Clash, Late, Priority, Schedule, Yield
from station.rules.step import Past, actions, recover
from station.rules.step.actions import Result
from station.rules.step.broadcast import OPEN_AHEAD
from station.rules.step.events import TimetablePlanned
from station.rules.step.rehearse import Rehearsal, Taken
from station.rules.step.state import Unfinished
from station.rules.timetable import timetable
from tests.rules.stations import at, segment, station

LATES = (Late(), Late(join=True), Late(within=10 * MINUTE))


def schedule(name: str, days: str, hour: float, **more) -> Schedule:
    return Schedule(name, name, (Airing(read_days(days), round(hour * HOUR)),), (Play("moi"),), **more)


SCHEDULES = (
    schedule("sang", "mon-sat", 5),
    schedule("tinh", "mon-fri", 5.05, priority=Priority.PRIORITY),
    schedule("trua", "daily", 11, late=LATES[1], clash=Clash(Yield.MOVE, HOUR)),
    schedule("chieu", "daily", 17, late=LATES[2]),
    schedule("nham", "sun", 3.25),
)


def planned(since: int, until: int):
    return timetable(SCHEDULES, station(), [segment("moi", minutes=12)], since, until)


class World:
    """What outlives the player: its log, its amplifiers, and the instant."""

    def __init__(self, since: int) -> None:
        self.records: dict[str, list] = {}
        self.switched_on: dict[str, int] = {}
        self.longest_on = 0
        self.shell = self.start(Now(since, 0), alive_at=None)

    def start(self, now: Now, alive_at: int | None) -> Rehearsal:
        past = Past(
            tuple(
                Unfinished(key, start, heard) for key, (start, heard, end) in self.records.items() if end is None
            ),
            {
                key: start
                for key, (start, _, end) in self.records.items()
                if end is not None and start > now.wall - 9 * DAY
            },
            alive_at,
        )
        state, righting = recover(station(), past, now)
        self.note([Taken(now, it) for it in righting])
        return Rehearsal(state, now)

    def live(self, until: int) -> None:
        """Run the player up to wall ms `until`, planning each day as it does."""
        while self.shell.now.wall < until:
            now = self.shell.now.wall
            self.shell.post(TimetablePlanned(planned(now - DAY, now + 2 * DAY)))
            self.shell.run(min(now + DAY, until))
            self.note(self.shell.taken)
            self.shell.taken.clear()

    def note(self, taken: list[Taken]) -> None:
        for it in taken:
            match it.action:
                case actions.OpenRecord(item):
                    assert item.key not in self.records, "a broadcast has one record"
                    self.records[item.key] = [item.start, None, None]
                case actions.NoteStart(key, instant):
                    assert station().hours.open_until(instant) is not None
                    self.records[key][1] = instant
                case actions.CloseRecord(key, result):
                    assert self.records[key][2] is None
                    self.records[key][2] = result
                case actions.SwitchZone(zone, True):
                    self.switched_on[zone] = it.now.mono
                case actions.SwitchZone(zone, False) if zone in self.switched_on:
                    self.longest_on = max(self.longest_on, it.now.mono - self.switched_on.pop(zone))


def test_ten_quiet_years_air_everything_as_planned_and_nothing_else():
    since = at("00:00")
    until = since + 3653 * DAY
    world = World(since)
    world.live(until)
    expected = {it.key: it for it in planned(since, until)}
    assert set(expected) == set(world.records)
    for key, (start, heard, result) in world.records.items():
        airs = expected[key].airs
        assert result == (Result.AIRED if airs else Result.MISSED)
        assert (heard == start) if airs else heard is None
    assert len(world.records) > 12_000
    audio = 12 * MINUTE + SECOND
    assert world.longest_on <= audio + OPEN_AHEAD + 3 * SECOND + 2 * SECOND + 500


def test_a_year_of_power_cuts_and_a_stepping_clock_leaves_one_record_each_and_no_sound_at_night():
    chance = random.Random(20261123)
    since = at("00:00")
    until = since + 365 * DAY
    world = World(since)
    cuts = 0
    while world.shell.now.wall < until:
        world.live(min(until, world.shell.now.wall + chance.randint(0, 3 * DAY)))
        now = world.shell.now
        if chance.random() < 0.5:  # the clock steps
            world.shell.now = evolve(now, wall=now.wall + chance.randint(-20 * MINUTE, 20 * MINUTE))
            world.shell.pass_time(0)
            world.note(world.shell.taken)
            world.shell.taken.clear()
        else:  # the power goes, and comes back
            cuts += 1
            world.switched_on.clear()
            reborn = Now(now.wall + chance.randint(SECOND, 8 * HOUR), 0)
            world.shell = world.start(reborn, alive_at=now.wall - 1)
    assert cuts > 50
    world.live(until + 2 * DAY)
    due = {it.key for it in planned(since, until)}
    assert due <= set(world.records)
    assert all(end is not None for start, _, end in world.records.values() if start < until)
    results = [end for _, _, end in world.records.values()]
    assert results.count(Result.AIRED) > 1000
    assert world.longest_on <= 2 * HOUR
