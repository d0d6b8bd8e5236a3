"""The count of changes that watchers wait for."""

import threading


class Changes:
    """Counts how often what is seen changed. Who notices never waits for who waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._last: object = None

    def notice(self, seen: object) -> None:
        """Count a change if `seen` is not what was seen last."""
        if seen == self._last:
            return
        self._last = seen
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    def wait(self, number: int, longest: float) -> int:
        """The count, once it is not `number` or after `longest` s."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != number, longest)
            return self._number
