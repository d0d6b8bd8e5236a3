"""Who comes before all ordinary work, and that nothing else does: processes, and what the kernel says of them."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from station.control.client import ask
from station.control.messages import Play
from tests.rig.waiting import wait_until
from tests.running import RunningStation

TELLS = """
import json, os, subprocess, sys, threading
from station.air.precedence import ORDINARY, Precedence, give, take
look = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
if sys.argv[1] == "takes":
    take(Precedence.LOOP)
else:
    give(os.getpid(), Precedence.DECK)  # as its parent does
told = [os.sched_getscheduler(0)]
thread = threading.Thread(target=lambda: told.append(os.sched_getscheduler(0)))
thread.start(); thread.join()
told += [int(subprocess.check_output(it)) for it in (look, [*ORDINARY, *look])]
print(json.dumps([it & ~os.SCHED_RESET_ON_FORK for it in told]))
"""


def may() -> bool:
    """Whether this machine lets a test have precedence, as the unit lets the player."""
    tried = subprocess.run(["chrt", "--rr", "10", "true"], check=False, capture_output=True)
    return tried.returncode == 0


allowed = pytest.mark.skipif(not may(), reason="no real-time priority for tests here (RLIMIT_RTPRIO)")


def told(how: str, *before: str) -> list[int]:
    """The policies of who has precedence, of a thread and a child of it, and of a child that shall be ordinary."""
    return list(json.loads(subprocess.check_output([*before, sys.executable, "-c", TELLS, how])))


@allowed
def test_what_is_begun_by_who_takes_precedence_has_none() -> None:
    assert told("takes") == [os.SCHED_RR, os.SCHED_OTHER, os.SCHED_OTHER, os.SCHED_OTHER]


@allowed
def test_to_whom_it_is_given_shares_it_with_its_threads_and_can_begin_a_child_without() -> None:
    ours, thread, _, ordinary = told("is given it")
    assert (ours, thread, ordinary) == (os.SCHED_RR, os.SCHED_RR, os.SCHED_OTHER)


@pytest.mark.parametrize("how", ["takes", "is given it"])
def test_where_nobody_may_all_goes_on_as_it_is(how: str) -> None:
    rootless = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"] if os.geteuid() == 0 else []
    assert set(told(how, *rootless, "prlimit", "--rtprio=0")) == {os.SCHED_OTHER}


def policies(pid: int) -> dict[int, int]:
    """The policy of each thread of a process, by its number."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):
            found[int(thread.name)] = os.sched_getscheduler(int(thread.name))
    return found


def deck_of(pid: int) -> int:
    """The child of a player that plays."""
    children = {
        it for thread in Path(f"/proc/{pid}/task").iterdir() for it in (thread / "children").read_text().split()
    }
    (deck,) = [it for it in children if b"station.air.deck" in Path(f"/proc/{it}/cmdline").read_bytes()]
    return int(deck)


@allowed
@pytest.mark.sound
@pytest.mark.usefixtures("recorder")  # its sound server is what the deck plays to
def test_on_air_the_loop_comes_before_the_deck_and_both_before_all_else(tmp_path: Path) -> None:
    with RunningStation(tmp_path) as station:
        station.add_noise(20_000)
        station.start()
        assert ask(station.home / "run" / "station.sock", Play("nen", "Lan"), 60).done
        wait_until(station.on_air)
        deck = deck_of(station.pid)
        assert set(policies(deck).values()) == {os.SCHED_RR}
        loop = policies(station.pid).pop(station.pid)
        assert loop == os.SCHED_RR | os.SCHED_RESET_ON_FORK
        others = {it for thread, it in policies(station.pid).items() if thread != station.pid}
        assert others == {os.SCHED_OTHER}
        assert os.sched_getparam(station.pid).sched_priority > os.sched_getparam(deck).sched_priority
