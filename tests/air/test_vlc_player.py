"""libVLC heard: every sample at its instant, and every way in which nothing is heard is noticed."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from station.air import devices
from station.air.fitting import fitting_player
from station.air.players import open_player
from station.air.ports import Fault, Player
from station.air.view import FADE_IN
from station.clock import Clock
from station.rules.rundown import Tape
from tests.air.conftest import MakeTape
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.server import SWALLOWING, SoundServer
from tests.rig.tapes import SILENCE, noise
from tests.rig.waiting import wait_until, wall_ms

pytestmark = pytest.mark.sound

PROMPT = 15  # ms by which a start is off its instant; measured: 1 to 3
SOON = 2_000  # ms in which a deck is ready, on a busy machine too
STARVED = 400  # ms, on a machine with three times more to do than it can; measured: up to 180
HELD_UP, IN_PLACE = 600, 60  # ms
TRIES = 10


@pytest.fixture
def player(sound_server: SoundServer) -> Iterator[Player]:
    assert sound_server
    player = open_player("pulse:rig", Clock())
    yield player
    player.close()


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server that the test may break, with another sink to flee to."""
    with SoundServer(tmp_path, "norewinds=1", "module-null-sink sink_name=other") as server:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        yield server


def _play(player: Player, tape: Tape, offset: int = 0) -> float:
    """Play to the end; returns the wall-clock ms at which it was to start."""
    player.load(tape, offset)
    called = begin(player)
    wait_until(lambda: player.heard().ended, timeout=tape.length / 1e3 + 5)
    return called


def _decks() -> list[int]:
    """The processes of this test that play."""
    children = [int(it) for task in Path("/proc/self/task").glob("*/children") for it in task.read_text().split()]
    return [it for it in children if "station.air.deck" in Path(f"/proc/{it}/cmdline").read_text()]


def begin(player: Player) -> float:
    """Let what was loaded start soon; returns the instant in wall ms."""
    now = Clock().now()
    player.play(now.mono + SOON)
    return now.wall + SOON


def _recorded(recorder: Recorder, start: float, end: float) -> Recording:
    wait_until(lambda: recorder.heard_until(end))
    return recorder.recording.between(start, end)


def test_every_sample_is_heard_at_its_instant(player: Player, recorder: Recorder, make_tape: MakeTape) -> None:
    called = _play(player, make_tape(2_000))

    heard = _recorded(recorder, called - 200, wall_ms())
    found = heard.find(noise(2_000))

    assert found.missing == 0
    assert -PROMPT <= found.start - SILENCE - called < STARVED
    assert heard.longest_silence() < 1
    assert [round(sound.end - sound.start, -1) for sound in heard.intervals()] == [2_000]


def test_it_starts_on_time(player: Player, recorder: Recorder, make_tape: MakeTape) -> None:
    """A start is prompt, unless the machine had no time for it: one in a few is enough to know."""
    tape = make_tape(200)
    starts = (_start_error(player, recorder, tape) for _ in range(TRIES))
    assert any(abs(error) < PROMPT for error in starts)


def _start_error(player: Player, recorder: Recorder, tape: Tape) -> float:
    player.load(tape, 0)
    instant = begin(player)
    heard = _recorded(recorder, instant, instant + tape.length + STARVED)
    return heard.first_sound() - tape.lead - instant


def test_a_tape_without_silence_loses_neither_head_nor_tail(
    player: Player, recorder: Recorder, make_tape: MakeTape
) -> None:
    """A starved machine can lose a head of 20 ms: that is what a tape's silence is for."""
    tape = make_tape(1_000, silence=0)
    calls = (_play(player, tape) for _ in range(TRIES))
    assert any(_recorded(recorder, it - 200, wall_ms()).find(noise(1_000)).missing == 0 for it in calls)


@pytest.mark.parametrize("offset", [730, 1_501])
def test_an_offset_is_met_to_the_millisecond(
    player: Player, recorder: Recorder, make_tape: MakeTape, offset: int
) -> None:
    called = _play(player, make_tape(2_000), offset)
    rest = noise(2_000)[(offset - SILENCE + FADE_IN) * PER_MS :]
    found = _recorded(recorder, called - 200, wall_ms()).find(rest)
    assert found.missing <= 1
    assert -PROMPT <= found.start - FADE_IN - called < STARVED


def test_stop_is_silence(player: Player, recorder: Recorder, make_tape: MakeTape) -> None:
    player.load(make_tape(5_000), SILENCE)
    begun = begin(player)
    wait_until(lambda: player.heard().sounding)
    stopped = wall_ms()
    player.stop()
    heard = _recorded(recorder, begun, stopped + 1_500)
    assert [sound.end for sound in heard.intervals()] == [pytest.approx(stopped, abs=STARVED)]


