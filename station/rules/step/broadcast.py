"""The broadcast table: one broadcast from planned to its as-run record.

planned → ready → warming → on air → done, cut, missed or failed; one that is interrupted goes back to planned or
ready, its record open all the while
"""

from enum import StrEnum

from attrs import frozen

from station.rules.now import HOUR, MINUTE, SECOND
from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast
from station.rules.step.actions import Result

PREPARE_AHEAD = 2 * HOUR  # a missing item is a warning in the afternoon and not a silence at 17:00
PREPARE_AGAIN = MINUTE
TAPE_LEAD = SECOND // 2  # the silence at a tape's head, as it is rendered
OPEN_AHEAD = 2 * SECOND  # writing the record and opening the tape take time, on a slow card most of a second
# The player is told of its instant so long before, and keeps it by itself; Snapcast alone takes half a second.
PLAY_AHEAD = 3 * SECOND // 4
GIVE_WAY = SECOND  # a broadcast that ends as the next begins is not cut for a rounding error
FIRST_SOUND = 8 * SECOND  # just after power came a player's program and libVLC are read from the card
SLOW = SECOND  # a first sound that comes later than this was late; less is what it takes to hear of it
STALL = 3 * SECOND  # heard nothing new for this long: nothing is heard
EARLY = SECOND  # an end that comes earlier than this before the tape's own is no end
OVERRUN = 3 * SECOND  # an end that comes later than this after the tape's own will not come
READY_ZONES = 2 * MINUTE  # amplifiers that are not ready by then will not be
TRY_AGAIN = (0, 2 * SECOND, 5 * SECOND, 10 * SECOND)  # after each failure of the player
WORTH_RESUMING = 5 * SECOND  # what is left of a broadcast must be this long to go on after an interruption
NOTES = 20  # a stream that comes and goes must not fill the log


class Phase(StrEnum):
    """Where a broadcast is; what is over is not followed any more, its record tells."""

    PLANNED = "planned"
    READY = "ready"
    WARMING = "warming"
    ON_AIR = "on air"
    STOPPING = "stopping"


@frozen
class Ending:
    """How a broadcast that is falling silent will have ended, unless it goes `back_to` wait, `wait` ms at least."""

    result: Result
    reason: str
    back_to: Phase | None = None
    wait: int = 0


@frozen
class Cast:
    """A broadcast being followed.

    Its phase began at mono ms `since`. `asked` is the digest of the programme a tape was asked for; `trouble` says
    why there is none and `again_at` (mono ms) when it is asked for, or opened, again. `order` is owed an answer.

    What is loaded leaves from `offset` ms of the tape at wall ms `leaves_at`. `begun` is the wall ms of its
    programme's first sample, or what would have been it; `started` is when it was truly first heard. `position` of
    the tape was heard at mono ms `heard_at`; `origin` is the mono ms of the tape's very beginning.

    `opened` once its record is open, which it stays when the broadcast is interrupted, at wall ms `silent_since`;
    `failures` of the player are counted; `proof` of air goes on from what was `proven` before an interruption.
    """

    broadcast: Broadcast
    phase: Phase = Phase.PLANNED
    since: int = 0
    tape: Tape | None = None
    asked: str = ""
    trouble: str = ""
    again_at: int | None = None
    order: int | None = None
    offset: int = 0
    leaves_at: int = 0
    begun: int | None = None
    started: int | None = None
    position: int = 0
    heard_at: int = 0
    origin: int = 0
    opened: bool = False
    silent_since: int | None = None
    failures: int = 0
    ending: Ending | None = None
    lost: int = 0
    level: float | None = None
    feed: str = ""
    proof: Proof = UNVERIFIED
    proven: Proof = UNVERIFIED
    notes: tuple[str, ...] = ()

    @property
    def holds_output(self) -> bool:
        """Whether no other broadcast may open on its output."""
        return self.phase in {Phase.WARMING, Phase.ON_AIR, Phase.STOPPING}

    @property
    def interrupted(self) -> bool:
        """Whether it sounded and will go on."""
        return self.started is not None and not self.holds_output

    @property
    def end(self) -> int:
        """The wall ms at which its audio will be over: the tape's own length once it is known."""
        if self.tape is None and self.begun is None:
            return self.broadcast.end
        return (self.broadcast.start if self.begun is None else self.begun) + self.length

    @property
    def latest(self) -> int:
        """The last wall ms at which it may still begin, or go on."""
        return self.end - WORTH_RESUMING if self.started is not None else self.broadcast.latest

    @property
    def sounds(self) -> bool:
        """Whether anything was heard since it was loaded."""
        return self.position > self.offset

    @property
    def stalls_at(self) -> int:
        """The mono ms at which it has stood still for too long; after a failure it has twice as long to begin."""
        return self.heard_at + (STALL if self.sounds else FIRST_SOUND << min(self.failures, 3))

    @property
    def length(self) -> int:
        """Milliseconds that it sounds: the tape's own once it is known."""
        return self.broadcast.programme.length if self.tape is None else self.tape.length

    @property
    def told(self) -> str:
        """What its record must also tell."""
        lost = f"Thiết bị âm thanh đã làm mất {self.lost / SECOND:.1f} giây tiếng." if self.lost else ""
        override = f"{self.broadcast.who} cho phát ngoài khung giờ: {self.broadcast.override}."
        return " ".join(filter(None, (override if self.broadcast.override else "", *self.notes, lost)))

    @property
    def lacks(self) -> str:
        """What is wrong with it, in sentences; nothing when it only waits for its hour."""
        gaps = " ".join(str(gap) for gap in self.broadcast.programme.gaps)
        empty = "" if self.broadcast.programme.parts or gaps else "Chương trình chưa có mục nào để phát."
        return " ".join(filter(None, ("" if self.tape else self.trouble, gaps, empty)))

    @property
    def why_no_tape(self) -> str:
        """Why there was nothing to play at its hour."""
        if not self.asked and not self.trouble and self.broadcast.programme.parts:
            return "Máy không chạy vào giờ phát."
        return self.lacks or "Băng phát chưa dựng xong kịp giờ."
