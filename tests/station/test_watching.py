"""A watcher of the player: told at once what changed, never of what runs on by itself, and waited for by nobody."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.control.client import ask
from station.control.messages import Mute, Play, Stop, Watch, write_request
from station.desk.orders import watch
from station.stores.home import Home, open_home, places
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

SOON = 600  # ms, on a busy machine; without news a watcher is answered after a second


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, device="none") as running:
        running.add_noise(30_000)
        yield running.start()


@pytest.fixture
def home(station: RunningStation) -> Home:
    return open_home(places(station.home))


def test_a_change_is_told_at_once_and_what_runs_by_itself_is_none(station: RunningStation, home: Home):
    sock = station.home / "run" / "station.sock"
    assert ask(sock, Play("nen", "Lan"), 60).done
    wait_until(lambda: station.on_air()["position"] > 0.5)
    known, status = watch(home, 0)
    assert status["on_air"]["phase"] == "on air"
    asked = wall_ms()
    again, later = watch(home, known)
    assert again == known
    assert wall_ms() - asked > 900
    assert later["on_air"]["position"] > status["on_air"]["position"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(watch, home, known)
        asked = wall_ms()
        assert ask(sock, Stop("Lan")).done
        changed, silent = waiting.result(5)
    assert changed != known
    assert wall_ms() - asked < SOON
    wait_until(lambda: watch(home, changed)[1]["on_air"] is None)
    assert silent["on_air"] is None or silent["on_air"]["phase"] == "stopping"


def test_watchers_who_never_listen_hold_nothing_up(station: RunningStation, home: Home):
    path = station.home / "run" / "station.sock"
    known, _ = watch(home, 0)
    with ExitStack() as deaf:
        for _ in range(20):
            link = deaf.enter_context(socket.socket(socket.AF_UNIX))
            link.connect(str(path))
            link.sendall(write_request(Watch(known)) * 200)
        asked = wall_ms()
        assert ask(path, Mute("Lan", "bac", muted=True)).done
        assert wall_ms() - asked < 2_000
        _, status = watch(home, 0)
        assert status["clock"]["source"] in {"network", "battery", "config"}
