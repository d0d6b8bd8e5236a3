"""Snapcast as the output: a real server and two real clients, recorded."""

import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.air.players import open_player
from station.air.ports import Player
from station.air.snapcast import Control
from station.air.snapcast_player import BUFFER, CHUNK
from station.air.snapcast_watch import SnapcastWatch
from station.clock import Clock
from tests.air.conftest import MakeTape
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import SINK, TRUTHFUL, SoundServer
from tests.rig.snapcast import OTHER, OTHER_SINK, Snapcast
from tests.rig.tapes import noise
from tests.rig.waiting import wait_until, wall_ms

pytestmark = pytest.mark.sound

SINKS = (SINK, OTHER)
READY = 2_000  # ms in which a deck is ready to play
EXACT = 150  # ms by which a start may be off on a busy machine; the benchmark has the true figures
TOGETHER = 50  # ms, likewise
STOPPED = 200  # ms in which a stop must be silent on a busy machine: it takes about 70


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[SoundServer]:
    (tmp_path / "sound").mkdir()
    with SoundServer(tmp_path / "sound", TRUTHFUL, OTHER_SINK) as server:
        yield server


@pytest.fixture
def snapcast(tmp_path: Path, sound: SoundServer) -> Iterator[Snapcast]:
    with Snapcast(tmp_path / "snapcast", sound) as server:
        for sink in SINKS:
            server.join(sink)
        yield server


@pytest.fixture
def recorders(sound: SoundServer) -> Iterator[list[Recorder]]:
    with ExitStack() as held:
        yield [held.enter_context(Recorder(sound, sink=sink)) for sink in SINKS]


@pytest.fixture
def player(snapcast: Snapcast) -> Iterator[Player]:
    player = open_player(snapcast.device, Clock())
    yield player
    player.close()


def start(player: Player) -> float:
    """Have what is loaded start soon; gives the instant of the tape's own beginning, in wall ms."""
    now = Clock().now()
    player.play(now.mono + READY)
    return now.wall + READY


def heard(recorders: list[Recorder], begin: float, end: float) -> list[Recording]:
    for recorder in recorders:
        wait_until(lambda it=recorder: it.heard_until(end), 20)
    return [recorder.recording.between(begin, end) for recorder in recorders]


def test_the_player_counts_on_the_configuration_that_the_repository_has() -> None:
    shipped = (Path(__file__).parents[2] / "systemd" / "snapserver.conf").read_text()
    assert re.findall(r"^buffer = (\d+)$", shipped, re.MULTILINE) == [str(BUFFER)]
    assert re.findall(r"chunk_ms=(\d+)$", shipped, re.MULTILINE) == [str(CHUNK)]


def test_both_clients_sound_the_tape_together_and_at_the_instant(
    snapcast: Snapcast, player: Player, recorders: list[Recorder], make_tape: MakeTape
) -> None:
    snapcast.settle()
    player.load(make_tape(3_000), 0)
    begun = start(player)
    wait_until(lambda: player.heard().ended, 20)
    assert abs(wall_ms() - begun - 4_000) < 500
    assert (player.heard().position, player.heard().fault) == (4_000, "")
    programme = noise(3_000)
    recordings = heard(recorders, begun, begun + 4_500)
    starts = [it.find(programme[:24_000]).start for it in recordings]
    assert all(abs(at - begun - 500) < EXACT for at in starts)
    assert abs(starts[0] - starts[1]) < TOGETHER
    for recording in recordings:
        assert len(recording.intervals()) == 1, "from the first word to the last without a hole"


def test_a_stop_silences_both_at_once_and_the_next_tape_is_heard_from_its_first_sample(
    player: Player, recorders: list[Recorder], make_tape: MakeTape
) -> None:
    player.load(make_tape(20_000), 0)
    begun = start(player)
    wait_until(lambda: wall_ms() > begun + 2_000, 10)
    player.stop()
    stopped = wall_ms()
    player.load(make_tape(1_000, seed=2), 0)
    again = start(player)
    for recording in heard(recorders, begun, again + 2_500):
        first, second = recording.intervals()
        assert first.end - stopped < STOPPED
        assert abs(second.start - again - 500) < EXACT
        assert abs(second.end - second.start - 1_000) < EXACT, "nothing of the first tape is heard again"


def test_the_silence_of_a_stop_is_taken_back_soon(snapcast: Snapcast) -> None:
    control = Control(snapcast.control_port)
    control.mute(control.served().groups, muted=True)
    assert control.served().muted
    watch = SnapcastWatch(snapcast.control_port)
    wait_until(lambda: not control.served().muted, 10)
    watch.close()
    control.close()


def test_a_client_that_is_gone_harms_no_other_and_comes_back(
    snapcast: Snapcast, player: Player, recorders: list[Recorder], make_tape: MakeTape
) -> None:
    watch = SnapcastWatch(snapcast.control_port)
    player.load(make_tape(14_000), 0)
    begun = start(player)
    wait_until(lambda: wall_ms() > begun + 2_000, 10)
    snapcast.leave(OTHER)
    left = wall_ms()
    wait_until(lambda: watch.troubles, 15)
    assert not watch.missing
    snapcast.join(OTHER)
    wait_until(lambda: not watch.troubles, 10)
    watch.close()
    wait_until(lambda: player.heard().ended, 25)
    assert not player.heard().fault
    one, other = heard(recorders, begun, begun + 15_500)
    (whole,) = one.intervals()
    assert abs(whole.end - whole.start - 14_000) < EXACT
    before, after = other.intervals()
    assert before.end < left + STOPPED
    assert abs(after.end - whole.end) < EXACT, "it is at the same place as the other"


def test_a_server_that_dies_is_told_and_the_next_tape_is_heard(
    snapcast: Snapcast, player: Player, recorders: list[Recorder], make_tape: MakeTape
) -> None:
    player.load(make_tape(20_000), 0)
    start(player)
    wait_until(lambda: player.heard().sounding, 10)
    snapcast.kill()
    wait_until(lambda: player.heard().fault, 3)
    assert "Snapcast" in player.heard().fault
    assert not player.heard().sounding
    assert "Snapcast" in player.missing()
    player.load(make_tape(1_000), 0)
    wait_until(lambda: player.heard().fault, 10)

    snapcast.start()
    wait_until(lambda: snapcast.connected() == 2, 20)
    assert not player.missing()
    player.load(make_tape(1_000), 0)
    begun = start(player)
    for recording in heard(recorders, begun, begun + 2_500):
        assert abs(recording.first_sound() - begun - 500) < EXACT


def test_a_server_that_stands_still_is_told(snapcast: Snapcast, player: Player, make_tape: MakeTape) -> None:
    player.load(make_tape(20_000), 0)
    start(player)
    wait_until(lambda: player.heard().sounding, 10)
    snapcast.signal(signal.SIGSTOP)
    try:
        wait_until(lambda: player.heard().fault, 6)
    finally:
        snapcast.signal(signal.SIGCONT)


def test_without_any_client_nothing_is_heard_and_that_is_told(
    tmp_path: Path, sound: SoundServer, make_tape: MakeTape
) -> None:
    with Snapcast(tmp_path / "alone", sound) as server:
        player = open_player(server.device, Clock())
        assert "Không có máy loa nào" in player.missing()
        player.load(make_tape(), 0)
        wait_until(lambda: "Không có máy loa nào" in player.heard().fault, 10)
        player.close()
