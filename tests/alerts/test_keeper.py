"""The listener's keeper: its child is limited, begun again whenever it ends, and gone with its player."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.alerts.keeper import Keeper
from station.clock import Clock
from tests.rig.children import STAYS, Ran, gone
from tests.rig.waiting import wait_until, wall_ms


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    return Ran(tmp_path)


@pytest.fixture
def keep(ran: Ran) -> Iterator[Callable[..., Keeper]]:
    begun: list[Keeper] = []

    def make(does: str, wanted: Callable[[], bool] = lambda: True) -> Keeper:
        begun.append(Keeper(ran.command(does), wanted, Clock()))
        begun[-1].begin()
        return begun[-1]

    yield make
    for it in begun:
        it.close()


def test_it_is_begun_again_when_it_ends_and_each_time_later(keep, ran: Ran):
    keep(STAYS)
    for number in (1, 2, 3):
        began = wall_ms()
        wait_until(lambda number=number: len(ran.pids) == number, 20)
        assert number == 1 or wall_ms() - began >= 1_000 * (number - 1) - 100
        os.kill(ran.pids[-1], signal.SIGKILL)


def test_it_has_bounds(keep, ran: Ran):
    keep(STAYS)
    wait_until(lambda: ran.pids, 20)
    (pid,) = ran.pids
    assert os.getpriority(os.PRIO_PROCESS, pid) == 5
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert f"Max data size             {1 << 28}" in limits
    assert "Max core file size        0" in limits


def test_it_runs_only_while_it_is_wanted(keep, ran: Ran):
    asked = threading.Event()
    wanted = threading.Event()

    def is_wanted() -> bool:
        asked.set()
        return wanted.is_set()

    keep(STAYS, is_wanted)
    assert asked.wait(5)
    assert not ran.pids
    wanted.set()
    wait_until(lambda: ran.pids, 20)


def test_closed_it_ends_and_is_begun_no_more(keep, ran: Ran):
    closed = keep(STAYS)
    wait_until(lambda: ran.pids, 20)
    closed.close()
    wait_until(lambda: gone(ran.pids[0]))
    wait_until(lambda: "listener" not in {it.name for it in threading.enumerate()})
    assert len(ran.pids) == 1


def test_it_dies_with_the_process_that_it_is_of(ran: Ran):
    player = f"""
import signal
from station.alerts.keeper import Keeper
from station.clock import Clock
Keeper({ran.command(STAYS)!r}, lambda: True, Clock()).begin()
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", player])
    wait_until(lambda: len(ran.pids) == 1, 20)
    process.kill()
    process.wait()
    wait_until(lambda: gone(ran.pids[0]))
