"""The player's own end of a deck: how long it waits for one that does not answer."""

import sys
from pathlib import Path

import pytest

from station.air import remote_player
from station.air.remote_player import RemotePlayer
from station.rules.now import SECOND, Now
from station.rules.rundown import Tape
from tests.air.conftest import MakeTape
from tests.rig.waiting import wait_until

SLOW, QUICK = "import time; time.sleep(600)", 'import time; print(\'{"latency": null, "device": "x"}\', flush=True)'


class _Clock:
    def __init__(self) -> None:
        self.mono = 0

    def now(self) -> Now:
        return Now(self.mono, self.mono)


def given_up_after(player: RemotePlayer, clock: _Clock, tape: Tape) -> int:
    """Seconds from its start to the fault of a deck, which is then stopped as the loop does."""
    player.load(tape, 0)
    begun = clock.mono
    while not player.heard().fault:
        clock.mono += SECOND
    player.stop()
    return (clock.mono - begun) // SECOND


def test_a_deck_that_was_given_up_has_twice_as_long_the_next_time_until_one_answers(
    make_tape: MakeTape, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "deck.py"
    monkeypatch.setattr(remote_player, "_command", lambda *_: [sys.executable, str(script)])
    clock, tape = _Clock(), make_tape(1_000)
    player = RemotePlayer("x", clock, {})
    script.write_text(SLOW)
    assert [given_up_after(player, clock, tape) for _ in range(5)] == [11, 21, 41, 61, 61]
    script.write_text(f"{QUICK}; {SLOW}")
    player.load(tape, 0)
    wait_until(lambda: player.device == "x" and player._deck and player._deck.told_at is not None, 30)
    player.stop()
    script.write_text(SLOW)
    assert given_up_after(player, clock, tape) == 11
