"""A deck that is late: it leaves out silence, and sound only of what goes by the clock."""

import attrs
import pytest

from station.air.deck import Deck
from station.clock import Clock
from tests.air.conftest import MakeTape
from tests.rig.tapes import SILENCE
from tests.rig.waiting import wait_until

EXACT = 15  # ms


@pytest.mark.parametrize(
    ("offset", "late", "left_out"),
    [
        (0, 0, True),
        (0, 150, True),
        (0, SILENCE, False),
        (SILENCE - 100, 150, False),
        (SILENCE + 1_000, 700, True),
    ],
    ids=["on time", "within the silence", "all the silence", "the rest of the silence", "by the clock"],
)
def test_what_is_late_is_where_it_should_be_unless_its_beginning_would_go(
    make_tape: MakeTape, monkeypatch: pytest.MonkeyPatch, offset: int, late: int, *, left_out: bool
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")  # no sound device: in real time, and silent
    tape, deck = make_tape(4_000), Deck("default", {})
    at = Clock().now().mono - late
    deck.obey({"do": "load", "tape": attrs.asdict(tape), "offset": offset})
    deck.obey({"do": "play", "at": at, "latency": 0})

    def sounds() -> bool:
        deck.act()
        return deck.heard().sounding

    wait_until(sounds)
    behind = Clock().now().mono - at - (deck.heard().position - offset)
    assert (abs(behind) < EXACT) == left_out
