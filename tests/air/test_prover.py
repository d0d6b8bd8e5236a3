"""Proof of air on real sound servers: heard, silent, another sound; and a card whose clock is wrong."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from station.air.devices import Output
from station.air.players import open_player
from station.air.ports import Heard, Player
from station.air.prover import steer
from station.air.vlc_player import VlcPlayer
from station.clock import Clock
from station.rules.proof import Verdict
from tests.air.conftest import MakeTape
from tests.rig.card import CARD, WrongCard
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS
from tests.rig.server import TRUTHFUL, SoundServer
from tests.rig.tapes import SILENCE, noise, write_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

pytestmark = pytest.mark.sound

SOON = 3_000  # ms; a deck starts in one, on a busy machine in two
ALIGNED = 10.0  # ms; measured: up to 6


def test_what_is_late_goes_on_faster_until_it_is_in_step() -> None:
    assert steer(0, 1.0) == steer(1.5, 1.0) == steer(-1.5, 1.0) == 1.0
    assert steer(3, 1.0) == pytest.approx(1.001)
    assert steer(-3, 1.0) == pytest.approx(0.999)
    assert steer(1, 1.001) == pytest.approx(1.001), "it is not there yet"
    assert steer(0.2, 1.001) == steer(-0.4, 1.001) == 1.0
    assert steer(70, 1.0) == pytest.approx(1.004), "never so much that it is heard"


def _muffled(sound: np.ndarray) -> np.ndarray:
    """Without what is above some kHz, which a resampled copy would not share."""
    return (4 * np.convolve(sound, np.ones(24) / 24, "same")).astype(np.int16)


def _mute(server: SoundServer) -> None:
    for stream in server.control("list", "short", "sink-inputs").splitlines():
        server.control("set-sink-input-mute", stream.split()[0], "1")


class TestProof:
    """What the ear says of a tape."""

    @pytest.fixture
    def heard(self, sound_server: SoundServer, make_tape: MakeTape) -> Iterator[Callable[..., Heard]]:
        """Play with a monitor and meddle; what is heard once the proof comes to a verdict."""
        players: list[Player] = []

        def play(verdict: Verdict, meddle: Callable[[], object] = lambda: None) -> Heard:
            assert sound_server
            player = open_player("pulse:rig", Clock(), monitor="pulse:rig.monitor")
            players.append(player)
            player.load(make_tape(30_000), 0)
            player.play(Clock().now().mono + SOON)
            wait_until(lambda: player.heard().sounding, 5)
            meddle()
            wait_until(lambda: player.heard().proof.verdict is verdict, 28)
            return player.heard()

        yield play
        for player in players:
            player.close()

    def test_a_tape_that_came_out_is_heard(self, heard) -> None:
        proof = heard(Verdict.HEARD).proof
        assert proof.level == pytest.approx(0, abs=0.5)
        assert abs(proof.late) < 60

    def test_a_stream_that_is_muted_is_silent(self, heard, sound_server) -> None:
        proof = heard(Verdict.SILENT, lambda: _mute(sound_server)).proof
        assert proof.level < -40

    def test_what_a_stranger_plays_is_not_taken_for_the_tape(self, heard, sound_server, tmp_path) -> None:
        strange = tmp_path / "strange.wav"
        write_tape(strange, noise(40_000, seed=9), 0)
        play = ["ffmpeg", "-nostdin", "-v", "error", "-re", "-i", strange, "-f", "pulse", "-device", "rig", "x"]

        def meddle() -> None:
            _mute(sound_server)
            strangers.append(subprocess.Popen(play, env=os.environ))

        strangers: list[subprocess.Popen[bytes]] = []
        try:
            assert heard(Verdict.OTHER, meddle).proof.match < 0.5
        finally:
            for stranger in strangers:
                stranger.kill()
                stranger.wait()


@pytest.fixture
def favoured() -> Iterator[None]:
    """The weight that its unit gives the player (CPUWeight=500), where that is allowed; its deck has it, too."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -7)
    yield
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, before)


@pytest.mark.usefixtures("favoured")
def test_a_card_whose_clock_is_wrong_is_kept_in_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    length, wrong = 36_000, 600  # ms, parts per million: 22 ms by the end
    sound = _muffled(noise(length))
    card = WrongCard(tmp_path, wrong)
    with SoundServer(tmp_path, TRUTHFUL, card.module) as server, card:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        player = open_player(f"pulse:{CARD}", Clock(), monitor=f"pulse:{CARD}.monitor")
        player.load(write_tape(tmp_path / "tape.wav", sound), 0)
        now = Clock().now()
        player.play(now.mono + SOON)
        begun = now.wall + SOON + SILENCE
        wait_until_wall(begun + length + 100)
        player.close()
        heard = card.recording
    ends_late = [
        heard.between(begun + at - 100, begun + at + 300).find(sound[at * PER_MS :][: 200 * PER_MS]).start
        - begun
        - at
        for at in range(length - 9_000, length - 1_000, 1_000)
    ]
    assert abs(float(np.median(ends_late))) < ALIGNED, ends_late


def test_another_rate_comes_without_a_step(sound_server: SoundServer, recorder: Recorder, tmp_path: Path) -> None:
    assert sound_server
    loud, pitch = 10_000, 2 * np.pi * 440 / 48_000
    sine = (loud * np.sin(pitch * np.arange(6_000 * PER_MS))).astype(np.int16)
    player = VlcPlayer(Output("pulse", "rig"), Clock(), {}, steered=True)
    player.load(write_tape(tmp_path / "sine.wav", sine), 0)
    player.play(Clock().now().mono)
    wait_until(lambda: player.heard().sounding, 5)
    begun = wall_ms()
    for number, rate in enumerate((1.001, 0.999, 1.004, 1.0), 1):
        wait_until_wall(begun + number * 1_000)
        player.set_rate(rate)
    wait_until(lambda: player.heard().ended, 10)
    player.close()
    heard = recorder.recording
    inside = heard.between(heard.first_sound() + 100, heard.intervals()[-1].end - 100).samples.astype(int)
    bends = np.abs(np.diff(inside, 2))
    assert bends.max() < 2.5 * loud * pitch**2, "a lost or doubled sample bends it twenty times as much"
