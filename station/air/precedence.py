"""Who takes their turn before all ordinary work: round robin in real time, where this machine lets them (sched(7)).

Whoever holds a processor in real time keeps it from everybody else, so only that has precedence which works for
milliseconds and then waits. Nothing that reads what strangers sent has it, nor any program beside the deck.

Where the kernel does not let it, for want of RLIMIT_RTPRIO, all stays as it is: no fault, only less good.
"""

import os
from contextlib import suppress
from enum import IntEnum

ORDINARY = ("chrt", "--other", "0")  # util-linux; before a command of the deck's: it has no precedence


class Precedence(IntEnum):
    """Who comes before whom; the unit's LimitRTPRIO is the highest."""

    DECK = 10
    LOOP = 20  # what switches amplifiers off waits for nobody, not even for what plays


def take(precedence: Precedence) -> None:
    """Let this thread have `precedence`, and nothing that it begins."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(precedence))


def give(process: int, precedence: Precedence) -> None:
    """Let a child that has just begun have `precedence`, and all that it begins: libVLC's threads are its own."""
    with suppress(OSError):
        os.sched_setscheduler(process, os.SCHED_RR, os.sched_param(precedence))
