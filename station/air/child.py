"""What every child process of the player does first: libVLC runs in these alone, so that it may crash or hang."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1  # prctl(2)


def begin() -> int:
    """Die when the parent does; gives the number of the pipe to it, which nothing else will write to."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    out = os.dup(1)
    os.dup2(2, 1)  # libVLC's plugins may print
    return out