def test_position_tells_what_is_heard(player: Player, recorder: Recorder, make_tape: MakeTape) -> None:
    player.load(make_tape(2_000), 0)
    begin(player)
    told = []
    while not player.heard().ended:
        wait_until(lambda: player.heard().sounding)
        told.append((wall_ms(), player.heard().position))
        wait_until(lambda: wall_ms() > told[-1][0] + 100)
    found = _recorded(recorder, told[0][0] - 1_000, wall_ms()).find(noise(2_000))
    errors = [position - SILENCE - (instant - found.start) for instant, position in told if position < 3_000]
    assert np.max(np.abs(errors)) < STARVED


def test_a_sink_that_is_not_there_is_a_fault_until_it_comes(own_server: SoundServer, make_tape: MakeTape) -> None:
    player = open_player("pulse:usb", Clock())
    assert "Không tìm thấy ngõ ra “usb”" in player.missing()
    assert "Không tìm thấy ngõ ra “usb”" in _fault_of(player, make_tape())
    own_server.control("load-module", "module-null-sink", "sink_name=usb", "norewinds=1")
    assert player.missing() == ""
    player.load(make_tape(300), 0)
    begin(player)
    wait_until(lambda: player.heard().sounding)
    player.close()


@pytest.mark.parametrize("device", ["alsa:hw:CARD=Nope", "hw:CARD=Nope", "pulse", "alsa:no such thing"])
def test_a_named_device_that_is_not_there_is_never_simulated(
    device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_tape: MakeTape
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    player = open_player(device, Clock())
    assert not player.simulated
    for _ in range(2):
        assert re.search(r"âm thanh.*\.", _fault_of(player, make_tape()))
    player.close()


def test_the_default_device_is_looked_for_at_every_tape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_tape: MakeTape
) -> None:
    server = SoundServer(tmp_path)
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    player = open_player("default", Clock())
    assert not player.missing()
    assert player.simulated
    with server:
        player.load(make_tape(), 0)
        wait_until(lambda: not player.simulated)
        player.stop()
    player.load(make_tape(), 0)
    wait_until(lambda: player.simulated)
    player.close()


def test_a_card_that_is_there_but_cannot_be_used_is_never_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_tape: MakeTape
) -> None:
    cards = tmp_path / "cards"
    cards.write_text(" 0 [Device         ]: USB-Audio - USB Audio Device\n")
    monkeypatch.setattr(devices, "_CARDS", cards)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    player = fitting_player("default", Clock(), {})
    assert not player.simulated
    with pytest.raises(Fault, match="card âm thanh mặc định"):
        player.load(make_tape(), 0)
    player.close()


def test_each_card_that_plays_may_be_chosen_and_says_why_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards, streams = tmp_path / "cards", tmp_path / "pcm"
    monkeypatch.setattr(devices, "_CARDS", cards)
    monkeypatch.setattr(devices, "_STREAMS", streams)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    cards.write_text("--- no soundcards ---\n")
    assert [(it.device, it.missing) for it in devices.choices(busy=False)] == [
        ("default", "Máy này không có card âm thanh nào.")
    ]
    cards.write_text(
        " 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n"
        "                      bcm2835 Headphones\n"
        " 1 [Device         ]: USB-Audio - USB Audio Device\n"
        "                      C-Media USB Audio Device at usb-1.2, full speed\n"
        " 2 [Micro          ]: USB-Audio - Micro\n"
    )
    streams.write_text(
        "00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8\n"
        "01-00: USB Audio : USB Audio : playback 1 : capture 1\n"
        "01-01: USB Audio : USB Audio #1 : playback 1\n"
        "02-00: USB Audio : USB Audio : capture 1\n"
    )
    assert [(it.device, it.title) for it in devices.choices(busy=True)] == [
        ("default", "Máy tự chọn"),
        ("alsa:plughw:CARD=Headphones,DEV=0", "bcm2835 Headphones"),
        ("alsa:plughw:CARD=Device,DEV=0", "USB Audio Device"),
        ("alsa:plughw:CARD=Device,DEV=1", "USB Audio Device, USB Audio #1"),
    ]
    default, *named = devices.choices(busy=False)
    assert not default.missing
    assert all("plughw:CARD=" in it.missing for it in named), "they are not truly there"


def test_a_server_with_nothing_but_a_dummy_sink_is_no_sound_device(own_server: SoundServer) -> None:
    for sink in ("rig", "other"):
        own_server.control("unload-module", _module_of(own_server, sink))
    own_server.control("load-module", "module-null-sink", "sink_name=auto_null")
    assert "Không có card âm thanh nào" in open_player("pulse", Clock()).missing()


