"""The broadcast table: one broadcast from planned to its as-run record.

planned → ready → warming → on air → done, cut, missed or failed
"""

from enum import StrEnum

from attrs import frozen

from station.rules.now import HOUR, MINUTE, SECOND
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast
from station.rules.step.actions import Result

PREPARE_AHEAD = 2 * HOUR  # a missing item is a warning in the afternoon and not a silence at 17:00
PREPARE_AGAIN = MINUTE
TAPE_LEAD = SECOND // 2  # the silence at a tape's head, as it is rendered
OPEN_AHEAD = 3 * SECOND // 2  # writing the record and opening the tape take time, on a slow card most of a second
GIVE_WAY = SECOND  # a broadcast that ends as the next begins is not cut for a rounding error
STALL = 3 * SECOND  # heard nothing new for this long: nothing is heard
EARLY = SECOND  # an end that comes earlier than this before the tape's own is no end
OVERRUN = 3 * SECOND  # an end that comes later than this after the tape's own will not come
READY_ZONES = 2 * MINUTE  # amplifiers that are not ready by then will not be


class Phase(StrEnum):
    """Where a broadcast is; what is over is not followed any more, its record tells."""

    PLANNED = "planned"
    READY = "ready"
    WARMING = "warming"
    ON_AIR = "on air"
    STOPPING = "stopping"


@frozen
class Ending:
    """How a broadcast that is falling silent will have ended."""

    result: Result
    reason: str


@frozen
class Cast:
    """A broadcast being followed.

    `since` is the mono ms at which its phase began, or would have, had it not been joined `skipped` ms after its
    beginning; its first sample sounded at wall ms `started`, once that was heard; `position` of the tape was heard
    at mono ms `heard_at`. `asked` is the digest of the programme a tape was asked for; `trouble` says why there is
    none and `again_at` (mono ms) when it is asked for again. `order` is owed an answer.
    """

    broadcast: Broadcast
    phase: Phase = Phase.PLANNED
    since: int = 0
    tape: Tape | None = None
    asked: str = ""
    trouble: str = ""
    again_at: int | None = None
    played_at: int = 0
    skipped: int = 0
    started: int | None = None
    position: int = 0
    heard_at: int = 0
    lost: int = 0
    ending: Ending | None = None
    order: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def holds_output(self) -> bool:
        """Whether no other broadcast may open on its output."""
        return self.phase in {Phase.WARMING, Phase.ON_AIR, Phase.STOPPING}

    @property
    def end(self) -> int:
        """The wall ms at which its audio will be over: the tape's own length once it is known."""
        if self.tape is None:
            return self.broadcast.end
        begun = self.broadcast.start if self.started is None else self.started - self.skipped
        return begun + self.tape.length

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
        if not self.asked and self.broadcast.programme.parts:
            return "Máy không chạy vào giờ phát."
        return self.lacks or "Băng phát chưa dựng xong kịp giờ."
