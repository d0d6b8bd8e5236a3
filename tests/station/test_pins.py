"""Amplifiers and panel of a whole player: on gpiozero's real pins, over a stand-in for a Raspberry Pi's lgpio."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.board import Board
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

BAC, DONG, LAMP, STOP, EMERGENCY = 17, 27, 5, 6, 13
UP = 22
STAGGER = 400  # ms
CONFIG = """\
trust_clock = true
allowed_hours = ["00:00-24:00"]
[audio]
device = "none"
[amplifiers]
stagger = "400ms"
[emergency]
message = "Nước sông đang lên. Đề nghị bà con ven sông di dời ngay."
[panel]
led = 5
stop_button = 6
emergency_button = 13
[zones.bac]
title = "Thôn Bắc"
pin = 17
active_high = false
feedback = 22
warm_up = "1s"
linger = "1s"
[zones.dong]
title = "Thôn Đông"
pin = 27
warm_up = "1s"
linger = "1s"
"""
OTHER_PINS = CONFIG.replace("pin = 17", "pin = 23").replace("pin = 27", "pin = 24")


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    board = Board(tmp_path, low={BAC})
    for name, value in board.environment.items():
        monkeypatch.setenv(name, value)
    return board


@pytest.fixture
def station(tmp_path: Path, board: Board) -> Iterator[RunningStation]:  # noqa: ARG001 - its pins are there before
    with RunningStation(tmp_path, CONFIG) as running:
        yield running


def hold_emergency(board: Board, station: RunningStation) -> None:
    """Hold the emergency button until it is heard."""
    board.drive(EMERGENCY, 0)
    wait_until(station.on_air, 30)
    board.drive(EMERGENCY, 1)


def test_the_panel_and_the_amplifiers_from_outside(station: RunningStation, board: Board) -> None:
    station.start()
    for pin in (BAC, DONG):
        first, *more = board.driven(pin)
        assert (first.deed, first.on) == ("claim", False), "off from the first moment"
        assert not any(it.on for it in more)
    wait_until(lambda: board.driven(LAMP)[-1].level == 1)
    steady = len(board.driven(LAMP))

    held = wall_ms()
    hold_emergency(board, station)
    went_on = [next(it.at for it in board.driven(pin) if it.on) for pin in (BAC, DONG)]
    assert min(went_on) - held >= 3_000, "nobody leans on it that long by mistake"
    assert abs(went_on[1] - went_on[0]) >= STAGGER - 20
    assert station.on_air()["trigger"] == "hand"
    wait_until(lambda: len(board.driven(LAMP)) >= steady + 3, 5)  # it blinks
    wait_until(lambda: any("không báo là đã chạy" in it["what"] for it in station.status()["faults"]))
    board.drive(UP, 1)
    wait_until(lambda: not station.status()["faults"])

    pressed = wall_ms()
    board.drive(STOP, 0)
    wait_until(lambda: not station.on_air())
    wait_until(lambda: not board.on(BAC) and not board.on(DONG))
    assert 900 <= board.driven(BAC)[-1].at - pressed <= 1_700, "off after its linger"
    wait_until(lambda: any("dù đã tắt" in it["what"] for it in station.status()["faults"]))
    (record,) = station.json("log")
    assert record["result"] == "cut"
    assert "Nút bấm" in record["reason"]

    assert station.terminate() == 0
    for pin in (BAC, DONG):
        assert not board.on(pin)
        assert [it.deed for it in board.driven(pin)].count("claim") == 1


def test_after_a_kill_the_unit_switches_off_what_was_driven_whatever_the_file_says_by_now(
    station: RunningStation, board: Board
) -> None:
    station.start()
    hold_emergency(board, station)
    (station.home / "station.toml").write_text(OTHER_PINS)
    station.kill()
    assert board.on(BAC)
    assert board.on(DONG)
    (station.home / "station.db").unlink()  # nothing but its note is needed
    begun = wall_ms()
    done = subprocess.run(
        [sys.executable, "-m", "station.air.off"],
        env=os.environ | {"STATION_HOME": str(station.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert wall_ms() - begun < 3_000
    for pin in (BAC, DONG):
        last = board.driven(pin)[-1]
        assert not last.on
        assert last.process != station.pid
    assert not board.driven(23)


def test_a_machine_without_pins_says_so_and_still_answers(tmp_path: Path) -> None:
    with RunningStation(tmp_path, CONFIG) as running:
        running.start()
        wait_until(lambda: any("Nút dừng phát ở chân GPIO 6" in it["what"] for it in running.status()["faults"]))
        assert all("GPIO" in zone["fault"] for zone in running.status()["zones"])
        assert running.terminate() == 0


def test_a_practice_station_touches_no_pin_that_its_file_names(tmp_path: Path, board: Board) -> None:
    with RunningStation(tmp_path / "tap", "practice = true\n" + CONFIG) as station:
        station.add_noise(1_000)
        station.start()
        assert station.command("play", "nen").returncode == 0
        station.aired("phat-ngay/nen")
        assert station.terminate() == 0
        assert station.command("amplifiers-off").returncode == 0
        assert [zone for _, zone, on in station.switchings() if on] == ["bac", "dong"], "it only plays that it does"
    assert [it for pin in (BAC, DONG, LAMP) for it in board.driven(pin)] == []
