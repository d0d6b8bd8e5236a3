"""A practice station: whatever its file names, nothing real is switched or sounds; it is heard by the browser."""

import subprocess
import sys
from pathlib import Path

from station.stores.config import Config, read_config
from station.stores.home import open_home, places
from tests.running import RunningStation

REAL = """\
name = "Đài thật"
practice = true
trust_clock = true
allowed_hours = ["00:00-24:00"]
level = []
[audio]
device = "alsa:hw:CARD=Device"
monitor = "pulse:loa.monitor"
delay = 20
[panel]
led = 5
stop_button = 6
[zones.bac]
title = "Thôn Bắc"
warm_up = "1s"
pin = 17
feedback = 18
"""


def config(folder: Path, text: str) -> Config:
    (folder / "station.toml").write_text(text)
    return read_config(folder / "station.toml", folder / "good.toml").config


def test_what_its_file_names_is_not_touched(tmp_path: Path):
    practice = config(tmp_path, REAL)
    assert (practice.zones["bac"].pin, practice.zones["bac"].feedback) == (None, None)
    assert (practice.audio.device, practice.audio.monitor) == ("none", "")
    assert (practice.panel.led, practice.panel.stop_button) == (None, None)
    aloud = config(tmp_path, "practice_sound = true\n" + REAL)
    assert aloud.audio.device == "default", "never the device that a real station names"
    assert aloud.zones["bac"].pin is None
    real = config(tmp_path, REAL.replace("practice = true", "practice_sound = true"))
    assert (real.zones["bac"].pin, real.audio.device) == (17, "alsa:hw:CARD=Device")


def test_a_whole_broadcast_opens_no_pin_and_no_sound_device(tmp_path: Path):
    with RunningStation(tmp_path, REAL) as station:
        station.add_noise(2_000)
        station.start()
        assert station.command("play", "nen").returncode == 0
        air = station.status()["on_air"]
        assert air["tape"].endswith(".wav")
        assert (station.home / "tapes" / air["tape"]).is_file()
        assert 0 < air["heard"] < 4
        assert "mô phỏng" in station.status()["sound"]["device"]
        assert [zone["simulated"] for zone in station.status()["zones"]] == [True]
        opened = [str(it.readlink()) for it in Path(f"/proc/{station.pid}/fd").iterdir() if it.is_symlink()]
        assert not [it for it in opened if it.startswith(("/dev/snd", "/dev/gpio"))]
        children = subprocess.run(
            ["ps", "--ppid", str(station.pid), "-o", "args="], capture_output=True, text=True, check=False
        )
        assert "deck" not in children.stdout, "no libVLC either"
        station.aired("phat-ngay/nen")


def test_a_real_station_does_not_tell_its_tape(tmp_path: Path):
    real = (
        REAL.replace("practice = true\n", "")
        .replace("alsa:hw:CARD=Device", "none")
        .replace("pulse:loa.monitor", "")
    )
    bare = "\n".join(line for line in real.splitlines() if not line.startswith(("pin", "feed", "led", "stop_b")))
    with RunningStation(tmp_path, bare) as station:
        station.add_noise(2_000)
        station.start()
        assert station.command("play", "nen").returncode == 0
        assert "tape" not in station.status()["on_air"]


def test_practice_is_never_made_of_a_real_station(tmp_path: Path):
    with RunningStation(tmp_path, REAL.replace("practice = true\n", "")) as station:
        refused = subprocess.run(
            [sys.executable, "-m", "station", "practice", station.home], capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert "của một đài thật" in refused.stderr
        assert not list(station.schedules.iterdir())
        assert open_home(places(station.home)).library.segments() == ()


def test_practice_is_silent_unless_it_may_be_heard_here(tmp_path: Path):
    for options, device in ((), "none"), (("--sound",), "default"):
        home = tmp_path / device
        made = subprocess.run(
            [sys.executable, "-m", "station", "practice", *options, home], capture_output=True, check=False
        )
        assert made.returncode == 0
        assert read_config(home / "station.toml", tmp_path / "good.toml").config.audio.device == device
