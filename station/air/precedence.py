"""Who takes their turn before all ordinary work: round robin in real time, where this machine lets them (sched(7)).

Whoever holds a processor in real time keeps it from everybody else, so only that has precedence which works for
milliseconds and then waits. Nothing that reads what strangers sent has it, nor has any program that is begun.
"""

import os
from contextlib import suppress
from enum import IntEnum

ORDINARY = ("chrt", "--other", "0")  # util-linux; before a command: it has no precedence


class Precedence(IntEnum):
    """Who comes before whom; the unit's LimitRTPRIO is the highest."""

    DECK = 10
    LOOP = 20  # what switches amplifiers off waits for nobody, not even for what plays


def take(precedence: Precedence, *, threads: bool = False) -> None:
    """Let this thread have `precedence`; with `threads`, those too that it begins from now on, and its children.

    Where the kernel does not let it, for want of RLIMIT_RTPRIO, all stays as it is: no fault, only less good.
    """
    policy = os.SCHED_RR if threads else os.SCHED_RR | os.SCHED_RESET_ON_FORK
    with suppress(OSError):
        os.sched_setscheduler(0, policy, os.sched_param(precedence))
