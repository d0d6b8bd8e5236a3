"""The clock set by hand, from the wish to what the player, the logs and the next start make of it.

The clock of the machine that runs the tests is never set: the setter gets one of its own.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from station import clock as machine
from station.air.ledger import Ledger
from station.air.loop import Equipment, Loop
from station.air.past import read_past, span_to_plan
from station.air.simulated import SimulatedPlayer
from station.air.tapes import TapeRoom
from station.care import clock_request
from station.care.clock_request import Answer, put_request, read_answer
from station.care.clock_setter import serve
from station.cli import main
from station.clock import Discipline, TimeKind
from station.desk import clock as desk
from station.desk.clock import ODD, look_at_clock, set_clock
from station.rules.clock import KEPT_BY_NETWORK, SettingWanted
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.rundown import Programme, Tape
from station.rules.schedule import Broadcast
from station.rules.step import Past, recover
from station.rules.step.events import ShutdownOrdered, Tick, TimetablePlanned
from station.rules.step.present import present
from station.rules.trouble import Refused
from station.stores.database import audit
from station.stores.home import Home, open_home, places
from tests.airing import air
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import mono_ns, wait_until
from tests.rules import stations
from tests.running import CONFIG

NOON = 1_795_669_200_000  # 2026-11-26 12:00 in Hà Nội


def _mono() -> int:
    return mono_ns() // 1_000_000


class OwnClock:
    """A clock that may be set: the real monotonic one, and a wall clock beside it."""

    def __init__(
        self, wall: int, *, synchronised: bool = False, battery: bool = False, permitted: bool = True
    ) -> None:
        self._ahead = wall - _mono()
        self._synchronised, self._battery, self._permitted = synchronised, battery, permitted
        self.battery: int | None = None
        self.trusted = False

    def now(self) -> Now:
        mono = _mono()
        return Now(self._ahead + mono, mono, trusted=self.trusted)

    def synchronised(self) -> bool:
        return self._synchronised

    def heard_at(self) -> int | None:
        return None

    def set_wall(self, wall: int) -> None:
        if not self._permitted:
            raise PermissionError
        self._ahead = wall - _mono()
        self.trusted = True

    def set_battery(self, wall: int) -> bool:
        if self._battery:
            self.battery = wall
        return self._battery


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = open_home(places(tmp_path / "home"))
    opened.places.config.write_text(CONFIG.replace("{device}", "none").replace("trust_clock = true\n", ""))
    return opened


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in memory of a machine whose network keeps no time, and which has no battery."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr(clock_request, "FOLDER", folder)
    monkeypatch.setattr(machine, "SET_BY_HAND", folder / "clock.set")
    monkeypatch.setattr(machine, "_HEARD", folder / "synchronized")
    monkeypatch.setattr(machine, "_SET_BY_REAL_TIME_CLOCK", folder / "hctosys")
    monkeypatch.setattr(machine, "_REAL_TIME_CLOCK_SAYS", folder / "since_epoch")
    for module in (machine, desk):
        monkeypatch.setattr(module, "discipline", lambda: Discipline(synchronised=False, off=0, error=16_000))
    return folder


@pytest.fixture
def setter(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnClock]:
    """The service, which deals with each request as systemd would have it; its wall clock is the machine's."""
    own, over = OwnClock(NOON - 40 * MINUTE), threading.Event()
    monkeypatch.setattr(machine, "_wall", lambda: own.now().wall)

    def watch() -> None:
        while not over.wait(0.02):
            if (run / "clock.request").exists():
                serve(run, own)

    thread = threading.Thread(target=watch)
    thread.start()
    yield own
    over.set()
    thread.join()


def answered(run: Path, wanted: SettingWanted, clock: OwnClock) -> Answer:
    put_request(run, wanted)
    serve(run, clock)
    assert not (run / "clock.request").exists(), "once"
    answer = read_answer(run, wanted.mono)
    assert answer
    return answer


def test_it_is_set_to_what_was_wanted_and_the_time_since(run: Path):
    clock = OwnClock(NOON, battery=True)
    asked = clock.now().mono - 7 * SECOND
    answer = answered(run, SettingWanted(NOON + HOUR, asked, "Lan"), clock)
    assert answer.done
    assert answer.done.at - (NOON + HOUR) in range(7_000, 17_000)
    assert abs(answer.done.at - clock.now().wall) < 10_000
    assert clock.battery == answer.done.at and answer.done.kept
    assert read_answer(run, asked + 1) is None, "of another request"


