"""Daily limits: how often and how long a commune may be spoken to.

A session is what sounds without a pause of a quarter of an hour. Emergencies are outside all limits.
"""

from collections.abc import Iterable
from itertools import groupby
from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.hours import local
from station.rules.now import MINUTE
from station.rules.schedule import Broadcast, Planned, Priority

SESSION_PAUSE = 15 * MINUTE


@frozen
class Limits:
    """At most so many `sessions` a day, so long a `session` and so long a `day` (ms); None is no limit."""

    sessions: int | None = None
    session: int | None = None
    day: int | None = None


NO_LIMITS = Limits()


@frozen
class Spent:
    """What sounded so far on one day: sessions, the current one's beginning and end (wall ms), and ms in all."""

    sessions: int = 0
    begun: int = 0
    ended: int = 0
    total: int = 0

    def with_one(self, start: int, end: int) -> "Spent":
        """And then what sounds from `start` to `end`."""
        total = self.total + end - start
        if self.sessions and start - self.ended < SESSION_PAUSE:
            return Spent(self.sessions, self.begun, max(end, self.ended), total)
        return Spent(self.sessions + 1, start, end, total)


def over(limits: Limits, spent: Spent) -> str:
    """Which limit that is over, in a sentence, or nothing."""
    if limits.sessions is not None and spent.sessions > limits.sessions:
        return f"Quá {limits.sessions} buổi một ngày."
    if limits.session is not None and spent.ended - spent.begun > limits.session:
        return f"Quá {limits.session // MINUTE} phút một buổi."
    if limits.day is not None and spent.total > limits.day:
        return f"Quá {limits.day // MINUTE} phút một ngày."
    return ""


def limited(broadcasts: Iterable[Broadcast], limits: Limits, zone: ZoneInfo) -> tuple[Broadcast, ...]:
    """Refuse, in the order of their starts, what would go over a limit of its day."""
    if limits == NO_LIMITS:
        return tuple(broadcasts)
    kept: list[Broadcast] = []
    for _, day in groupby(broadcasts, key=lambda it: local(it.start, zone).date()):
        spent = Spent()
        for broadcast in day:
            if not broadcast.airs or broadcast.priority is Priority.EMERGENCY:
                kept.append(broadcast)
                continue
            after = spent.with_one(broadcast.start, broadcast.end)
            if reason := over(limits, after):
                kept.append(broadcast.but(Planned.REFUSED, reason))
            else:
                spent = after
                kept.append(broadcast)
    return tuple(kept)
