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
from tests.rig.waiting import wait_until

# It notes its process id, and then does as it is told.
CHILD = "import os, signal, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
HANGS = CHILD + "signal.pause()"


class Ran:
    """What was run: process ids in order, and how often the end was told."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ran"
        self.ended = 0

    def command(self, does: str) -> list[str]:
        return [sys.executable, "-c", does, str(self._file)]

    @property
    def pids(self) -> list[int]:
        return [int(it) for it in self._file.read_text().split()] if self._file.exists() else []

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    return Ran(tmp_path)


@pytest.fixture
def errand(ran: Ran) -> Iterator[Callable[..., Errand]]:
    begun: list[Errand] = []

    def make(does: str, **more: float) -> Errand:
        begun.append(Errand(ran.command(does), ran.end, **more))
        begun[-1].begin()
        return begun[-1]

    yield make
    for it in begun:
        it.close()


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_it_runs_quietly_and_its_end_is_told(errand, ran: Ran, caplog):
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


def test_of_many_wishes_one_runs_and_one_follows(errand, ran: Ran):
    wanted = errand(HANGS)
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


def test_what_hangs_is_killed_and_the_next_one_runs(errand, ran: Ran, caplog):
    hanging = errand(HANGS, longest_s=0.5)
    for number in (1, 2):
        hanging.want()
        wait_until(lambda number=number: ran.ended == number)
        assert gone(ran.pids[number - 1])
    assert "chưa xong nên đã dừng" in caplog.text


def test_it_has_bounds(errand, ran: Ran, caplog):
    caplog.set_level("INFO")
    greedy = errand(CHILD + "bytes(1 << 30)")
    greedy.want()
    wait_until(lambda: ran.ended == 1)
    assert "MemoryError" in caplog.text


def test_what_cannot_be_started_is_told_and_tried_again_when_wanted(ran: Ran, monkeypatch, caplog):
    monkeypatch.setenv("PATH", "/nowhere")
    errand = Errand(ran.command(HANGS), ran.end)
    errand.begin()
    for _ in range(2):
        caplog.clear()
        errand.want()
        wait_until(lambda: "could not be started" in caplog.text)
    wait_until(lambda: not errand.busy)
    errand.close()


def test_closed_it_ends_and_runs_no_more(errand, ran: Ran):
    closed = errand(HANGS)
    closed.want()
    wait_until(lambda: len(ran.pids) == 1)
    closed.close()
    wait_until(lambda: gone(ran.pids[0]))
    closed.want()
    wait_until(lambda: ran.ended == 1)
    wait_until(lambda: "province" not in {it.name for it in threading.enumerate()})
    assert len(ran.pids) == 1


def test_it_dies_with_the_process_that_it_is_of(ran: Ran):
    player = f"""
import signal
from station.province.errand import Errand
errand = Errand({ran.command(HANGS)!r}, lambda: None)
errand.begin()
errand.want()
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", player])
    wait_until(lambda: len(ran.pids) == 1, 20)
    process.kill()
    process.wait()
    wait_until(lambda: gone(ran.pids[0]))
