"""Heard: which parts of a programme truly sounded, as far as its record can vouch for it."""

from typing import Protocol

from station.rules.now import SECOND
from station.rules.schedule import ON_TIME

_ROUNDED = 2 * SECOND  # spoken text is a little longer or shorter than was foreseen


class Sounded(Protocol):
    """What a record tells of the times of a broadcast, in wall ms."""

    @property
    def planned_start(self) -> int:
        """When its programme was to begin."""

    @property
    def planned_end(self) -> int:
        """When it was to end."""

    @property
    def actual_start(self) -> int | None:
        """When its first sample sounded, if any did."""

    @property
    def actual_end(self) -> int | None:
        """When its last sample sounded, if that is known."""


def heard(record: Sounded, at: int, length: int) -> bool:
    """Whether the part that begins `at` ms into the programme surely sounded whole.

    What sounded as long as was planned sounded whole. Of less, the record does not tell whether it began at its
    beginning or joined where it would have been by then: only what sounded in both cases is sure.
    """
    if record.actual_start is None or record.actual_end is None:
        return False
    sounded = record.actual_end - record.actual_start
    if sounded + _ROUNDED >= record.planned_end - record.planned_start:
        return True
    late = record.actual_start - record.planned_start
    return at >= (late if late > ON_TIME else 0) and at + length <= sounded + _ROUNDED
