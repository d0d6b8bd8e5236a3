"""The deck: one tape played by libVLC, in a process of its own that may hang or die without harm.

    python -m station.air.deck DEVICE SETTINGS   obeys on standard input, tells what is heard on standard output
    python -m station.air.deck DEVICE --probe    tells which device it would use, and ends

SETTINGS is a JSON object: `sources`, live ones and their addresses, and `monitor`, what captures the output, or "".
One JSON object a line, both ways. Orders: `load` a tape from an offset, `play` at a mono ms, `stop`. It ends with
its `stop`, with its parent, or when it is killed, which silences it as well.
"""

import json
import math
import os
import select
import sys
from typing import Any

import attrs

from station.air import child
from station.air.fitting import fitting_player
from station.air.hearing import Hearing
from station.air.ports import Fault, Heard
from station.air.prover import Prover
from station.clock import Clock, seconds_until
from station.rules.proof import UNVERIFIED
from station.rules.rundown import Stretch, Tape
from station.rules.step.aim import HEAD

_TELL_EVERY = 0.1  # s
_LATE = 20  # ms by which what goes by the clock may begin late, on a busy machine
_AGAIN = 200  # ms in which a tape is opened anew; twice as many each time that they were not enough
_BEHIND = 60  # ms by which it may be held up; neighbouring horns that are further apart echo
_WORTH_IT = 2_000  # ms of a tape that are worth opening it anew
_SPIN = 0.0015  # s before the instant, in which it looks at the clock and at nothing else


class Deck:
    """Takes orders one by one; what is heard can be asked at any time."""

    def __init__(self, device: str, sources: dict[str, str], monitor: str = "") -> None:
        self._player = fitting_player(device, Clock(), sources, steered=bool(monitor))
        self._monitor = monitor
        self._tape: Tape | None = None
        self._offset = 0
        self._prover: Prover | None = None
        self._proven = UNVERIFIED  # before it was opened anew
        self._lost = 0
        self._again = _AGAIN
        self._latency = 0.0
        self._at = 0
        self._play_at: float | None = None
        self._fault = ""

    def obey(self, order: dict[str, Any]) -> None:
        """Do as told; a failure is told as the fault."""
        match order["do"]:
            case "load":
                self._tape, self._offset = _tape(order["tape"]), order["offset"]
                self._load(self._tape)
            case "play":
                self._at = order["at"]
                self._latency = self._player.latency if order["latency"] is None else order["latency"]
                self._play_at = self._at - self._latency

    def due_in(self) -> float:
        """Seconds until it must act by itself."""
        return math.inf if self._play_at is None else max(0.0, seconds_until(self._play_at) - _SPIN)

    def act(self) -> None:
        """Start, if it is time to; what was held up goes on where it should be."""
        if self._fault:
            return
        if self._play_at is None:
            self._keep_up()
        elif not self.due_in():
            self._begin()

    def _begin(self) -> None:
        if self._play_at is None:
            return
        late = -1e3 * seconds_until(self._play_at)
        if late > _LATE and self._tape and self._may_skip(self._tape, late):
            self._skip(self._tape)
            return
        while seconds_until(self._play_at) > 0:
            pass
        self._play_at, self._again = None, _AGAIN
        try:
            self._player.play(self._at)
        except Fault as fault:
            self._fault = str(fault)
        if self._monitor and self._tape:
            begin = self._at - self._offset
            self._prover = Prover(Hearing(self._monitor), self._tape, begin, self._player.set_rate)

    def _keep_up(self) -> None:
        """Leave out what a tape that was held up should have sounded, unless little is left of it."""
        if self._tape is None or self._player.behind < _BEHIND or self._rest(self._tape) < _WORTH_IT:
            return
        heard = self.heard()
        self._proven, self._lost = heard.proof, heard.lost + self._player.behind
        if self._prover:
            self._prover.close()
            self._prover = None
            self._player.set_rate(1.0)
        self._skip(self._tape)

    def _rest(self, tape: Tape) -> float:
        """Ms that should still sound."""
        return tape.lead + tape.length - self._offset + 1e3 * seconds_until(self._at)

    def _may_skip(self, tape: Tape, late: float) -> bool:
        """What goes by the clock may, and the silence before the first sample of any."""
        return self._offset > tape.lead or self._offset + late + self._again < tape.lead - HEAD

    def _skip(self, tape: Tape) -> None:
        """Leave out what should have been heard by now."""
        missed = round(self._again + self._latency - 1e3 * seconds_until(self._at))
        self._again *= 2
        self._at, self._offset = self._at + missed, self._offset + missed
        self._load(tape)
        self._play_at = self._at - self._latency

    def _load(self, tape: Tape) -> None:
        try:
            self._player.load(tape, self._offset)
        except Fault as fault:
            self._fault = str(fault)

    def heard(self) -> Heard:
        """What is heard, and what was lost and proven since the first sample."""
        if self._fault:
            return Heard(0, sounding=False, ended=False, fault=self._fault)
        heard = self._player.heard()
        proof = self._proven.plus(self._prover.proof) if self._prover else self._proven
        return attrs.evolve(heard, lost=self._lost + heard.lost, proof=proof)

    def told(self) -> dict[str, Any]:
        """What is heard, and on which device."""
        player, prover = self._player, self._prover
        measured = None if prover is None or prover.began_late is None else self._latency + prover.began_late
        about = {"device": player.device, "simulated": player.simulated, "latency": measured}
        return {**attrs.asdict(self.heard()), **about}

    def probed(self) -> dict[str, Any]:
        """Which device would be used now, and why it could not."""
        player = self._player
        return {"device": player.device, "simulated": player.simulated, "missing": player.missing()}

    def stop(self) -> None:
        """Fall silent."""
        self._player.stop()


def main() -> None:
    """Serve one parent, or answer one probe."""
    out = child.begin()
    device, settings = sys.argv[1:]
    if settings == "--probe":
        _tell(out, Deck(device, {}).probed())
    else:
        _serve(Deck(device, **json.loads(settings)), out)
    os._exit(0)  # libVLC's own clearing up is of no use to a process that ends, and has been known to hang


def _serve(deck: Deck, out: int) -> None:
    """Until the order to stop, or the end of the parent."""
    waiting = b""
    while True:
        ready, _, _ = select.select([0], [], [], min(deck.due_in(), _TELL_EVERY))
        if ready:
            chunk = os.read(0, 1 << 16)
            *lines, waiting = (waiting + chunk).split(b"\n")
            orders = [json.loads(line) for line in lines]
            if not chunk or any(order["do"] == "stop" for order in orders):
                deck.stop()
                return
            for order in orders:
                deck.obey(order)
        deck.act()
        _tell(out, deck.told())


def _tell(out: int, told: dict[str, Any]) -> None:
    os.write(out, json.dumps(told, ensure_ascii=False).encode() + b"\n")


def _tape(told: dict[str, Any]) -> Tape:
    stretches = tuple(Stretch(**stretch) for stretch in told["stretches"])
    return Tape(**{**told, "marks": (), "stretches": stretches})


if __name__ == "__main__":
    main()
