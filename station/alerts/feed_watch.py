"""A watch on one feed: what it has that was not seen before, and whether that is for this station."""

from collections import Counter
from collections.abc import Callable

from attrs import frozen

from station.alerts.feed_reading import LONGEST_FEED, Entry, read_feed
from station.alerts.fetching import UNKNOWN, Fetcher
from station.clock import Clock
from station.province.link import Patience
from station.rules.alerting.alert import Alert
from station.rules.alerting.area import Place
from station.rules.alerting.cap import LONGEST, read_cap
from station.rules.alerting.watching import Watched, ends, over, passed_over, under
from station.rules.now import MINUTE
from station.rules.trouble import Refused, Trouble
from station.stores.config import FeedConfig

_MOST_DOCUMENTS = 20  # that are fetched for one look
_MOST_TRIES = 3  # to have an alert taken in
_LONGEST_LOOK = 2 * MINUTE  # ms

Taken = Callable[[str], bool]


@frozen
class Found:
    """An alert that was not seen before, with its XML; `key` is its entry's."""

    key: str
    alert: Alert
    xml: bytes


@frozen
class Look:
    """What a look brought: how many entries there are, what is new of them, oldest first, and what is no CAP."""

    entries: int
    found: tuple[Found, ...]
    unreadable: tuple[Trouble, ...]


class Watch:
    """Looks at the feed `name` for a station at `place`; `taken` says whether an alert, by its id, was taken in.

    What was seen is remembered for as long as it is there.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one of each
        self,
        name: str,
        feed: FeedConfig,
        place: Place | None,
        taken: Taken,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._name, self._address, self._taken = name, feed.address, taken
        self._clock = clock
        self._watched = Watched(feed.areas, place, feed.severity)
        self._fetcher = Fetcher(clock, only_tls=feed.by_tls, patience=patience)
        self._stamp = UNKNOWN
        self._entries: tuple[Entry, ...] = ()
        self._settled = set[str]()
        self._failed = Counter[str]()
        self._ended: dict[str, frozenset[str]] = {}  # by the entry of what ended them

    def look(self) -> Look:
        """Look at it now. Raises `Refused` when nothing of it can be read."""
        until = self._clock.now().mono + _LONGEST_LOOK
        self._refresh(until)
        new = [it for it in self._entries if it.key not in self._settled]
        found, unreadable = list[Found](), list[Trouble]()
        for entry in sorted(new, key=lambda it: self._failed[it.key])[:_MOST_DOCUMENTS]:
            if self._clock.now().mono > until:
                break
            try:
                found.append(self._read(entry, until))
            except Refused as refusal:
                unreadable.append(refusal.trouble)
                self._failed[entry.key] += 1
        if unreadable and not found and not self._settled:
            raise Refused(unreadable[0])
        return Look(len(self._entries), tuple(sorted(found, key=lambda it: it.alert.sent)), tuple(unreadable))

    def weigh(self, alert: Alert) -> tuple[Alert, str]:
        """An alert as it is to be taken in, and why it is not for this station; nothing if it is.

        What is not for it (any more), and names one that was taken in, is the end of that.
        """
        if any(alert.id in it for it in self._ended.values()):
            return alert, "đã được thay hoặc hủy"
        why = passed_over(alert, self._watched, self._clock.now().wall)
        if why and any(map(self._taken, ends(alert))):
            return over(alert), ""
        return alert, why

    def settle(self, found: Found, *, done: bool = True) -> None:
        """Look at it no more, once that is done or was tried often enough."""
        self._failed[found.key] += not done
        if done or self._failed[found.key] >= _MOST_TRIES:
            self._settled.add(found.key)

    def _refresh(self, until: int) -> None:
        """Have its newest entries, and forget what is no longer among them."""
        answer = self._fetcher.fetch(self._address, LONGEST_FEED, until, self._stamp)
        if answer is None:
            return
        self._entries, self._stamp = read_feed(answer.content, self._address), answer.stamp
        keys = {it.key for it in self._entries}
        self._settled &= keys
        self._failed = Counter({key: count for key, count in self._failed.items() if key in keys})
        self._ended = {key: ids for key, ids in self._ended.items() if key in keys}

    def _read(self, entry: Entry, until: int) -> Found:
        """The alert of an entry. Raises `Refused`."""
        document = entry.document or self._fetched(entry.address, until)
        alert = under(self._name, read_cap(document))
        self._ended[entry.key] = ends(alert)
        return Found(entry.key, alert, document)

    def _fetched(self, address: str, until: int) -> bytes:
        answer = self._fetcher.fetch(address, LONGEST, until)
        return answer.content if answer else b""
