"""Actions: everything that the step can want done, as plain frozen values."""

from enum import StrEnum

from attrs import frozen

from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Programme, Tape
from station.rules.schedule import Broadcast


class Result(StrEnum):
    """How a broadcast ended."""

    AIRED = "aired"
    CUT = "cut"
    MISSED = "missed"
    FAILED = "failed"


@frozen
class PrepareTape:
    """Render `programme` for the broadcast `key`, which starts at wall ms `start`; if `urgent`, before all else."""

    key: str
    start: int
    programme: Programme
    urgent: bool = False


@frozen
class DiscardTape:
    """Nobody will play this tape any more."""

    tape: Tape


@frozen
class LoadTape:
    """Make the player ready to start `tape` at once, `offset` ms from its very beginning."""

    key: str
    tape: Tape
    offset: int = 0


@frozen
class PlayTape:
    """Start the loaded tape: its first sample is to leave at mono ms `at`."""

    key: str
    at: int


@frozen
class StopPlayback:
    """Make the player silent."""

    key: str


@frozen
class SwitchZone:
    """Switch a zone's amplifier."""

    zone: str
    on: bool


@frozen
class OpenRecord:
    """Write to the as-run log that `broadcast` is about to be aired, before anything is switched."""

    broadcast: Broadcast
    at: int


@frozen
class NoteStart:
    """Write to the open record when its first sample sounded (wall ms)."""

    key: str
    at: int


@frozen
class CloseRecord:
    """Write to the as-run log how a broadcast ended; `end` is wall ms, or None when nothing had sounded."""

    key: str
    result: Result
    end: int | None
    reason: str
    proof: Proof = UNVERIFIED


@frozen
class Answer:
    """Tell the person behind `order` what truly happened."""

    order: int
    done: bool
    sentence: str


Action = (
    PrepareTape
    | DiscardTape
    | LoadTape
    | PlayTape
    | StopPlayback
    | SwitchZone
    | OpenRecord
    | NoteStart
    | CloseRecord
    | Answer
)
