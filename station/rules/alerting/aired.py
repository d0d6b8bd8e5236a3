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


def was_heard(records: Sequence[AsRun]) -> bool:
    """Whether it sounded, or is about to."""
    return any(it.actual_start is not None or it.result is None for it in records)


def may_be_tried(records: Sequence[AsRun]) -> bool:
    """Whether it is still to be aired: never heard, never stopped, and not failed too often."""
    return not was_heard(records) and not any(it.result in _OVER for it in records) and len(records) < _MOST_TRIES
