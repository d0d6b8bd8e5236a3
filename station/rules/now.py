"""The instant at which something is decided."""

from attrs import frozen

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@frozen
class Now:
    """One reading of both clocks, in whole milliseconds.

    `wall` counts from the Unix epoch and decides what is due; `mono` never jumps and decides how long.
    A wall clock is `trusted` when it is synchronised or backed by a real-time clock.
    """

    wall: int
    mono: int
    trusted: bool = True
