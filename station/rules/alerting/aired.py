"""What became of an alert on air, by the as-run log: its broadcasts are known by its id."""

from collections.abc import Sequence

from station.rules.as_run import AsRun
from station.rules.step.actions import Result

_PREFIX = "canh-bao/"
_MOST_TRIES = 5  # of an alert that the player failed to air: each is a record
_OVER = {Result.AIRED, Result.CUT}  # also by a person who stopped it before it sounded


def schedule_of(alert: str) -> str:
    """What the log calls the broadcasts of an alert."""
    return f"{_PREFIX}{alert}"


def alert_of(schedule: str) -> str:
    """The id of the alert whose broadcasts are called that; nothing for what is no alert's."""
    return schedule.removeprefix(_PREFIX) if schedule.startswith(_PREFIX) else ""


def is_on(records: Sequence[AsRun]) -> bool:
    """Whether it sounds or is about to; or did so when the player was killed, which its next start will tell."""
    return any(it.result is None for it in records)


def was_heard(records: Sequence[AsRun]) -> bool:
    """Whether it sounded, or is about to."""
    return is_on(records) or any(it.actual_start is not None for it in records)


def is_done(records: Sequence[AsRun]) -> bool:
    """Whether it needs no more airing: it was heard, or stopped, or failed too often.

    What a power cut ended in the middle is heard again from its beginning: half a warning is none.
    """
    over = any((it.actual_start is not None or it.result in _OVER) and not it.cut_off for it in records)
    return over or len(records) >= _MOST_TRIES
