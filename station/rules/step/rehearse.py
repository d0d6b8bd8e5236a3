"""Rehearsing: the real step run over simulated time, so that what is shown beforehand is the truth."""

from collections import deque

from attrs import evolve, field, frozen, mutable

from station.rules.now import Now
from station.rules.rundown import Tape
from station.rules.step.actions import Action, LoadTape, PlayTape, PrepareTape, StopPlayback
from station.rules.step.broadcast import TAPE_LEAD
from station.rules.step.events import Event, PlayerStopped, Progressed, TapeReady, Tick
from station.rules.step.machine import step
from station.rules.step.state import State


@frozen
class Taken:
    """An action and when it was taken."""

    now: Now
    action: Action


@frozen
class _Playing:
    """The simulated player's tape, playing since mono ms `since` (None while only loaded)."""

    key: str
    tape: Tape
    offset: int
    since: int | None = None

    @property
    def total(self) -> int:
        return self.tape.lead + self.tape.length + self.tape.tail


@mutable
class Rehearsal:
    """A simulated shell: time leaps from deadline to deadline, and every action succeeds at once."""

    state: State
    now: Now
    taken: list[Taken] = field(factory=list)
    _wake_in: int | None = 0
    _playing: _Playing | None = None

    def post(self, event: Event) -> None:
        """Let `event` happen now, and all that follows from it at once."""
        happening = deque([event])
        while happening:
            self.state, actions, self._wake_in = step(self.state, self.now, happening.popleft())
            for action in actions:
                self.taken.append(Taken(self.now, action))
                happening.extend(self._perform(action))

    def run(self, until: int) -> None:
        """Let time pass up to wall ms `until`."""
        while (ahead := self._leap()) is not None and self.now.wall + ahead <= until:
            self.pass_time(ahead)
        self.pass_time(max(0, until - self.now.wall))

    def pass_time(self, ms: int) -> None:
        """Let `ms` pass on both clocks, then take a step."""
        self.now = evolve(self.now, wall=self.now.wall + ms, mono=self.now.mono + ms)
        self.post(self._heard())

    def _leap(self) -> int | None:
        waits = [] if self._wake_in is None else [self._wake_in]
        if (playing := self._playing) and playing.since is not None:
            leaves = playing.since + playing.offset - self.now.mono
            waits.append(leaves if leaves > 0 else max(0, playing.since + playing.total - self.now.mono))
        return min(waits, default=None)

    def _heard(self) -> Event:
        playing = self._playing
        if playing is None or playing.since is None or self.now.mono < playing.since + playing.offset:
            return Tick()
        left = max(0, playing.since + playing.total - self.now.mono)
        return Progressed(playing.key, playing.total - left, sounding=True, ended=left == 0, assured=left)

    def _perform(self, action: Action) -> list[Event]:
        match action:
            case PrepareTape(key, _, programme):
                tape = Tape(f"{key}.wav", 0, TAPE_LEAD, programme.length, TAPE_LEAD)
                return [TapeReady(key, programme.digest, tape)]
            case LoadTape(key, tape, offset):
                self._playing = _Playing(key, tape, offset)
            case PlayTape(_, at) if self._playing:
                self._playing = evolve(self._playing, since=at - self._playing.offset)
                return [self._heard()]
            case StopPlayback(key):
                self._playing = None
                return [PlayerStopped(key)]
        return []
