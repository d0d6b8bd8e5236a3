"""What every player promises, held by the simulated one and by libVLC on a real sound server alike."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from station.air.players import open_player
from station.air.ports import Player
from station.clock import Clock
from station.rules.rundown import Tape
from tests.air.conftest import MakeTape
from tests.rig.waiting import wait_until, wall_ms

CLOSE = 200  # ms by which a position may be off the time that has passed since `play`, on a busy machine
SOON = 500  # ms in which a deck is ready
END_LAG = 500  # ms after its last sample that a tape may take to be known as ended, likewise


@pytest.fixture(params=["simulated", pytest.param("vlc", marks=pytest.mark.sound)])
def player(request: pytest.FixtureRequest) -> Iterator[Player]:
    if request.param == "vlc":
        request.getfixturevalue("sound_server")
    player = open_player("pulse:rig" if request.param == "vlc" else "none", Clock())
    yield player
    player.close()


def play(player: Player) -> None:
    player.play(Clock().now().mono)


def test_a_tape_is_heard_in_real_time_to_its_end(player: Player, make_tape: MakeTape) -> None:
    player.load(make_tape(1_000), 0)
    before = player.heard()
    now = Clock().now()
    player.play(now.mono + SOON)
    begun = now.wall + SOON
    positions = []

    wait_until(lambda: player.heard().sounding, timeout=3)
    while not player.heard().ended:
        wait_until(lambda: player.heard().sounding, timeout=1)
        positions.append((wall_ms() - begun, player.heard().position))
        wait_until(lambda: wall_ms() - begun > positions[-1][0] + 50)
    took = wall_ms() - begun

    assert (before.position, before.sounding, before.ended) == (0, False, False)
    assert len(positions) > 10
    assert all(abs(min(passed, 2_000) - position) < CLOSE for passed, position in positions)
    assert 2_000 - CLOSE < took < 2_000 + END_LAG
    assert player.heard().position == 2_000
    assert (player.heard().lost, player.heard().fault) == (0, "")


def test_a_tape_resumes_at_an_offset(player: Player, make_tape: MakeTape) -> None:
    player.load(make_tape(1_000), 1_400)
    wait_until(lambda: player.heard().position == 1_400)
    now = Clock().now()
    player.play(now.mono + SOON)
    begun = now.wall + SOON
    wait_until(lambda: player.heard().ended, timeout=3)
    assert 600 - CLOSE < wall_ms() - begun < 600 + END_LAG
    assert player.heard().position == 2_000
    assert not player.heard().fault


def test_stop_forgets_the_tape_at_once(player: Player, make_tape: MakeTape) -> None:
    player.load(make_tape(), 0)
    play(player)
    wait_until(lambda: player.heard().sounding)
    player.stop()
    assert not player.heard().sounding
    assert player.heard().position == 0


def test_stop_is_harmless_at_any_time(player: Player, make_tape: MakeTape) -> None:
    player.stop()
    player.load(make_tape(), 0)
    player.stop()
    player.stop()
    player.load(make_tape(), 0)
    play(player)
    player.stop()
    player.stop()
    assert not player.heard().ended


def test_one_tape_after_another(player: Player, make_tape: MakeTape) -> None:
    for seed in range(3):
        player.load(make_tape(300, seed=seed), 0)
        play(player)
        wait_until(lambda: player.heard().ended, timeout=4)
        assert player.heard().position == 1_300
        assert not player.heard().fault


def test_loading_takes_the_place_of_what_was_on(player: Player, make_tape: MakeTape) -> None:
    player.load(make_tape(5_000), 0)
    play(player)
    wait_until(lambda: player.heard().sounding)
    player.load(make_tape(300, seed=2), 0)
    assert (player.heard().position, player.heard().sounding) == (0, False)


def _vanished(tape: Tape) -> None:
    Path(tape.path).unlink()


def _truncated(tape: Tape) -> None:
    whole = Path(tape.path).read_bytes()
    Path(tape.path).write_bytes(whole[: len(whole) // 2])


def _garbage(tape: Tape) -> None:
    Path(tape.path).write_bytes(b"\x55" * tape.size)


@pytest.mark.parametrize("spoil", [_vanished, _truncated, _garbage])
def test_a_spoilt_tape_is_a_fault_and_the_next_one_plays(
    player: Player, make_tape: MakeTape, spoil: Callable[[Tape], None]
) -> None:
    spoilt = make_tape(seed=2)
    spoil(spoilt)

    player.load(spoilt, 0)
    play(player)
    wait_until(lambda: player.heard().fault)
    assert re.search(r"[Bb]ăng phát.*\.", player.heard().fault)
    assert not player.heard().sounding

    player.load(make_tape(200), 0)
    play(player)
    wait_until(lambda: player.heard().ended)
    assert not player.heard().fault


def test_a_tape_of_another_length_than_promised_is_a_fault(player: Player, make_tape: MakeTape) -> None:
    player.load(evolve(make_tape(), length=900), 0)
    wait_until(lambda: player.heard().fault)


def test_every_player_says_what_it_plays_on(player: Player) -> None:
    assert player.device
    assert player.simulated == ("mô phỏng" in player.device)
