"""Faults are kept with when they began and ended, over restarts, by the right time, and with few writes."""

from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from station.care.fault_watch import FaultWatch
from station.rules.now import DAY, MINUTE, SECOND, Now
from station.rules.trouble import Fault, Trouble
from station.stores.database import faults
from station.stores.faults import Faults
from station.stores.home import open_home, places
from station.stores.opening import open_database
from tests.rig.waiting import wait_until
from tests.running import RunningStation

NOON = 1_795_366_800_000
HOT = Trouble("Nhiệt độ", "Máy nóng từ 80 °C nên tự chạy chậm lại.", "Đài vẫn phát.", "Cho máy thoáng gió.")
MUTE = Trouble("Âm thanh", "Không thấy card âm thanh.", "Các buổi tới vẫn được chuẩn bị.", "Kiểm tra dây.")
LOST = Trouble("Đồng hồ", "Máy chưa chắc giờ đúng nên chưa phát theo lịch.")


@pytest.fixture
def kept(tmp_path: Path) -> Faults:
    return Faults(open_database(tmp_path / "station.db"))


def at(seconds: int, *, wall: int = NOON, trusted: bool = True) -> Now:
    return Now(wall + seconds * SECOND, 1_000 + seconds * SECOND, trusted=trusted)


def everything(kept: Faults) -> tuple[Fault, ...]:
    return kept.between(0, NOON + 3_000 * DAY)


def test_a_fault_is_open_while_it_lasts_and_ended_when_it_was_last_seen(kept: Faults) -> None:
    watch = FaultWatch(kept)
    watch.look([HOT, MUTE], at(0))
    for seconds in range(10, 600, 10):
        watch.look([MUTE], at(seconds))
    assert everything(kept) == (Fault(HOT, NOON, NOON), Fault(MUTE, NOON, None))
    assert kept.lasting() == (Fault(MUTE, NOON),)
    watch.look([], at(900))
    assert everything(kept)[1] == Fault(MUTE, NOON, NOON + 590 * SECOND)
    watch.look([MUTE], at(1_000))
    assert everything(kept)[2] == Fault(MUTE, NOON + 1_000 * SECOND, None)


def test_what_comes_and_goes_is_one_fault_and_writes_no_more_than_one(kept: Faults) -> None:
    written: list[str] = []
    event.listen(kept._engine, "commit", lambda _: written.append("commit"))
    watch = FaultWatch(kept)
    for look in range(100):
        watch.look([MUTE] if look % 3 == 0 else [], at(look * 10))
    assert everything(kept) == (Fault(MUTE, NOON, None),)
    assert len(written) == 1


def test_after_a_restart_an_open_fault_goes_on_and_one_that_is_gone_is_ended(kept: Faults) -> None:
    FaultWatch(kept).look([HOT, MUTE], at(0))
    later = NOON + 21 * DAY
    watch = FaultWatch(kept)
    for seconds in range(0, 600, 10):
        watch.look([MUTE], at(seconds, wall=later))
    assert everything(kept) == (Fault(HOT, NOON, later), Fault(MUTE, NOON, None))


def test_what_began_by_a_wrong_clock_is_written_by_the_right_one(kept: Faults) -> None:
    watch = FaultWatch(kept)
    for seconds in range(0, 60, 10):
        watch.look([LOST], at(seconds, wall=0, trusted=False))
    assert everything(kept) == ()
    watch.look([], at(60))
    assert everything(kept) == (Fault(LOST, NOON, None),)
    watch.look([], at(600))
    assert everything(kept) == (Fault(LOST, NOON, NOON + 50 * SECOND),)


def test_a_fault_ends_no_earlier_than_it_began_whatever_the_clock_did(kept: Faults) -> None:
    watch = FaultWatch(kept)
    watch.look([MUTE], at(0))
    watch.look([], at(400, wall=NOON - DAY))
    assert everything(kept) == (Fault(MUTE, NOON, NOON),)


def test_a_card_that_takes_nothing_loses_no_fault(kept: Faults, tmp_path: Path) -> None:
    watch = FaultWatch(kept)
    watch.look([], at(0))
    whole, broken = tmp_path / "station.db", tmp_path / "away.db"
    whole.rename(broken)
    whole.mkdir()
    kept._engine.dispose()
    watch.look([MUTE], at(10))
    whole.rmdir()
    broken.rename(whole)
    watch.look([MUTE], at(20))
    assert everything(kept) == (Fault(MUTE, NOON + 10 * SECOND, None),)


def test_old_faults_go_and_open_ones_stay(kept: Faults) -> None:
    kept.note({HOT: NOON, MUTE: NOON}, {HOT: NOON + MINUTE})
    kept.note({LOST: NOON + 401 * DAY}, {})
    assert [it.trouble for it in everything(kept)] == [MUTE, LOST]


def test_a_day_knows_the_faults_that_touch_it(kept: Faults) -> None:
    kept.note({HOT: NOON, MUTE: NOON + DAY}, {HOT: NOON + 2 * DAY})
    assert [it.trouble for it in kept.between(NOON - DAY, NOON)] == []
    assert [it.trouble for it in kept.between(NOON, NOON + DAY)] == [HOT]
    assert [it.trouble for it in kept.between(NOON + DAY, NOON + 2 * DAY)] == [HOT, MUTE]
    assert [it.trouble for it in kept.between(NOON + 3 * DAY, NOON + 4 * DAY)] == [MUTE]


def test_what_the_player_shows_as_wrong_is_kept(tmp_path: Path) -> None:
    with RunningStation(tmp_path) as station:
        (station.schedules / "hong.toml").write_text("title = 1")
        station.start()
        wait_until(lambda: station.status()["faults"], 10)
        home = open_home(places(station.home))
        wait_until(home.faults.lasting, 20, every=0.2)
        shown = [Trouble(**it) for it in station.status()["faults"]]
        assert [it.trouble for it in home.faults.lasting()] == shown
        with home.engine.connect() as connection:
            assert connection.execute(select(func.count()).select_from(faults)).scalar_one() == len(shown)
