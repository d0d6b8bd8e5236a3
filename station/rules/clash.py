"""Clashes: one output carries one broadcast at a time, so of two that overlap one gives way."""

from collections.abc import Iterable

from station.rules.schedule import Broadcast, Planned


def resolve(broadcasts: Iterable[Broadcast]) -> tuple[Broadcast, ...]:
    """Drop what overlaps a more urgent broadcast, or an earlier one as urgent, whatever the order given."""
    airing: list[Broadcast] = []
    given_way: list[Broadcast] = []
    for broadcast in sorted(broadcasts, key=_precedence):
        if broadcast.state is not Planned.PLANNED:
            given_way.append(broadcast)
        elif winner := _overlapping(broadcast, airing):
            given_way.append(broadcast.but(Planned.DROPPED, f"Trùng giờ với “{winner.title}”."))
        else:
            airing.append(broadcast)
    return tuple(sorted(airing + given_way, key=lambda broadcast: (broadcast.start, broadcast.schedule)))


def _precedence(broadcast: Broadcast) -> tuple[int, int, str]:
    return -broadcast.priority.rank, broadcast.start, broadcast.schedule


def _overlapping(broadcast: Broadcast, airing: list[Broadcast]) -> Broadcast | None:
    return next((it for it in airing if it.start < broadcast.end and broadcast.start < it.end), None)
