"""What the player says to systemd, from outside: a real `station run` and a socket that stands in for systemd's."""

import signal
import socket
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

FEED = 3_000  # ms: it is fed every two seconds, after a turn that begins within another
CONFIG = """\
trust_clock = true
allowed_hours = ["00:00-24:00"]
[audio]
device = "none"
[zones.bac]
title = "Thôn Bắc"
warm_up = "1s"
linger = "1s"
"""


class Heard:
    """Every word that was said, with its wall ms; and whether the player answered when it said that it is ready."""

    def __init__(self, place: Path, station: RunningStation) -> None:
        self.words: list[tuple[float, str]] = []
        self.answered = False
        self._station = station
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(place))
        Thread(target=self._listen, daemon=True).start()

    def times(self, word: str) -> list[float]:
        return [at for at, said in self.words if said == word]

    def longest_wait(self, since: float) -> float:
        """The longest time between two feeds of the watchdog, from the first after wall ms `since` until now."""
        fed = [at for at in self.times("WATCHDOG=1") if at >= since]
        return max(later - earlier for earlier, later in pairwise([*fed, wall_ms()]))

    def _listen(self) -> None:
        while True:
            word = self._socket.recv(1 << 12).decode()
            if word == "READY=1":
                self.answered = bool(self._station.status())
            self.words.append((wall_ms(), word))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, CONFIG) as running:
        yield running


@pytest.fixture
def heard(tmp_path: Path, station: RunningStation, monkeypatch: pytest.MonkeyPatch) -> Heard:
    place = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(place))
    return Heard(place, station)


def test_it_says_when_it_is_ready_while_it_works_and_when_it_ends(station: RunningStation, heard: Heard) -> None:
    station.start()
    wait_until(lambda: heard.times("READY=1"))
    assert heard.answered
    wait_until(lambda: len(heard.times("WATCHDOG=1")) >= 4, 15)
    assert heard.longest_wait(0) < FEED

    station.freeze()
    frozen = wall_ms()
    with pytest.raises(TimeoutError):
        wait_until(lambda: heard.words[-1][0] > frozen + 500, 2 * FEED / 1000)
    station.thaw()
    wait_until(lambda: heard.words[-1][0] > frozen + 500, FEED / 1000)

    assert station.terminate() == 0
    wait_until(lambda: heard.times("STOPPING=1"))
    assert len(heard.times("READY=1")) == 1


def test_a_database_that_is_locked_does_not_hold_the_loop_up(station: RunningStation, heard: Heard) -> None:
    station.start()
    station.schedule("ban-tin", 20, 'say = "Mời bà con nghe bản tin buổi sáng của xã."')
    wait_until(lambda: [it for it in station.status()["next"] if it["ready"]], 19)
    begun = wall_ms()
    lock = sqlite3.connect(station.home / "station.db")
    lock.execute("BEGIN IMMEDIATE")
    wait_until(station.on_air, 30)
    assert any("nhật ký" in it["what"] for it in station.status()["faults"])
    wait_until(lambda: not station.status()["on_air"], 20)
    wait_until(lambda: not any(zone["on"] for zone in station.status()["zones"]))
    assert heard.longest_wait(begun) < 2 * FEED, "the database's own patience is thirty seconds"
    lock.rollback()
    station.aired("ban-tin", timeout=40)
    wait_until(lambda: not station.status()["faults"])


def test_an_abort_tells_where_the_loop_was(station: RunningStation, heard: Heard) -> None:
    """As systemd ends a player that does not feed its watchdog."""
    station.start()
    wait_until(lambda: heard.times("WATCHDOG=1"))
    station.signal(signal.SIGABRT)
    wait_until(lambda: not station.alive, 2)
    assert "Fatal Python error: Aborted" in station.log
    assert "station/air/loop.py" in station.log, station.log
