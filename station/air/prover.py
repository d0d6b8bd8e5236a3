"""The prover: holds what an ear hears against the tape, for the log, and keeps the tape in step with the clock.

A sound card's own clock is off by some hundredths of a per mille: in half an hour a tenth of a second, which is an
echo between the horns of two communes.
"""

import math
import os
from array import array
from collections.abc import Callable
from threading import Event, Thread

from station.air.hearing import Hearing
from station.audio.likeness import Likeness, compare, level
from station.audio.wav import BYTES_PER_MS, HEADER_SIZE
from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Tape

_EVERY = 2.0  # s
_WINDOW = 500  # ms that are compared
_REACH = 250  # ms by which it may be out of place
_NEAR = 30  # ms, once its place is known
_WORTH = -45.0  # dB of full scale: of a pause nothing can be said
_SURE = 0.6  # correlation at which the place is believed
_OUT_OF_STEP, _IN_STEP = 2.0, 0.5  # ms
_STEERABLE = 80.0  # ms; what is further off is the way of the capture, and not of the card
_STEP, _STEPS = 0.001, 4  # libVLC's finest step, and so many at most: seven cents of a tone
_STEP_FOR = 5.0  # ms


def steer(late: float, rate: float) -> float:
    """The rate at which what is `late` ms late goes on, after `rate`."""
    right = rate == 1 or (late < _IN_STEP if rate > 1 else late > -_IN_STEP)
    if right and abs(late) < _OUT_OF_STEP:
        return 1.0
    steps = min(_STEPS, math.ceil(abs(late) / _STEP_FOR))
    return 1 + math.copysign(steps * _STEP, late)


class Prover:
    """Compares every two seconds, in a thread of its own, until it is closed.

    `begin` is the mono ms at which the tape's very first sample sounds, or would have. `proof` is what was found so
    far, `began_late` by how many ms the tape came late before anything was done about it, once that is known.
    """

    def __init__(self, hearing: Hearing, tape: Tape, begin: float, set_rate: Callable[[float], None]) -> None:
        self._hearing = hearing
        self._tape = tape
        self._begin = begin
        self._set_rate = set_rate
        self._rate = 1.0
        self._over = Event()
        self._late = 0.0
        self.proof = UNVERIFIED
        self.began_late: float | None = None
        Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Compare no more."""
        self._over.set()
        self._hearing.close()

    def _run(self) -> None:
        file = os.open(self._tape.path, os.O_RDONLY)
        while not self._over.wait(_EVERY):
            if found := self._look(file):
                self._follow(found)
                self.proof = self.proof.plus(Proof(_WINDOW, found.match, found.louder, self._late))

    def _look(self, file: int) -> Likeness | None:
        """Compare the last stretch that was captured whole, if the tape says something there."""
        latest = self._hearing.latest
        if latest is None:
            return None
        reach = _REACH if self.began_late is None else _NEAR + abs(round(self._late))
        start = latest - _WINDOW - reach - 1
        place = round(start - self._begin)
        if not self._recorded(place):
            return None
        read = os.pread(file, _WINDOW * BYTES_PER_MS, HEADER_SIZE + place * BYTES_PER_MS)
        expected = array("h", read[: len(read) // 2 * 2])
        if len(read) < _WINDOW * BYTES_PER_MS or level(expected) < _WORTH:
            return None
        sounds = place + self._begin  # of the whole ms that the tape was read from
        heard = self._hearing.between(sounds - reach, sounds + _WINDOW + reach)
        return compare(expected, heard) if heard else None

    def _recorded(self, place: int) -> bool:
        """Whether the tape itself is heard at `place` ms of it, and no live source."""
        inside = self._tape.lead <= place <= self._tape.lead + self._tape.length - _WINDOW
        live = ((self._tape.lead + it.at, self._tape.lead + it.at + it.length) for it in self._tape.stretches)
        return inside and not any(begin - _WINDOW < place < end for begin, end in live)

    def _follow(self, found: Likeness) -> None:
        sure = found.match >= _SURE and abs(found.late) <= _STEERABLE
        if sure:
            self._late = found.late
            self.began_late = found.late if self.began_late is None else self.began_late
        rate = steer(found.late, self._rate) if sure else 1.0
        if rate != self._rate and not self._over.is_set():
            self._rate = rate
            self._set_rate(rate)