@pytest.mark.parametrize(
    ("clock", "wanted", "refusal"),
    [
        ({"synchronised": True}, {}, KEPT_BY_NETWORK.what),
        ({}, {"mono": -HOUR}, "Máy nhận yêu cầu đặt giờ quá muộn nên chưa đặt."),
        ({}, {"at": 0}, "Giờ phải từ năm 2026 đến năm 2099, nên chưa đặt."),
        ({}, {"by": " "}, "Chưa biết ai đặt giờ nên chưa đặt."),
        ({"permitted": False}, {}, "Hệ điều hành không cho đặt giờ."),
    ],
)
def test_what_may_not_be_changes_nothing_and_is_a_sentence(run: Path, clock: dict, wanted: dict, refusal: str):
    own = OwnClock(NOON, battery=True, **clock)
    asked = evolve(SettingWanted(NOON + DAY, own.now().mono, "Lan"), **wanted)
    answer = answered(run, asked, own)
    assert answer.trouble and answer.trouble.what == refusal and answer.trouble.mend
    assert own.now().wall < NOON + HOUR and own.battery is None
    assert not (run / "clock.set").exists()


@pytest.mark.parametrize(
    "told", [b"", b"{}", b'{"at": "x"}', b"[" * 4000, b"\xff", b'{"at": 1e99, "mono": 1, "by": ""}']
)
def test_what_nobody_understands_is_taken_away_and_ends_there(run: Path, told: bytes):
    (run / "clock.request").write_bytes(told)
    serve(run, own := OwnClock(NOON))
    assert list(run.iterdir()) == []
    assert own.now().wall < NOON + HOUR


def test_the_hand_is_believed_named_and_logged(home: Home, run: Path, setter: OwnClock):
    assert home.clock().now().trusted is False
    done = set_clock(home, NOON + HOUR, by="Nguyễn Thị Lan")
    assert abs(done.at - NOON - HOUR) < 10_000
    assert abs(setter.now().wall - NOON - HOUR) < 60_000
    source = look_at_clock(home).source
    assert (source.kind, source.by, source.kept) == (TimeKind.PERSON, "Nguyễn Thị Lan", False)
    assert home.clock().now().trusted
    with home.engine.connect() as connection:
        (line,) = connection.execute(select(audit.c.who, audit.c.deed, audit.c.subject)).all()
    assert tuple(line)[:2] == ("Nguyễn Thị Lan", "đặt giờ")
    assert line.subject.startswith("11:20:") and " → 13:00:" in line.subject
    (fault,) = home.faults.between(NOON, NOON + DAY)
    assert fault.trouble.what.startswith("Nguyễn Thị Lan đã đặt giờ bằng tay, từ 11:20:")
    assert fault.opened_at == fault.closed_at == done.at
    (run / "clock.set").unlink()  # the power goes
    assert home.clock().now().trusted is False


def test_a_far_day_is_asked_for_twice(home: Home, setter: OwnClock):  # noqa: ARG001
    home.heartbeat.beat(NOON - 3 * DAY)
    with pytest.raises(Refused) as refused:
        set_clock(home, NOON, by="Lan")
    assert refused.value.trouble == ODD
    assert set_clock(home, NOON, by="Lan", sure=True).by == "Lan"


def test_where_nobody_answers_that_is_said(home: Home, run: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desk, "_PATIENCE", 0)
    with pytest.raises(Refused, match="không trả lời"):
        set_clock(home, NOON, by="Lan")
    (run / "clock.request").unlink()
    run.rmdir()
    with pytest.raises(Refused, match="chưa cài"):
        set_clock(home, NOON, by="Lan")


def test_the_command_line_shows_and_sets_it(home: Home, setter: OwnClock):  # noqa: ARG001
    def command(*arguments: str):
        return CliRunner().invoke(main, ["--home", str(home.places.home), "clock", *arguments])

    assert "chưa chắc đúng giờ" in command().output
    done = command("set", "2026-11-26 17:00:30", "--by", "Lan")
    assert done.exit_code == 0, done.output
    assert "thành 17:00:3" in done.output and "mất điện là phải đặt lại" in done.output
    told = json.loads(command("--json").output)
    assert (told["kind"], told["by"], told["now"][:16]) == ("person", "Lan", "2026-11-26T17:00")
    assert command("set", "2025-11-26 17:00", "--by", "Lan").exit_code == 1
    assert command("set", "17 giờ", "--by", "Lan").exit_code == 2


# The time that a machine begins with.


def test_a_battery_is_believed_unless_it_died(home: Home, run: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "_wall", lambda: NOON)
    (run / "hctosys").write_text("1\n")
    for battery, kind in ((NOON, "battery"), (9_000, "nobody"), (NOON - 2 * HOUR, "nobody")):
        (run / "since_epoch").write_text(f"{battery // SECOND}\n")
        assert home.clock().source().kind == kind
    (run / "since_epoch").write_text(f"{NOON // SECOND}\n")
    home.heartbeat.beat(NOON + 2 * HOUR)
    assert home.clock().source().kind == "nobody", "the station was sure of a later time"


