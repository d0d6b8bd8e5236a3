"""Polling: the list of alerts in force beside the signed tree, for when no broker is heard, or a silent one."""

import hashlib
import random
import threading
from collections.abc import Callable, Iterable

from attrs import frozen

from station.alerts.intake import Intake
from station.clock import Clock
from station.province import told
from station.province.link import Link
from station.province.source import Wanted, gather, read
from station.rules.alerting.envelope import LONGEST_ENVELOPE
from station.rules.alerting.ways import INDEX, LONGEST_INDEX, Listed, read_index
from station.rules.now import SECOND
from station.rules.trouble import Trouble

_AT_ONCE = 20  # envelopes: the next ones at the next time


@frozen
class Pace:
    """In s: how soon after the start, and about how often, `alone` or `beside` a broker that is connected."""

    first: float = 10.0
    alone: float = 60.0
    beside: float = 900.0


class Polling:
    """Brings the alerts in force for `groups` from the first of `trees` that has the list, in a thread of its own.

    `pushed` says whether a broker is heard; `changed` is called after each time. It never comes at a time that
    thousands of stations have in common.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - it stands between that many
        self,
        trees: Iterable[str],
        groups: frozenset[str],
        intake: Intake,
        clock: Clock,
        pushed: Callable[[], bool],
        changed: Callable[[], None],
        pace: Pace | None = None,
    ) -> None:
        self._lists = [_List(Link(it, clock)) for it in trees]
        self._groups, self._intake, self._clock = groups, intake, clock
        self._pushed, self._changed, self._pace = pushed, changed, pace or Pace()
        self._sooner, self._closed = threading.Event(), threading.Event()
        self.polled_at: int | None = None
        self.trouble: Trouble | None = None

    def begin(self) -> None:
        """Poll from now on."""
        threading.Thread(target=self._serve, name="polling", daemon=True).start()

    def hasten(self) -> None:
        """The broker came or went: by the pace that holds now the next time may be sooner, and is never later."""
        self._sooner.set()

    def close(self) -> None:
        """Poll no more."""
        self._closed.set()
        self._sooner.set()

    def _serve(self) -> None:
        due = self._after(self._pace.first * _some(0, 1))
        while not self._closed.is_set():
            if self._sooner.wait(max(0, due - self._clock.now().mono) / SECOND):
                self._sooner.clear()
                due = min(due, self._after(self._every() * _some(0, 1)))
            else:
                self._poll()
                self._changed()
                due = self._after(self._every() * _some(0.5, 1.5))

    def _after(self, seconds: float) -> int:
        return self._clock.now().mono + round(seconds * SECOND)

    def _every(self) -> float:
        return self._pace.beside if self._pushed() else self._pace.alone

    def _poll(self) -> None:
        """Ask one tree after the other. One that has no such list has no alerts."""
        troubles, answered = [], False
        for it in self._lists:
            try:
                self._bring(it.link, it.now())
            except told.Broken as broken:
                answered |= broken.missing
                troubles += [] if broken.missing else [broken.trouble]
            else:
                troubles, answered = [], True
                break
        if answered:
            self.polled_at = self._clock.now().wall
        self.trouble = next(iter(troubles), None)

    def _bring(self, link: Link, listed: Iterable[Listed]) -> None:
        now = self._clock.now()
        wanted = [
            it
            for it in listed
            if self._groups & set(it.groups)
            and not (now.trusted and it.until <= now.wall)
            and not self._intake.knows(it.file)
        ]
        for it in wanted[:_AT_ONCE]:
            try:
                envelope = read(link, it.path, LONGEST_ENVELOPE)
            except told.Broken as broken:
                if not broken.missing:
                    raise
            else:
                if hashlib.sha256(envelope).hexdigest() == it.file:
                    self._intake.bring(envelope, "poll")


class _List:
    """A tree's list, which is only sent when it is another one than last time."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._tag, self._listed = "", tuple[Listed, ...]()

    def now(self) -> tuple[Listed, ...]:
        """What it names now. Raises `Broken`."""
        with self.link.flow(INDEX, packed=True, known=self._tag) as flow:
            if flow.same:
                return self._listed
            content = gather(self.link, Wanted(INDEX, LONGEST_INDEX, exact=False), flow)
            try:
                self._tag, self._listed = flow.tag, read_index(content)
            except (ValueError, RecursionError):
                self._tag = ""
                raise told.garbled(self.link.name) from None
        return self._listed


def _some(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311 - no secret
