"""Waiting for a condition with a deadline, and the wall clock finer than a millisecond."""

import time
from collections.abc import Callable


def wall_ms() -> float:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() / 1e6  # noqa: TID251 - the rig measures; the player under test has a Clock


def mono_ns() -> int:
    """Nanoseconds by the clock that never jumps, the same in all processes."""
    return time.monotonic_ns()  # noqa: TID251 - as above


def wait_until(condition: Callable[[], object], timeout: float = 5.0, every: float = 0.01) -> None:
    """Return as soon as `condition()` holds, and fail after `timeout` seconds without it."""
    deadline = time.monotonic() + timeout  # noqa: TID251 - as above
    while not condition():
        if time.monotonic() > deadline:  # noqa: TID251 - as above
            raise TimeoutError(f"not so within {timeout} s: {getattr(condition, '__qualname__', condition)}")
        time.sleep(every)  # noqa: TID251 - the one place where tests wait, and always for something


def wait_until_wall(instant: float) -> None:
    """Return at the wall-clock instant `instant` ms, within about 0.1 ms."""
    while (rest := instant - wall_ms()) > 0:
        time.sleep(max(rest - 1, 0) / 1e3)  # noqa: TID251 - to be on time; the last ms is spent looking at the clock