def test_the_time_that_was_kept_on_the_card_is_not_believed_and_the_network_once_heard_is(
    home: Home, run: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(machine, "_wall", lambda: NOON)
    assert home.clock().source().kind is TimeKind.NOBODY
    (run / "synchronized").touch()
    assert home.clock().source().kind is TimeKind.NETWORK


def test_a_start_by_any_clock_knows_what_has_its_record(home: Home):
    aired = air(home.log, NOON - HOUR)
    home.heartbeat.beat(NOON)
    for wall in (NOON - 20 * DAY, 9_000, NOON + 5 * MINUTE, NOON + 3_000 * DAY):
        past = read_past(home.log, home.heartbeat.last(), frozenset(), Now(wall, 0, trusted=False))
        assert aired in past.closed, wall
        assert past.alive_at == NOON
        assert past.sounded, "it counts for the day's limits"


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 2**42), st.integers(0, 6 * DAY))
def test_what_was_missed_and_what_was_cut_off_is_planned_whatever_the_clock_says_meanwhile(wall, dark):
    sure = NOON
    wrong = span_to_plan(sure, Now(wall, 0, trusted=False))
    assert wrong.since < sure < wrong.until and wrong.around == sure
    right = span_to_plan(wrong.around, Now(sure + dark, 0, trusted=True))
    assert right.since < sure and right.until > right.around == sure + dark


# On air.


class Board:
    """Amplifiers that remember how they were switched."""

    simulated = True
    faults: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.on: set[str] = set()
        self.switched: list[tuple[str, bool]] = []

    def switch(self, zone: str, on: bool) -> None:
        self.switched.append((zone, on))
        (self.on.add if on else self.on.discard)(zone)

    def close(self) -> None:
        self.on.clear()


class Tapes:
    """One tape for whatever is planned."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def render(self, programme: Programme, name: str) -> Tape:  # noqa: ARG002 - the same for all
        return self._tape


@pytest.fixture
def loop(home: Home, tmp_path: Path) -> Iterator[tuple[Loop, OwnClock, Board]]:
    """The player's heart by a clock of its own that nobody vouches for, in a thread as in the player."""
    clock, board = OwnClock(NOON), Board()
    tape = write_tape(tmp_path / "bang.wav", noise(8 * SECOND))
    equipment = Equipment(
        clock,
        SimulatedPlayer(clock),
        board,
        lambda post: TapeRoom(Tapes(tape), post),
        Ledger(home.log, home.heartbeat),
    )
    made = Loop(equipment, on_clock_step=lambda: None, on_turn=lambda *_: None)
    made.begin(*recover(home.config().config.station, Past(), clock.now()))
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made, clock, board
    made.post(ShutdownOrdered())
    thread.join(30)
    assert not board.on


def planned(start: int, name: str, length: int = 8 * SECOND) -> Broadcast:
    return stations.broadcast(start, length, name)


def test_set_on_air_both_ways_the_tape_goes_on_once_and_the_amplifiers_go_off(
    home: Home, loop: tuple[Loop, OwnClock, Board]
):
    heart, clock, board = loop
    first, jumped = planned(NOON + 60 * SECOND, "trua"), planned(NOON + HOUR, "chieu")
    later = planned(NOON + 2 * HOUR + MINUTE, "toi")
    heart.post(TimetablePlanned((first, jumped, later)))

    def record(broadcast: Broadcast):
        return home.log.find(broadcast.key)

    def sounding() -> bool:
        on_air = present(heart.state, clock.now()).on_air
        return on_air is not None and on_air.phase == "on air" and on_air.position > 0

    wait_until(lambda: heart.state.casts)
    clock.set_wall(first.start - 4 * SECOND)  # a person sets it, and it is believed from now on
    wait_until(sounding, 30)
    clock.set_wall(NOON + 2 * HOUR)
    wait_until(lambda: record(jumped) and record(jumped).result, 20)
    assert record(jumped).result == "missed"
    assert record(jumped).reason == "Giờ phát đã qua khi đồng hồ được chỉnh hoặc máy bận."
    assert sounding() and board.on == {"bac", "dong"}, "it goes on meanwhile"
    clock.set_wall(NOON)
    wait_until(lambda: record(first).result, 30)
    assert record(first).result == "aired"
    wait_until(lambda: not board.on, 30)
    for instant in (first.start, jumped.start):  # their time comes once more
        clock.set_wall(instant - 3 * SECOND // 2)
        heart.post(TimetablePlanned((first, jumped, later)))
        wait_until(lambda instant=instant: clock.now().wall > instant + SECOND // 2, 10)
        heart.post(Tick())
    assert not board.on
    assert {zone: [on for name, on in board.switched if name == zone].count(True) for zone in ("bac", "dong")} == {
        "bac": 1,
        "dong": 1,
    }
    assert record(later) is None
