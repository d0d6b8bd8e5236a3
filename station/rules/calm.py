"""Calm: the time without a broadcast that some work waits for."""

from collections.abc import Iterable

from station.rules.now import MINUTE

FOR_BACKUP = 15 * MINUTE  # before one begins and while it lasts
FOR_SWITCH = 10 * MINUTE  # before another version is switched to, and looked at


def is_calm(now: int, starts: Iterable[int], lasting: int) -> bool:
    """Whether nothing sounds for `lasting` ms from wall ms `now` on; `starts` are those of what airs."""
    return not any(start < now + lasting for start in starts)
