"""Live sources on air: heard where they are due, replaced soon when they fail, taken back when they return."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from station.air.feed import Evenness, Flow
from station.air.listening import location
from station.air.players import open_player
from station.air.ports import Player
from station.clock import Clock
from station.rules.rundown import BROWSER, Stretch, Tape
from tests.rig.icecast import Icecast
from tests.rig.microphone import DEVICE, microphone
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS
from tests.rig.server import SoundServer
from tests.rig.tapes import SILENCE, noise, write_tape
from tests.rig.waiting import wait_until, wall_ms

pytestmark = pytest.mark.sound

TONE = 440  # Hz, what the source sends; the tape beneath is white noise


@pytest.fixture
def icecast() -> Iterator[Icecast]:
    with Icecast(f"sine=frequency={TONE}") as server:
        yield server


def fed_tape(folder: Path, source: str, length: int = 60_000) -> Tape:
    """A second of noise, then a source over noise."""
    tape = write_tape(folder / "fed.wav", noise(length))
    return evolve(tape, stretches=(Stretch(source, "Đài bạn", 1_000, length - 2_000),))


class Air:
    """A tape on air, and what is heard of it now."""

    def __init__(self, recorder: Recorder, tape: Tape, sources: dict[str, str]) -> None:
        self.recorder = recorder
        self.player: Player = open_player("pulse:rig", Clock(), sources=sources)
        now = Clock().now()
        self.player.load(tape, 0)
        self.player.play(now.mono + 300)
        self.begun = now.wall + 300 + SILENCE

    def tone(self) -> bool:
        """Whether the last tenth of a second was the source's tone."""
        return self.share() > 0.5

    def tape(self) -> bool:
        """Whether it was the tape's noise."""
        return 0 < self.share() < 0.1

    def share(self) -> float:
        """How much of the power of what was just heard lies at the source's frequency; 0 for silence."""
        end = self.recorder.recording.end
        samples = self.recorder.recording.between(end - 100, end).samples.astype(float)
        if not len(samples) or np.sqrt(np.mean(samples**2)) < 100:
            return 0
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        at = round(TONE * len(samples) / (1_000 * PER_MS))
        return float(power[at - 3 : at + 4].sum() / power.sum())


@pytest.fixture
def air(recorder: Recorder) -> Iterator:
    players = []

    def begin(tape: Tape, sources: dict[str, str]) -> Air:
        players.append(Air(recorder, tape, sources))
        return players[-1]

    yield begin
    for it in players:
        it.player.close()


def test_a_stream_is_heard_and_its_loss_and_return_are_met_without_a_gap(air, icecast, tmp_path):
    on = air(fed_tape(tmp_path, "stream:ban"), {"stream:ban": icecast.address})
    wait_until(on.tape, 10)
    wait_until(on.tone, 10)
    assert on.player.heard().feed == ""

    icecast.stop()
    lost = wall_ms()
    wait_until(lambda: "Mất sóng “Đài bạn”" in on.player.heard().feed, 8)
    wait_until(on.tape, 8)
    assert wall_ms() - lost < 8_000, "5 s on a machine with time for it"

    icecast.start()
    wait_until(on.tone, 20)
    heard = on.recorder.recording.between(on.begun, on.recorder.recording.end)
    assert heard.longest_silence() < 60
    assert on.player.heard().feed == ""


def test_a_stalled_stream_is_noticed_though_libvlc_plays_on(air, icecast, tmp_path):
    on = air(fed_tape(tmp_path, "stream:ban"), {"stream:ban": icecast.address})
    wait_until(on.tone, 15)
    icecast.freeze()
    wait_until(on.tape, 10)
    icecast.thaw()
    wait_until(on.tone, 20)


def test_a_silent_stream_counts_as_lost(air, icecast, tmp_path):
    on = air(fed_tape(tmp_path, "stream:ban"), {"stream:ban": icecast.address})
    wait_until(on.tone, 15)
    icecast.starve()
    icecast.feed("anullsrc=r=44100")
    wait_until(lambda: "Mất sóng" in on.player.heard().feed, 15)
    wait_until(on.tape, 10)


def test_a_browsers_samples_are_heard(air, tmp_path):
    place = tmp_path / "live.sock"
    on = air(fed_tape(tmp_path, BROWSER), {BROWSER: str(place)})
    wait_until(place.exists, 10)
    samples = 8_000 * np.sin(2 * np.pi * TONE * np.arange(PER_MS * 12_000) / (1_000 * PER_MS))
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(place))
        link.setblocking(True)
        link.sendall(samples[: PER_MS * 3_000].astype("<i2").tobytes())
        wait_until(on.tone, 10)
    wait_until(on.tape, 15)
    assert "Chưa nhận được tiếng" in on.player.heard().feed


def test_a_microphone_of_the_sound_server_is_heard(air, sound_server: SoundServer, tmp_path):
    with microphone(sound_server, TONE):
        on = air(fed_tape(tmp_path, "microphone:ban"), {"microphone:ban": DEVICE})
        wait_until(on.tone, 15)


@pytest.mark.parametrize(("level", "gain"), [(-40, 12), (-24, 6), (-18, 0), (-6, -12)])
def test_quiet_and_loud_sources_are_brought_to_one_level(level: int, gain: int) -> None:
    from array import array  # noqa: PLC0415 - one test's

    evenness = Evenness()
    loud = round(32_768 * 10 ** (level / 20))
    for _ in range(200):
        heard = round(loud * 10 ** (evenness.gain / 20))
        evenness.hear(array("h", [heard, -heard] * 100))
        evenness.adjust()
    assert evenness.gain == pytest.approx(gain, abs=0.5)


def test_a_pause_changes_no_level() -> None:
    evenness = Evenness()
    evenness.adjust()
    assert evenness.gain == 0


def test_addresses_are_written_as_libvlc_reads_them():
    assert location("alsa:plughw:CARD=Device") == "alsa://plughw:CARD=Device"
    assert location("pulse:rig.monitor") == "pulse://rig.monitor"
    assert location("https://dai.example/vov1") == "https://dai.example/vov1"


def test_what_flowed_steadily_and_stands_has_stalled() -> None:
    flow = Flow()
    assert not any(flow.stalled(read) for read in range(1, 40))
    stands = [flow.stalled(39) for _ in range(12)]
    assert stands.index(True) * 0.25 < 3


def test_what_comes_in_pieces_or_is_not_counted_never_stalls() -> None:
    pieces, uncounted = Flow(), Flow()
    assert not any(pieces.stalled(at // 24 * 100_000) for at in range(400))
    assert not any(uncounted.stalled(0) for _ in range(400))
