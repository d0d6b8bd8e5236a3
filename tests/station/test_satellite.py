"""A zone on another Pi: a real station and a real satellite, on pins that stand in for a Raspberry Pi's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from station.air.amplifiers import ZonePin
from station.air.leased import LEASE, LeasedAmplifiers, Wish
from station.rules.now import Now
from station.stores.places import places
from tests.rig.satellite import Caller, RunningSatellite
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation
from tests.station.test_pins import DONG, Board

CONFIG = """\
trust_clock = true
allowed_hours = ["00:00-24:00"]
[audio]
device = "none"
[zones.bac]
title = "Thôn Bắc"
warm_up = "1s"
linger = "1s"
rest = "1s"
[zones.dong]
title = "Thôn Đông"
pi = "{pi}"
pin = 27
warm_up = "1s"
linger = "1s"
rest = "1s"
[approval]
one_person = true
"""
SLOW = 3_000  # ms that a busy machine may add
LINE = attrs.asdict(ZonePin("dong", DONG))
WISH = {"lines": [LINE], "longest": {"dong": 60_000}}


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


@pytest.fixture
def satellite(tmp_path: Path, board: Board) -> Iterator[RunningSatellite]:
    with RunningSatellite(tmp_path, board.environment) as running:
        yield running


@pytest.fixture
def station(tmp_path: Path, satellite: RunningSatellite) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, CONFIG.replace("{pi}", satellite.pi)) as running:
        paired = running.command("satellite", "pair", satellite.pi, given=satellite.secret() + "\n")
        assert paired.returncode == 0, paired.stderr
        running.add_noise(60_000)
        running.start()
        wait_until(lambda: board_is_wired(running), 10)
        yield running


def board_is_wired(station: RunningStation) -> bool:
    return not station.status()["faults"]


def on(board: Board) -> bool:
    return bool(board.driven(DONG)) and board.on(DONG)


def play(station: RunningStation, board: Board) -> None:
    assert station.command("play", "nen").returncode == 0
    wait_until(station.on_air, 20)
    wait_until(lambda: on(board), 5)


def zone_fault(station: RunningStation) -> str:
    return next((it["what"] for it in station.status()["faults"] if it["where"] == "Thôn Đông"), "")


def test_it_is_switched_with_its_zone_and_its_loss_harms_no_other(
    station: RunningStation, satellite: RunningSatellite, board: Board
) -> None:
    assert not on(board)
    play(station, board)

    satellite.kill()
    satellite.switch_off()
    assert not on(board), "its unit switches off what was driven"
    wait_until(lambda: "Không liên lạc được với máy" in zone_fault(station), 10)
    assert station.on_air(), "the others are still heard"
    assert next(it for it in station.status()["zones"] if it["name"] == "bac")["on"]

    satellite.start()
    wait_until(lambda: on(board), 15)
    assert not zone_fault(station)
    assert station.command("stop").returncode == 0
    wait_until(lambda: not on(board), 5)
    (record,) = station.json("log")
    assert "Thôn Đông" in record["reason"]
    assert "Không liên lạc được" in record["reason"]


def test_without_its_station_it_is_off_within_the_lease(
    station: RunningStation, satellite: RunningSatellite, board: Board
) -> None:
    play(station, board)
    station.freeze()  # as a network that is cut
    frozen = wall_ms()
    wait_until(lambda: not on(board), 10)
    assert board.driven(DONG)[-1].at - frozen < LEASE + SLOW
    station.thaw()
    wait_until(lambda: on(board), 15)

    station.kill()
    killed = wall_ms()
    wait_until(lambda: not on(board), 10)
    assert board.driven(DONG)[-1].at - killed < LEASE + SLOW
    station.start()
    wait_until(lambda: not zone_fault(station), 10)
    assert station.terminate() == 0
    assert not on(board)
    assert satellite.terminate() == 0
    assert not on(board)


def test_a_satellite_that_stands_still_does_not_hold_up_the_player(
    station: RunningStation, satellite: RunningSatellite, board: Board
) -> None:
    satellite.freeze()
    wait_until(lambda: zone_fault(station), 10)
    begun = wall_ms()
    assert station.command("play", "nen").returncode == 0
    wait_until(station.on_air, 20)
    assert station.command("stop").returncode == 0
    assert wall_ms() - begun < 20_000
    satellite.thaw()
    wait_until(lambda: not zone_fault(station), 10)
    assert not on(board)


def test_a_station_that_is_not_paired_says_so_and_is_not_obeyed_until_it_is(
    tmp_path: Path, satellite: RunningSatellite, board: Board
) -> None:
    with RunningStation(tmp_path, CONFIG.replace("{pi}", satellite.pi)) as station:
        assert station.command("satellite", "pair", "mot-may-khac.local", given=satellite.secret()).returncode == 1
        assert station.command("satellite", "pair", satellite.pi, given="doan mo\n").returncode == 1
        station.start()
        wait_until(lambda: "chưa ghép với máy" in zone_fault(station), 10)
        station.command("satellite", "pair", satellite.pi, given="00" * 32)
        wait_until(lambda: "không nhận lời đài" in zone_fault(station), 10)
        assert not board.driven(DONG)
        station.command("satellite", "pair", satellite.pi, given=satellite.secret())
        wait_until(lambda: not zone_fault(station), 10)
        (key,) = (station.home / "satellites").iterdir()
        assert key.stat().st_mode & 0o777 == 0o600


def test_strangers_neither_switch_nor_replay(satellite: RunningSatellite, board: Board) -> None:
    secret = bytes.fromhex(satellite.secret())
    nonce = bytes(32)
    caller = Caller(satellite.port, secret, nonce)
    words = [caller.say(0, **WISH, on=["dong"])]
    told: Any = caller.answer(0)
    assert told["on"] == ["dong"]
    assert on(board)
    words.append(caller.say(1, **WISH, on=[]))
    assert caller.answer(1) == {"on": [], "faults": {}, "up": {}}
    assert not on(board)

    caller.give(words[0])
    assert caller.answer(2) is None, "the same word again, in the same session"
    replayed = Caller(satellite.port, secret, nonce)
    replayed.give(words[0])
    assert replayed.answer(0) is None, "in another"
    skipping = Caller(satellite.port, secret)
    skipping.say(1, **WISH, on=["dong"])
    assert skipping.answer(1) is None, "one was left out"
    guessing = Caller(satellite.port, bytes(32))
    guessing.say(0, **WISH, on=["dong"])
    assert guessing.answer(0) is None, "by another secret"
    shouting = Caller(satellite.port, secret)
    shouting.give(b"x" * 100_000 + b"\n")
    assert shouting.answer(0) is None

    delayed = Caller(satellite.port, secret)
    asked = wall_ms()
    wait_until(lambda: wall_ms() - asked > LEASE + 500, 10)
    delayed.say(0, **WISH, on=["dong"])
    assert delayed.answer(0) is None, "it was kept back on its way"
    assert [it.on for it in board.driven(DONG)].count(True) == 1
    assert "does not speak as the station" in satellite.log


def test_many_strangers_keep_nobody_out(satellite: RunningSatellite, board: Board) -> None:
    strangers = [Caller(satellite.port, b"") for _ in range(40)]
    caller = Caller(satellite.port, bytes.fromhex(satellite.secret()))
    caller.say(0, **WISH, on=["dong"])
    assert caller.answer(0)
    assert on(board)
    strangers += [Caller(satellite.port, b"") for _ in range(40)]
    caller.say(1, **WISH, on=["dong"])
    assert caller.answer(1), "who has proved to be the station is not hung up on"
    for it in strangers:
        it.link.close()


class _Clock:
    mono = 0

    def now(self) -> Now:
        return Now(0, self.mono, trusted=True)


def test_no_lease_keeps_an_amplifier_on_beyond_its_longest(tmp_path: Path) -> None:
    where, clock = places(tmp_path), _Clock()
    where.run.mkdir()
    held = LeasedAmplifiers(where, clock)
    wish = Wish((ZonePin("dong"),), {"dong": 10_000}, frozenset({"dong"}))
    for clock.mono in range(0, 10_000, 1_000):
        held.tend()
        assert held.hold(wish)["on"] == ["dong"]
    clock.mono = 10_000
    told = held.hold(wish)
    assert told["on"] == []
    assert "quá thời gian" in told["faults"]["dong"]
    assert held.hold(attrs.evolve(wish, on=frozenset()))["faults"] == {}
    assert held.hold(wish)["on"] == ["dong"], "wanted anew it may be on again"
