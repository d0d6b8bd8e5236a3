"""What arrives first of what the province offers: what airs first."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from attrs import frozen

from station.rules.offer import Form, Offer
from station.rules.origin import Origin
from station.rules.rundown import Item, Newest, asked_for


@frozen
class Airing:
    """A broadcast to come: its start in wall ms, and the rundown that it is made of."""

    start: int
    rundown: Sequence[Item]


@frozen
class _Wish:
    """Broadcasts that want something: their starts, in order; what they want is at most `within` ms old."""

    starts: Sequence[int]
    within: float


def air_order(offers: Iterable[Offer], airings: Iterable[Airing], now: int) -> tuple[Offer, ...]:
    """The offers as they shall arrive; what says nothing of when it was published is of wall ms `now`.

    Schedules come first: they are small, and say what else is wanted. Then each segment by the first broadcast
    that would hear it, of several the newest first; what no broadcast wants comes after that, the smaller first,
    and a release of the program last.
    """
    wishes = _wishes(airings)

    def place(offer: Offer) -> tuple[float, ...]:
        if offer.form is Form.SCHEDULE:
            return (0, -inf, 0, offer.length)
        if offer.form is Form.RELEASE:
            return (2, inf, 0, offer.length)
        published = offer.published or now
        first = min(_starts(offer, published, wishes), default=inf)
        return (1, first, 0 if first == inf else -published, offer.length)

    return tuple(sorted(offers, key=lambda it: (place(it), it.path)))


def _starts(offer: Offer, published: int, wishes: Mapping[str, Sequence[_Wish]]) -> Iterator[int]:
    """When it is first heard by each wish."""
    begins = -inf if offer.facts.valid_from is None else offer.facts.valid_from
    ends = inf if offer.facts.valid_until is None else offer.facts.valid_until
    for wish in (*wishes.get(offer.known_as, ()), *wishes.get(offer.kind, ())):
        at = bisect_left(wish.starts, begins)
        if at < len(wish.starts) and wish.starts[at] < ends and wish.starts[at] <= published + wish.within:
            yield wish.starts[at]


def _wishes(airings: Iterable[Airing]) -> Mapping[str, Sequence[_Wish]]:
    """Who wants what, by the segment's name, or by its kind."""
    starts: defaultdict[tuple[str, float], set[int]] = defaultdict(set)
    for airing in airings:
        for name in asked_for(airing.rundown):
            starts[name, inf].add(airing.start)
        for item in airing.rundown:
            if isinstance(item, Newest) and item.whose is Origin.PROVINCE:
                starts[item.newest, item.within].add(airing.start)
    wishes: defaultdict[str, list[_Wish]] = defaultdict(list)
    for (name, within), found in starts.items():
        wishes[name].append(_Wish(sorted(found), within))
    return wishes
