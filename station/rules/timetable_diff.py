"""What a change alters: two timetables of one window, broadcast by broadcast."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import zip_longest
from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.hours import local
from station.rules.schedule import Broadcast


class Kind(StrEnum):
    """What becomes of a broadcast."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class Change:
    """A broadcast as it will be, or as it was when it is removed; a changed one with what it was before."""

    kind: Kind
    broadcast: Broadcast
    before: Broadcast | None = None


_Place = tuple[str, dt.date]


def changes(before: Iterable[Broadcast], after: Iterable[Broadcast], zone: ZoneInfo) -> tuple[Change, ...]:
    """Every broadcast that is not the same in both, in the order of their starts.

    One that airs at another time of the same day is changed, not removed and added.
    """
    was, will = {it.key: it for it in before}, {it.key: it for it in after}
    both = was.keys() & will.keys()
    found = [Change(Kind.CHANGED, will[key], was[key]) for key in both if was[key] != will[key]]
    gone = _by_day((it for key, it in was.items() if key not in both), zone)
    come = _by_day((it for key, it in will.items() if key not in both), zone)
    found += _paired(gone, come)
    return tuple(sorted(found, key=lambda it: (it.broadcast.start, it.broadcast.schedule, it.kind)))


def _by_day(broadcasts: Iterable[Broadcast], zone: ZoneInfo) -> Mapping[_Place, list[Broadcast]]:
    places: defaultdict[_Place, list[Broadcast]] = defaultdict(list)
    for broadcast in sorted(broadcasts, key=lambda it: it.start):
        places[broadcast.schedule, local(broadcast.start, zone).date()].append(broadcast)
    return places


def _paired(gone: Mapping[_Place, list[Broadcast]], come: Mapping[_Place, list[Broadcast]]) -> Iterator[Change]:
    for place in gone.keys() | come.keys():
        for old, new in zip_longest(gone.get(place, ()), come.get(place, ())):
            if new is None:
                yield Change(Kind.REMOVED, old)
            elif old is None:
                yield Change(Kind.ADDED, new)
            else:
                yield Change(Kind.CHANGED, new, old)
