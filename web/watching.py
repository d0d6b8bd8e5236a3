"""What the open home pages see: the player is watched once for all of them, and only while somebody looks."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import Factory, frozen

from station.clock import Clock
from station.desk import orders
from station.desk.alerts import proposals
from station.rules.approval import State
from station.rules.now import MINUTE, SECOND
from station.rules.roles import Role
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home

STREAMS = 40  # each holds a thread of the page's server; who comes beyond them asks each second instead
_LASTS = 300  # pulses, about as many seconds: a phone that went without a word holds its thread no longer
_CHECKED = 10  # pulses after which it is asked again whether the person is still signed in
_AGAIN_SOON = b"retry: 500\n\n"  # ms after which a browser comes again when a stream ended
_ASK_AGAIN = 0.5  # s after which a player that did not answer is asked again
_PATIENCE = 10.0  # s without any pulse after which a stream ends, and its page looks for itself
_DRAWN_AT_LEAST = MINUTE
_DRAWN_AT_LEAST_DOWN = 5 * SECOND  # with no player nobody tells that a file was changed

_logger = logging.getLogger(__name__)


@frozen
class Seen:
    """What the player says of itself, or why it says nothing."""

    status: dict[str, Any] | None
    trouble: Trouble | None


@frozen
class Eyes:
    """Whose picture it is: all who read one language and may do the same see the same."""

    language: str
    roles: frozenset[Role]


@frozen
class _News:
    """The last events by who sees them, ready to be sent, and how many of each there were."""

    pulses: int = 0
    pulse: Mapping[Eyes, bytes] = Factory(dict)
    drawn: int = 0
    picture: Mapping[Eyes, bytes] = Factory(dict)


class Watching:
    """Pages wait in `events`; what they are sent is drawn once for all who see the same, by `draw` as HTML."""

    def __init__(
        self, home: Home, clock: Clock, draw: Callable[[Seen, Eyes], str], pulse: Callable[[Seen, Eyes], Any]
    ) -> None:
        self._home = home
        self._clock = clock
        self._draw = draw
        self._beat = pulse
        self._changed = threading.Condition()
        self._watchers: Counter[Eyes] = Counter()
        self._running = False
        self._news = _News()

    @property
    def full(self) -> bool:
        """Whether as many watch as the server has threads for."""
        with self._changed:
            return self._watchers.total() >= STREAMS

    def events(self, eyes: Eyes, signed_in: Callable[[], bool]) -> Iterator[bytes]:
        """Server-sent events for one page: `picture` whenever it changed, `pulse` each second."""
        yield _AGAIN_SOON
        with self._watcher(eyes) as known:
            pulses, drawn = known, 0
            for count in range(1, _LASTS):
                news = self._next(pulses, eyes)
                if news is None or (count % _CHECKED == 0 and not signed_in()):
                    return
                picture = b"" if news.drawn == drawn else news.picture[eyes]
                yield picture + news.pulse[eyes]
                pulses, drawn = news.pulses, news.drawn

    def _next(self, pulses: int, eyes: Eyes) -> _News | None:
        """What is known beyond that many pulses, as soon as there is; None when nothing comes."""

        def comes() -> bool:
            return self._news.pulses != pulses and eyes in self._news.pulse

        with self._changed:
            return self._news if self._changed.wait_for(comes, _PATIENCE) else None

    @contextmanager
    def _watcher(self, eyes: Eyes) -> Iterator[int]:
        """Count one who watches; gives the pulse after which there is news: what was seen before is old by now."""
        with self._changed:
            self._watchers[eyes] += 1
            known = self._news.pulses - (1 if self._running else 0)
            if not self._running:
                self._running = True
                threading.Thread(target=self._watch, name="watching", daemon=True).start()
        try:
            yield known
        finally:
            with self._changed:
                self._watchers[eyes] -= 1

    def _watch(self) -> None:
        number, drawn_for = 0, None
        try:
            while wanted := self._wanted():
                number, seen = self._look(number)
                situation = (number, seen.trouble, wanted, *self._around(seen))
                pictures = None
                if situation != drawn_for:
                    pictures = {it: _event("picture", self._draw(seen, it)) for it in wanted}
                drawn_for = situation
                self._tell(pictures, {it: _event("pulse", self._beat(seen, it)) for it in wanted})
                if seen.trouble:
                    self._pause()
        except Exception:
            _logger.exception("the watcher failed; pages look for themselves")
            with self._changed:
                self._running = False

    def _wanted(self) -> frozenset[Eyes]:
        """The eyes of those who watch; without any the watcher ends."""
        with self._changed:
            wanted = frozenset(+self._watchers)
            self._running = bool(wanted)
            return wanted

    def _look(self, number: int) -> tuple[int, Seen]:
        try:
            number, status = orders.watch(self._home, number)
        except Refused as refusal:
            return 0, Seen(None, refusal.trouble)
        return number, Seen(status, None)

    def _around(self, seen: Seen) -> tuple[object, ...]:
        """What is drawn beside what the player tells: segments and alerts that wait, and the time, roughly."""
        now, often = self._clock.now().wall, _DRAWN_AT_LEAST if seen.status else _DRAWN_AT_LEAST_DOWN
        waiting = self._home.library.count(State.DRAFT, State.WAITING)
        return waiting, [it.kept.id for it in proposals(self._home, now)], now // often

    def _tell(self, pictures: Mapping[Eyes, bytes] | None, pulses: Mapping[Eyes, bytes]) -> None:
        with self._changed:
            last = self._news
            self._news = _News(
                pulses=last.pulses + 1,
                pulse=pulses,
                drawn=last.drawn + (pictures is not None),
                picture=last.picture if pictures is None else pictures,
            )
            self._changed.notify_all()

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait(_ASK_AGAIN)


def _event(name: str, value: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
