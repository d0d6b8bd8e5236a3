"""The loop: one thread with one inbox that takes an event, reads the clock, steps and performs.

Everything else only posts events. A failure comes back as an event, never as an exception.
"""

import logging
import queue
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from itertools import count

from attrs import frozen

from station.air.ledger import Ledger
from station.air.ports import Amplifiers, Clock, Fault, Player
from station.air.tapes import TapeRoom
from station.rules.now import HOUR, SECOND, Now
from station.rules.step import State, step
from station.rules.step.actions import (
    Action,
    Answer,
    CloseRecord,
    DiscardTape,
    LoadTape,
    NoteStart,
    OpenRecord,
    PlayTape,
    PrepareTape,
    StopPlayback,
    SwitchZone,
)
from station.rules.step.events import (
    Event,
    PlayerFailed,
    PlayerStopped,
    Progressed,
    Tick,
    ZoneFailed,
)

TICK = SECOND  # a clock that steps is noticed this soon
LISTEN = SECOND // 5  # how often the player is asked what was heard
AWAIT = SECOND // 20  # the same until its first sample, which people wait to see
_BEAT = HOUR
_STEPPED = SECOND  # more than any slewing between two ticks

_log = logging.getLogger(__name__)


@frozen
class Equipment:
    """What the loop performs its actions on."""

    clock: Clock
    player: Player
    amplifiers: Amplifiers
    tapes: Callable[[Callable[[Event], None]], TapeRoom]
    ledger: Ledger


class Loop:
    """The player's heart. `post` and `order` may be called from any thread; all else happens in `run`'s.

    `on_turn` is called after every turn, at least once a second while the loop truly works.
    """

    def __init__(
        self, equipment: Equipment, on_clock_step: Callable[[], None], on_turn: Callable[[State, Now], None]
    ) -> None:
        self._clock = equipment.clock
        self._player = equipment.player
        self._amplifiers = equipment.amplifiers
        self._ledger = equipment.ledger
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._tapes = equipment.tapes(self.post)
        self._on_clock_step = on_clock_step
        self._on_turn = on_turn
        self._orders: dict[int, Future[Answer]] = {}
        self._numbers = count(1)
        self._loaded = ""
        self._sounding = False
        self._beat_at: int | None = None

    def post(self, event: Event) -> None:
        """Let `event` be dealt with next."""
        self._inbox.put(event)

    def order(self, make: Callable[[int], Event]) -> Future[Answer]:
        """Post the order that `make` makes of its number; the future is what truly happened."""
        number = next(self._numbers)
        answer: Future[Answer] = Future()
        self._orders[number] = answer
        self.post(make(number))
        return answer

    def begin(self, state: State, righting: Iterable[Action]) -> None:
        """Start from `state` and put the world right."""
        self.state = state
        for action in righting:
            for failure in self._perform(action):
                self.post(failure)

    def run(self) -> None:
        """Decide and perform until a shutdown is complete."""
        now = self._clock.now()
        wake_in: int | None = 0
        while not self._over():
            event = self._next_event(wake_in)
            last, now = now, self._clock.now()
            self._notice_clock_step(last, now)
            wake_in = self._happen(event)
            self._ledger.catch_up()
            self._beat(now)
            self._on_turn(self.state, now)
        self._ledger.beat(self._clock.now().wall - 1)

    def _over(self) -> bool:
        return self.state.ending and self.state.holder is None and not any(self.state.energised())

    def _next_event(self, wake_in: int | None) -> Event:
        longest = (LISTEN if self._sounding else AWAIT) if self._loaded else TICK
        wait = longest if wake_in is None else min(wake_in, longest)
        try:
            return self._inbox.get(timeout=wait / 1000)
        except queue.Empty:
            return self._listen() if self._loaded else Tick()

    def _listen(self) -> Event:
        key = self._loaded
        try:
            heard = self._player.heard()
        except Exception:  # noqa: BLE001 - whatever it is, it must come back as an event
            _log.exception("the player cannot be asked")
            return PlayerFailed(key, "Bộ phát âm thanh không trả lời.")
        if heard.fault:
            return PlayerFailed(key, heard.fault)
        self._sounding = heard.sounding
        return Progressed(
            key,
            heard.position,
            heard.sounding,
            heard.ended,
            heard.lost,
            level=heard.level,
            feed=heard.feed,
            proof=heard.proof,
        )

    def _happen(self, event: Event) -> int | None:
        happening = deque([event])
        wake_in = None
        while happening:
            self.state, actions, wake_in = step(self.state, self._clock.now(), happening.popleft())
            for action in actions:
                happening.extend(self._perform(action))
        return wake_in

    def _notice_clock_step(self, last: Now, now: Now) -> None:
        leap = (now.wall - last.wall) - (now.mono - last.mono)
        if abs(leap) > _STEPPED or now.trusted != last.trusted:
            _log.warning("the clock stepped by %d ms (trusted: %s)", leap, now.trusted)
            self._beat_at = None  # what the log is sure of is told anew, also when it lies earlier
            self._on_clock_step()

    def _beat(self, now: Now) -> None:
        if now.trusted and (self._beat_at is None or now.mono - self._beat_at >= _BEAT):
            self._ledger.beat(now.wall - 1)
            self._beat_at = now.mono

    # Performing

    def _perform(self, action: Action) -> Iterable[Event]:
        _log.debug("%s", action)
        match action:
            case PrepareTape():
                self._tapes.prepare(action)
            case DiscardTape(tape):
                self._tapes.discard(tape)
            case LoadTape(key, tape, offset):
                self._loaded, self._sounding = key, False
                return self._try(key, lambda: self._player.load(tape, offset))
            case PlayTape(key, at):
                return self._try(key, lambda: self._player.play(at))
            case StopPlayback(key):
                self._loaded = ""
                return self._try(key, self._player.stop) or [PlayerStopped(key)]
            case SwitchZone(zone, on):
                return self._switch(zone, on=on)
            case OpenRecord() | NoteStart() | CloseRecord():
                self._ledger.write(action)
            case Answer(order):
                if answer := self._orders.pop(order, None):
                    answer.set_result(action)
        return []

    def _try(self, key: str, deed: Callable[[], None]) -> list[Event]:
        try:
            deed()
        except Fault as fault:
            return [PlayerFailed(key, str(fault))]
        except Exception:  # noqa: BLE001 - whatever it is, it must come back as an event
            _log.exception("the player failed")
            return [PlayerFailed(key, "Bộ phát âm thanh bị lỗi.")]
        return []

    def _switch(self, zone: str, *, on: bool) -> list[Event]:
        _log.info("amplifier %s %s", zone, "on" if on else "off")
        try:
            self._amplifiers.switch(zone, on)
        except Fault as fault:
            return [ZoneFailed(zone, str(fault))]
        except Exception:  # noqa: BLE001 - whatever it is, it must come back as an event
            _log.exception("switching %s failed", zone)
            return [ZoneFailed(zone, "Mạch điều khiển tăng âm bị lỗi.")]
        return []
