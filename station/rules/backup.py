"""When the station's backup stick is written to, and which of its backups go."""

import re
from collections.abc import Iterable, Mapping

from station.rules.hours import Hours, local, local_ms
from station.rules.now import DAY, HOUR, MINUTE

KEPT = 14  # backups on a stick
SPARED = 2  # of them that no lack of space removes
OLD = 14 * DAY  # then it is a trouble

_AWAY = 2 * DAY  # so old, the last one is made up for at once, in the daytime too
_APART = 12 * HOUR
_NIGHT = 90 * MINUTE, 4 * HOUR  # 01:30 to 04:00, for a station that may sound around the clock too
_OURS = re.compile(r"loa-xa-\d{4}-\d\d-\d\d-\d{4}\.tar")  # its order by name is its order in time


def is_due(now: int, good_at: int | None, hours: Hours) -> bool:
    """Whether a backup is due at wall ms `now`, when the last good one was made at `good_at`.

    One a day, outside the allowed hours; what was missed for longer is made up for at any time.
    """
    if good_at is None or not 0 <= now - good_at < _AWAY:
        return True
    another_day = local(good_at, hours.zone).date() != local(now, hours.zone).date()
    return another_day and now - good_at >= _APART and _is_night(now, hours)


def is_backup(name: str) -> bool:
    """Whether a file of the stick is called like a backup of ours."""
    return _OURS.fullmatch(name) is not None


def to_remove(sizes: Mapping[str, int], lacking: int) -> tuple[str, ...] | None:
    """Which backups go so that `lacking` bytes more are free, the oldest first; None where that is not enough.

    `sizes` are bytes by name. The newest always stay: one that is removed before another is whole may be the last.
    """
    found, freed = [], 0
    for name in sorted(filter(is_backup, sizes))[:-SPARED]:
        if freed >= lacking:
            break
        found.append(name)
        freed += sizes[name]
    return tuple(found) if freed >= lacking else None


def too_many(names: Iterable[str], newest: str) -> tuple[str, ...]:
    """Which backups go, now that the `newest` is whole; it stays even if a wrong clock once made later ones."""
    others = sorted(name for name in names if is_backup(name) and name != newest)
    return tuple(others[: max(0, len(others) - (KEPT - 1))])


def _is_night(now: int, hours: Hours) -> bool:
    begin, end = _NIGHT
    return hours.open_until(now) is None or begin <= local_ms(now, hours.zone) < end
