"""Throttle: wrong passwords and codes cost time, more with each. Kept in memory: a restart forgives."""

from collections.abc import Callable
from threading import Lock

from attrs import frozen

from station.rules.now import MINUTE, SECOND

_FREE = 5  # tries without a wait
_LONGEST = 30 * SECOND  # whoever is right gets in soon, however often somebody else was wrong
_FORGOTTEN = 15 * MINUTE
_MOST = 10_000  # keys; a stranger must not fill the memory


@frozen
class _Tries:
    count: int
    last: int


_NONE = _Tries(0, 0)


class Throttle:
    """Counts tries by key (who is tried, from where). `clock` gives ms that never jump."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._tries: dict[str, _Tries] = {}
        self._lock = Lock()

    def begin(self, *keys: str) -> int:
        """Count a try under each key before it is made, or give the ms for which it must wait."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if wait := max((self._wait(key, now) for key in keys), default=0):
                return wait
            for key in keys:
                before = self._tries.pop(key, _NONE)
                self._tries[key] = _Tries(before.count + 1, now)  # at the end: the oldest come first
            return 0

    def was_right(self, *keys: str) -> None:
        """Forget what was tried under these keys."""
        with self._lock:
            for key in keys:
                self._tries.pop(key, None)

    def is_at_limit(self, key: str) -> bool:
        """Whether the next try is the first that must wait."""
        with self._lock:
            return self._tries.get(key, _NONE).count == _FREE

    def _wait(self, key: str, now: int) -> int:
        tries = self._tries.get(key, _NONE)
        if tries.count < _FREE:
            return 0
        pause = min(_LONGEST, SECOND << min(tries.count - _FREE + 1, 10))
        return max(0, tries.last + pause - now)

    def _forget(self, now: int) -> None:
        while self._tries:
            oldest = next(iter(self._tries))
            if now - self._tries[oldest].last <= _FORGOTTEN and len(self._tries) < _MOST:
                return
            del self._tries[oldest]
