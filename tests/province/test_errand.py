"""The errand's child: quiet, one at a time, gone when it hangs, when it is ended, and when its player is killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.province.errand import Errand
from tests.rig.children import CHILD, STAYS, Ran, gone
from tests.rig.waiting import wait_until


class Told(Ran):
    """What was run, and how often the end was told."""

    ended = 0

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def ran(tmp_path: Path) -> Told:
    return Told(tmp_path)


@pytest.fixture
def errand(ran: Told) -> Iterator[Callable[..., Errand]]:
    begun: list[Errand] = []

    def make(does: str, **more: float) -> Errand:
        begun.append(Errand(ran.command(does), ran.end, **more))
        begun[-1].begin()
        return begun[-1]

    yield make
    for it in begun:
        it.close()


def test_it_runs_quietly_and_its_end_is_told(errand, ran: Told, caplog):
    caplog.set_level("INFO")
    told = errand(CHILD + "print('Mạng bị ngắt.', file=sys.stderr); sys.exit(os.getpriority(os.PRIO_PROCESS, 0))")
    assert not told.busy
    told.want()
    wait_until(lambda: ran.ended == 1)
    assert "Đồng bộ với tỉnh: Mạng bị ngắt." in caplog.text  # it ended with 19: its priority
    told.want()
    wait_until(lambda: ran.ended == 2)
    wait_until(lambda: not told.busy)
    assert len(ran.pids) == 2


def test_of_many_wishes_one_runs_and_one_follows(errand, ran: Told):
    wanted = errand(STAYS)
    wanted.want()
    wait_until(lambda: len(ran.pids) == 1)
    for _ in range(5):
        wanted.want()
    assert wanted.busy
    os.kill(ran.pids[0], signal.SIGKILL)
    wait_until(lambda: len(ran.pids) == 2)
    os.kill(ran.pids[1], signal.SIGKILL)
    wait_until(lambda: ran.ended == 2)
    wait_until(lambda: not wanted.busy)
    assert len(ran.pids) == 2


def test_what_hangs_is_killed_and_the_next_one_runs(errand, ran: Told, caplog):
    hanging = errand(STAYS, longest_s=0.5)
    for number in (1, 2):
        hanging.want()
        wait_until(lambda number=number: ran.ended == number)
        assert gone(ran.pids[number - 1])
    assert "chưa xong nên đã dừng" in caplog.text


def test_it_has_bounds(errand, ran: Told, caplog):
    caplog.set_level("INFO")
    greedy = errand(CHILD + "bytes(1 << 30)")
    greedy.want()
    wait_until(lambda: ran.ended == 1)
    assert "MemoryError" in caplog.text


def test_what_cannot_be_started_is_told_and_tried_again_when_wanted(ran: Told, monkeypatch, caplog):
    monkeypatch.setenv("PATH", "/nowhere")
    errand = Errand(ran.command(STAYS), ran.end)
    errand.begin()
    for _ in range(2):
        caplog.clear()
        errand.want()
        wait_until(lambda: "could not be started" in caplog.text)
    wait_until(lambda: not errand.busy)
    errand.close()


def test_closed_it_ends_and_runs_no_more(errand, ran: Told):
    closed = errand(STAYS)
    closed.want()
    wait_until(lambda: len(ran.pids) == 1)
    closed.close()
    wait_until(lambda: gone(ran.pids[0]))
    closed.want()
    wait_until(lambda: ran.ended == 1)
    wait_until(lambda: "province" not in {it.name for it in threading.enumerate()})
    assert len(ran.pids) == 1


def test_it_dies_with_the_process_that_it_is_of(ran: Told):
    player = f"""
import signal
from station.province.errand import Errand
errand = Errand({ran.command(STAYS)!r}, lambda: None)
errand.begin()
errand.want()
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", player])
    wait_until(lambda: len(ran.pids) == 1, 20)
    process.kill()
    process.wait()
    wait_until(lambda: gone(ran.pids[0]))
