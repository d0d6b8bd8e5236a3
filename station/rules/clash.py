"""Clashes: one output carries one broadcast at a time, so of two that overlap the less urgent gives way.

Circular 39/2020/TT-BTTTT: an emergency goes before everything, a priority bulletin before a normal one, and where
two priority bulletins clash the commune orders them.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter

from attrs import evolve

from station.rules.hours import local
from station.rules.now import DAY, SECOND
from station.rules.schedule import Broadcast, Planned, Priority, Yield
from station.rules.station import Station

CHANGEOVER = 5 * SECOND  # one amplifier off and another warm, between two broadcasts that were pushed together


def resolve(broadcasts: Iterable[Broadcast], station: Station) -> tuple[Broadcast, ...]:
    """Let each broadcast give way to those before it in precedence, as its schedule says and with the reason.

    The order given never matters, and what was resolved stays as it is.
    """
    airing = _Airing()
    silent: list[Broadcast] = []
    for broadcast in sorted(broadcasts, key=lambda it: _precedence(it, station)):
        placed = _placed(broadcast, airing, station) if broadcast.airs else broadcast
        if placed.airs:
            airing.add(placed)
        else:
            silent.append(placed)
    return tuple(sorted([*airing, *silent], key=lambda it: (it.start, it.schedule)))


def _precedence(broadcast: Broadcast, station: Station) -> tuple[int, bool, int, str]:
    """Smaller goes first: the more urgent, then what the commune lets go first, then the earlier."""
    second = broadcast.priority is Priority.PRIORITY and broadcast.origin is not station.first(broadcast.start)
    return -broadcast.priority.rank, second, broadcast.start - broadcast.moved_by, broadcast.schedule


def _placed(broadcast: Broadcast, airing: "_Airing", station: Station) -> Broadcast:
    winner = airing.first_over(broadcast)
    if winner is None:
        return broadcast
    match broadcast.clash.gives:
        case Yield.CUT if broadcast.start < winner.start:
            return _cut(broadcast, winner)
        case Yield.MOVE:
            return _moved(broadcast, winner, airing, station)
    return broadcast.but(Planned.DROPPED, f"Nhường giờ cho “{winner.title}”.")


def _cut(broadcast: Broadcast, winner: Broadcast) -> Broadcast:
    programme = broadcast.programme.within(winner.start - CHANGEOVER - broadcast.start)
    if not programme.parts:
        return broadcast.but(Planned.DROPPED, f"Nhường giờ cho “{winner.title}”.")
    reason = f"Phát đến khi nhường giờ cho “{winner.title}”."
    shorter = evolve(broadcast, programme=programme, end=broadcast.start + programme.length)
    return shorter.but(Planned.CUT, reason)


def _moved(broadcast: Broadcast, winner: Broadcast, airing: "_Airing", station: Station) -> Broadcast:
    """Begin after whatever is in the way, as often as something is."""
    moved, over = broadcast, winner
    while True:
        by = over.end + CHANGEOVER - moved.start
        moved = evolve(moved, start=moved.start + by, end=moved.end + by, moved_by=moved.moved_by + by)
        if moved.moved_by > broadcast.clash.within:
            minutes = broadcast.clash.within // (60 * SECOND)
            reason = f"Nhường giờ cho “{winner.title}” và không dời được trong {minutes} phút."
            return broadcast.but(Planned.DROPPED, reason)
        if not station.hours.allow(moved.start, moved.end):
            reason = f"Nhường giờ cho “{winner.title}”; dời ra sau thì ngoài khung giờ cho phép."
            return broadcast.but(Planned.DROPPED, reason)
        blocking = airing.first_over(moved)
        if blocking is None:
            start = local(moved.start, station.time_zone)
            return moved.but(Planned.MOVED, f"Dời đến {start:%H:%M:%S} để nhường giờ cho “{winner.title}”.")
        over = blocking


class _Airing:
    """What airs so far, none overlapping another: by the day of its start, and there in the order of the starts."""

    def __init__(self) -> None:
        self._days: defaultdict[int, list[Broadcast]] = defaultdict(list)

    def add(self, broadcast: Broadcast) -> None:
        insort(self._days[broadcast.start // DAY], broadcast, key=_start)

    def first_over(self, broadcast: Broadcast) -> Broadcast | None:
        """The earliest that overlaps `broadcast`; nothing lasts longer than a day."""
        day = broadcast.start // DAY
        for near in (day - 1, day, day + 1):
            airing = self._days.get(near)
            if not airing:
                continue
            # Of those that do not overlap each other, only the last to begin before it can still be on.
            place = max(0, bisect_right(airing, broadcast.start, key=_start) - 1)
            for other in airing[place : place + 2]:
                if other.start < broadcast.end and broadcast.start < other.end:
                    return other
        return None

    def __iter__(self) -> Iterator[Broadcast]:
        for airing in self._days.values():
            yield from airing


_start = attrgetter("start")
