"""Proof of air: what a second ear heard of what was to be heard."""

from enum import StrEnum

from attrs import frozen

_SAME = 0.5  # correlation of the two loudness curves; speech against other speech stays below 0.3
_AUDIBLE = -20.0  # dB; less of it than that came out is not a broadcast
_ENOUGH = 3_000  # ms


class Verdict(StrEnum):
    """What a proof comes to."""

    HEARD = "heard"
    SILENT = "silent"
    OTHER = "other"
    UNVERIFIED = "unverified"


@frozen
class Proof:
    """What a capture of the output showed, over `compared` ms of the tape.

    `match` is the correlation of captured and expected sound (−1 to 1), `level` how much louder than expected it
    was in dB, `late` by how many ms it came later than it should have.
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


UNVERIFIED = Proof()
