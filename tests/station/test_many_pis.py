"""A commune with many Pis: the whole station plays through Snapcast to two clients, recorded."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.rig.recorder import Recorder
from tests.rig.server import SINK, TRUTHFUL, SoundServer
from tests.rig.snapcast import OTHER, OTHER_SINK, Snapcast
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

pytestmark = pytest.mark.sound

EXACT = 150  # ms by which a busy machine may begin late
STOPPED = 250  # ms in which a stop must be silent there


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[SoundServer]:
    (tmp_path / "sound").mkdir()
    with SoundServer(tmp_path / "sound", TRUTHFUL, OTHER_SINK) as server:
        yield server


@pytest.fixture
def snapcast(tmp_path: Path, sound: SoundServer) -> Iterator[Snapcast]:
    with Snapcast(tmp_path / "snapcast", sound) as server:
        server.join(SINK)
        server.join(OTHER)
        yield server


@pytest.fixture
def station(tmp_path: Path, snapcast: Snapcast) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, device=snapcast.device) as running:
        running.add_noise(40_000)
        yield running.start()


def told(station: RunningStation) -> list[str]:
    return [it["what"] for it in station.status()["faults"]]


def test_a_programme_leaves_all_horns_at_its_instant_survives_the_server_and_stops_at_once(
    station: RunningStation, snapcast: Snapcast, sound: SoundServer
) -> None:
    wait_until(lambda: not told(station), 10)
    start = station.schedule("ban-tin", 8, 'play = "nen"', more='late = "join"')
    with ExitStack() as held:
        recorders = [held.enter_context(Recorder(sound, sink=sink)) for sink in (SINK, OTHER)]
        wait_until(station.on_air, 30)
        wait_until(lambda: wall_ms() > start + 4_000, 20)
        for recorder in recorders:
            first = recorder.recording.between(start - 2_000, start + 3_500)
            assert abs(first.first_sound() - start) < EXACT

        snapcast.kill()
        wait_until(lambda: any("Snapcast" in what for what in told(station)), 10)
        killed = wall_ms()
        snapcast.start()
        wait_until(lambda: all(it.recording.between(killed + 500, wall_ms()).intervals() for it in recorders), 30)
        wait_until(lambda: not told(station), 10)
        assert station.command("stop").returncode == 0
        stopped = wall_ms()
        wait_until(lambda: all(it.heard_until(stopped + 1_500) for it in recorders), 10)
        for recorder in recorders:
            assert not recorder.recording.between(stopped + STOPPED, stopped + 1_500).intervals()
    (record,) = station.json("log")
    assert record["result"] == "cut"
    assert "Snapcast" in record["reason"]
