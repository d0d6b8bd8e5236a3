"""Feeds: each is looked at again and again in a thread of its own, and what is for this station is taken in."""

import logging
from collections.abc import Callable
from random import SystemRandom
from threading import Event, Thread

from attrs import evolve

from station.alerts.bucket import Bucket
from station.alerts.feed_watch import Watch
from station.alerts.inbox import Verdict
from station.clock import Clock
from station.rules.alerting.alert import Alert
from station.rules.alerting.policy import Decision
from station.rules.now import HOUR, SECOND
from station.rules.trouble import Refused, Trouble
from station.stores.config import FeedConfig
from station.stores.feed_states import FeedState, FeedStates
from station.stores.home import Home

_SOON_S = 5.0
_CLOCK_S = 10.0  # until it is asked again whether the clock is right
_QUIET = HOUR  # a feed may be out of reach for so long before a person hears of it
_AT_ONCE, _AN_HOUR = 20, 20.0  # alerts that one feed may bring: each is a row, and a question to a person
_JITTER = 0.1  # of the time between two looks, so that stations do not come all at once

_log = logging.getLogger(__name__)
_chance = SystemRandom()

Take = Callable[[str, Alert, bytes], Verdict]


class Feeds:
    """Watches the feeds of `station.toml` from `begin` to `close`; `take` gets a feed's name, an alert, its XML."""

    def __init__(self, home: Home, clock: Clock, take: Take) -> None:
        config = home.config().config
        states = FeedStates(home.places.run)
        states.forget_all()
        self._closing = Event()

        def taken(alert: str) -> bool:
            return home.alerts.find(alert) is not None

        watches = {name: Watch(name, feed, config.place, taken, clock) for name, feed in config.feeds.items()}
        self._watchers = [
            Watcher(name, config.feeds[name], watch, states, clock, take) for name, watch in watches.items()
        ]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._watchers)

    def begin(self) -> None:
        """Look at each from now on."""
        for it in self._watchers:
            Thread(target=it.serve, args=(self._closing,), name=f"feed {it.name}", daemon=True).start()

    def close(self) -> None:
        """Look no more; nothing is taken in from now on."""
        self._closing.set()


class Watcher:
    """One feed: what is done with what a look at it brings, and how it stands."""

    def __init__(  # noqa: PLR0913, PLR0917 - one of each
        self, name: str, feed: FeedConfig, watch: Watch, states: FeedStates, clock: Clock, take: Take
    ) -> None:
        self.name, self._title, self._every = name, feed.title, feed.every
        self._watch, self._states, self._clock, self._take = watch, states, clock, take
        self._state = FeedState()
        self._room = Bucket(_AT_ONCE, _AN_HOUR * SECOND / HOUR)
        self._failing_since: int | None = None  # mono ms
        self._told = set[Trouble]()

    def serve(self, closing: Event) -> None:
        """Look at it by its `every`, while the clock is right, until `closing`."""
        every = self._every / SECOND
        pause = _chance.uniform(0, _SOON_S)
        while not closing.wait(pause):
            if not self._clock.now().trusted:
                pause = _CLOCK_S
                continue
            try:
                self.look(closing)
            except Exception:  # noqa: BLE001 - the next look may find what this one lacked
                _log.exception("feed %s", self.name)
            pause = every * _chance.uniform(1 - _JITTER, 1 + _JITTER)

    def look(self, closing: Event) -> None:
        """Look once, and take in what is new and for this station."""
        try:
            look = self._watch.look()
        except Refused as refusal:
            self._failed(refusal.trouble)
            return
        self._tell(*look.unreadable)
        self._failing_since = None
        full = False
        for found in look.found:
            if closing.is_set():
                return
            alert, why_not = self._watch.weigh(found.alert)
            full = not why_not and not self._room.takes(self._clock.now().mono)
            if full:
                break
            refused = not why_not and self._take(self.name, alert, found.xml).decision is Decision.REFUSE
            self._watch.settle(found, done=not refused)
        self._note(FeedState(self._clock.now().wall, self._too_many() if full else None, look.entries))

    def _too_many(self) -> Trouble:
        return Trouble(
            self._title,
            "Nguồn tin này có quá nhiều cảnh báo cùng lúc nên đài chưa nhận hết.",
            "Đài vẫn phát theo lịch và nhận dần các tin còn lại.",
            "Nếu thấy bất thường, bỏ nguồn tin này khỏi station.toml.",
        )

    def _failed(self, trouble: Trouble) -> None:
        self._tell(trouble)
        mono = self._clock.now().mono
        self._failing_since = mono if self._failing_since is None else self._failing_since
        told = evolve(trouble, where=self._title) if mono - self._failing_since >= _QUIET else None
        self._note(FeedState(self._state.read_at, told, self._state.alerts_seen))

    def _tell(self, *troubles: Trouble) -> None:
        """Have in the log what was not there last time."""
        for trouble in {*troubles} - self._told:
            _log.warning("feed %s: %s", self.name, trouble)
        self._told = {*troubles}

    def _note(self, state: FeedState) -> None:
        self._state = state
        self._states.note(self.name, state)
