"""Nudges: “synchronise now”, said by a broker that nobody has to believe."""

import random
import threading
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from station.control.client import PlayerDown, ask
from station.control.messages import Sync


@frozen
class Pace:
    """In s: a station comes within `spread`, so that thousands do not come together, and then not for `rest`."""

    spread: float = 20.0
    rest: float = 60.0


class Nudges:
    """Has the player behind `socket` synchronise once for however many nudges come meanwhile."""

    def __init__(self, socket: Path, pace: Pace | None = None) -> None:
        self._socket, self._pace = socket, pace or Pace()
        self._nudged, self._closed = threading.Event(), threading.Event()

    def begin(self) -> None:
        """Follow nudges from now on, in a thread of its own."""
        threading.Thread(target=self._serve, name="nudges", daemon=True).start()

    def nudge(self) -> None:
        """It was said."""
        self._nudged.set()

    def close(self) -> None:
        """Follow no more."""
        self._closed.set()
        self._nudged.set()

    def _serve(self) -> None:
        spread = self._pace.spread
        while self._nudged.wait() and not self._closed.wait(random.uniform(0, spread)):  # noqa: S311 - no secret
            self._nudged.clear()  # what is said from now on is another one
            with suppress(PlayerDown):  # it synchronises soon after its start
                ask(self._socket, Sync())
            self._closed.wait(self._pace.rest)
