"""Nudges: however many come, the player synchronises once, after a while, and then not soon again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.alerts.nudges import Nudges, Pace
from station.control.messages import Answer, Request, Sync
from station.control.server import ControlServer
from tests.rig.waiting import wait_until, wall_ms


class Player:
    """When the player behind `socket` was asked to synchronise."""

    def __init__(self, socket: Path) -> None:
        self.asked: list[float] = []
        self.server = ControlServer(socket, self._answer)

    def _answer(self, request: Request) -> Answer:
        assert isinstance(request, Sync)
        self.asked.append(wall_ms())
        return Answer(done=True)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    made = Player(tmp_path / "sock")
    yield made
    made.server.close()


def test_of_many_nudges_one_is_followed_and_those_after_it_by_one_more(player: Player, tmp_path: Path):
    nudges = Nudges(tmp_path / "sock", Pace(spread=0.3, rest=1.0))
    nudges.begin()
    for _ in range(100):
        nudges.nudge()
    wait_until(lambda: player.asked)
    for _ in range(100):
        nudges.nudge()
    wait_until(lambda: len(player.asked) == 2)
    nudges.close()
    assert player.asked[1] - player.asked[0] >= 1_000


def test_stations_do_not_come_together(player: Player, tmp_path: Path):
    crowd = [Nudges(tmp_path / "sock", Pace(spread=2.0)) for _ in range(40)]
    for it in crowd:
        it.begin()
        it.nudge()
    wait_until(lambda: len(player.asked) == 40, 20)
    for it in crowd:
        it.close()
    assert max(player.asked) - min(player.asked) > 500, "within two seconds, at random"


def test_a_player_that_is_down_is_not_an_end(tmp_path: Path):
    nudges = Nudges(tmp_path / "sock", Pace(spread=0.01, rest=0.01))
    nudges.begin()
    nudges.nudge()
    player = Player(tmp_path / "sock")
    wait_until(lambda: nudges.nudge() or player.asked)
    nudges.close()
    player.server.close()