def _module_of(server: SoundServer, sink: str) -> str:
    modules = server.control("list", "short", "modules").splitlines()
    return next(line.split()[0] for line in modules if f"sink_name={sink}" in line)


def _fault_of(player: Player, tape: Tape) -> str:
    """What is told of a tape that cannot be played."""
    player.load(tape, 0)
    wait_until(lambda: player.heard().fault)
    assert not player.heard().sounding
    return player.heard().fault


def _fault_after(player: Player, tape: Tape, trouble: object = None, timeout: float = 5) -> str:
    """Play, let `trouble` happen once there is sound, and return what the player then says."""
    player.load(tape, 0)
    begin(player)
    if callable(trouble):
        wait_until(lambda: player.heard().sounding)
        trouble()
    wait_until(lambda: player.heard().fault, timeout)
    heard = player.heard()
    assert not heard.sounding
    player.close()
    return heard.fault


def test_a_device_that_throws_the_sound_away_is_noticed(make_tape: MakeTape) -> None:
    assert "nuốt mất âm thanh" in _fault_after(open_player("alsa:null", Clock()), make_tape(3_000))


def test_a_sound_server_that_dies_is_noticed_and_its_successor_is_played_to(
    own_server: SoundServer, make_tape: MakeTape
) -> None:
    player = open_player("pulse:rig", Clock())
    tape = make_tape(3_000)
    player.load(tape, 0)
    begin(player)
    wait_until(lambda: player.heard().sounding)
    own_server.stop()
    wait_until(lambda: player.heard().fault)
    assert "không chạy" in _fault_of(player, tape)

    own_server.start()
    player.load(tape, 0)
    begin(player)
    wait_until(lambda: player.heard().sounding)
    player.close()


def test_sound_that_is_moved_to_another_device_is_noticed(own_server: SoundServer, make_tape: MakeTape) -> None:
    pull_out = lambda: own_server.control("unload-module", _module_of(own_server, "rig"))  # noqa: E731 - a trouble
    fault = _fault_after(open_player("pulse:rig", Clock()), make_tape(3_000), pull_out)
    assert "chuyển từ ngõ ra “rig” của máy chủ âm thanh sang “other”" in fault


def test_a_sink_that_goes_with_no_other_to_take_over_is_noticed(
    own_server: SoundServer, make_tape: MakeTape
) -> None:
    own_server.control("unload-module", _module_of(own_server, "other"))
    pull_out = lambda: own_server.control("unload-module", _module_of(own_server, "rig"))  # noqa: E731 - a trouble
    assert "báo lỗi" in _fault_after(open_player("pulse:rig", Clock()), make_tape(3_000), pull_out)


def test_a_buffer_that_swallows_part_of_the_sound_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_tape: MakeTape
) -> None:
    with SoundServer(tmp_path, SWALLOWING) as server, Recorder(server, fragment=2_000) as recorder:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        wait_until(lambda: recorder.recording, timeout=5)
        player = open_player("pulse:rig", Clock())
        _play(player, make_tape(2_000))
        heard = player.heard()
        player.close()
    assert heard.lost > 100


def test_a_deck_that_was_held_up_leaves_out_what_should_have_sounded(
    player: Player, recorder: Recorder, make_tape: MakeTape
) -> None:
    tape = make_tape(9_000)
    player.load(tape, 0)
    called = begin(player)
    wait_until(lambda: player.heard().position > 3_000, 6)
    (deck,) = _decks()
    os.kill(deck, signal.SIGSTOP)
    held_until = wall_ms() + HELD_UP
    wait_until(lambda: wall_ms() > held_until)
    os.kill(deck, signal.SIGCONT)
    wait_until(lambda: player.heard().ended, 10)
    later = 6_000
    sound = noise(9_000)[later * PER_MS :][: 1_000 * PER_MS]
    at = called + SILENCE + later
    assert player.heard().lost > 0
    assert recorder.recording.between(at - 300, at + 1_600).find(sound).start == pytest.approx(at, abs=IN_PLACE)


def test_a_sink_that_is_suspended_is_noticed(own_server: SoundServer, make_tape: MakeTape) -> None:
    player = open_player("pulse:rig", Clock())
    player.load(make_tape(4_000), 0)
    begin(player)
    wait_until(lambda: player.heard().sounding)
    own_server.control("suspend-sink", "rig", "1")
    wait_until(lambda: player.heard().fault or player.heard().lost, timeout=4)
    player.close()
