"""Proof of air: what a second ear heard of what was to be heard."""

from enum import StrEnum
from typing import Self

from attrs import frozen

_SAME = 0.5  # correlation; speech against other speech stays below 0.3
_AUDIBLE = -20.0  # dB; less of it than that came out is not a broadcast
_ENOUGH = 1_500  # ms


class Verdict(StrEnum):
    """What a proof comes to."""

    HEARD = "heard"
    SILENT = "silent"
    OTHER = "other"
    UNVERIFIED = "unverified"


@frozen
class Proof:
    """What a capture of the output showed, over `compared` ms of the tape.

    `match` is the correlation of captured and expected sound (0 to 1), `level` how much louder than expected it was
    in dB, `late` by how many ms it came later than it should have.
    """

    compared: int = 0
    match: float = 0.0
    level: float = 0.0
    late: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """In a word."""
        if self.compared < _ENOUGH:
            return Verdict.UNVERIFIED
        if self.level < _AUDIBLE:
            return Verdict.SILENT
        return Verdict.HEARD if self.match >= _SAME else Verdict.OTHER

    def plus(self, other: Self) -> Self:
        """Both together."""
        compared = self.compared + other.compared
        if not self.compared or not other.compared:
            return other if other.compared else self

        def mean(one: float, two: float) -> float:
            return (one * self.compared + two * other.compared) / compared

        return type(self)(
            compared,
            mean(self.match, other.match),
            mean(self.level, other.level),
            mean(self.late, other.late),
        )


UNVERIFIED = Proof()
