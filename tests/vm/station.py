"""A station in an emulated Pi: installed by its own `install.sh`, with something to air."""

import json
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from tests.rig.recording import RATE
from tests.rig.waiting import mono_ns, wait_until
from tests.vm.image import CHECKOUT, HERE
from tests.vm.machine import Machine

HIGH, LOW = 17, 27  # the pins of home/station.toml: on by a high level, and on by a low one
HOME = "/var/lib/station"
TREE = "/root/loa-xa"
LENGTH_S = 150  # of the programme
PITCH = 440  # Hz
UNITS = ("station", "station-web")
# A unit that has a /proc of its own sees the board's revision there too, as on a Pi. Emulation takes its time: half
# a second's work on a Pi would be killed for running wild.
_BOARD = "[Service]\nBindReadOnlyPaths=/run/cpuinfo:/proc/cpuinfo\nTimeoutStartSec=10min\nLimitRTTIME=infinity\n"
_LEFT_OUT = ("./.git", "./.venv", "./var", "./docs/pictures", "__pycache__", ".*_cache", "*.egg-info")
_ASK = HERE / "guest/ask.py"
_ASK_PAGE = "python3 -c 'import urllib.request as it; it.urlopen(\"http://127.0.0.1:8080/\", timeout=20)'"
_PATIENCE_S = 3600.0  # for apt and pip under emulation


@frozen
class Installed:
    """How an installation went: its exit status, its words, and the seconds that it took."""

    status: int
    said: str
    seconds: float


class Station:
    """The station of a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def bring(self, tree: Path = CHECKOUT, to: str = TREE) -> None:
        """Copy a source tree into the machine, as `git clone` would."""
        self.machine.copy(tree, to, exclude=_LEFT_OUT)
        for unit in UNITS:
            self.machine.write(f"/etc/systemd/system/{unit}.service.d/board.conf", _BOARD)

    def install(self, tree: str = TREE, *arguments: str) -> Installed:
        """Run the tree's `install.sh`."""
        begun = mono_ns()
        done = self.machine.result(f"cd {tree} && ./install.sh {' '.join(arguments)} 2>&1", timeout=_PATIENCE_S)
        return Installed(done.returncode, done.stdout.decode(), (mono_ns() - begun) / 1e9)

    def furnish(self) -> None:
        """Give it zones on both pins, the sound card, and an approved programme."""
        self.machine.copy(HERE / "home", HOME)
        self.machine.run("cat >/var/tmp/tin-thu.wav", stdin=_programme())
        self.machine.run(f"chown -R station: {HOME} && systemctl restart station", timeout=300)
        self.wait_until_ready()
        self.command("add /var/tmp/tin-thu.wav --title 'Tin thử' --kind news --approve", timeout=1_800)

    def command(self, words: str, timeout: float = 120) -> str:
        """Run the station's own command and give what it prints."""
        return self.machine.run(f"station {words}", timeout=timeout)

    def status(self) -> dict[str, Any]:
        """What the player says of itself; empty while none answers."""
        done = self.machine.result("python3 -", stdin=_ASK.read_bytes())
        value: dict[str, Any] = json.loads(done.stdout)["value"] if done.returncode == 0 else {}
        return value

    def wait_until_ready(self, timeout: float = 900) -> None:
        """Return once the player answers, the page answers and both units are active."""
        wait_until(self.is_ready, timeout, every=1)

    def is_ready(self) -> bool:
        """Whether the page and the player answer now."""
        return (
            self.machine.status(f"systemctl -q is-active {' '.join(UNITS)}") == 0
            and bool(self.status())
            and self.machine.status(_ASK_PAGE) == 0
        )

    def air_at(self, minute: str, *, late: str = "skip", times: int = 1) -> None:
        """Write a schedule that airs the programme so many times on end at HH:MM in Vietnam, each day."""
        self.machine.write(
            f"{HOME}/schedules/thu.toml",
            f'title = "Thử"\nzones = ["all"]\nlate = "{late}"\n\n[[air]]\ndays = "daily"\nat = "{minute}"\n'
            + '\n[[rundown]]\nplay = "tin-thu"\n' * times,
        )
        self.machine.run(f"chown -R station: {HOME}/schedules")

    def air_soon(self, *, late: str = "skip", times: int = 1, lead_s: int = 60) -> float:
        """Have it air at the first minute that is at least `lead_s` away; gives its wall ms."""
        start = -(-(self.machine.wall_ms() + lead_s * 1000) // 60_000) * 60_000
        minute = self.machine.run(f"TZ=Asia/Ho_Chi_Minh date -d @{start / 1000:.0f} +%H:%M").strip()
        self.air_at(minute, late=late, times=times)
        return start

    def log(self) -> list[dict[str, Any]]:
        """The as-run log."""
        told: list[dict[str, Any]] = json.loads(self.command("log --json"))
        return told

    def wait_for_record(self, timeout: float = 300) -> dict[str, Any]:
        """The newest record, once all have their result."""
        wait_until(self._is_told, timeout, every=2)
        return self.log()[-1]

    def _is_told(self) -> bool:
        """Whether there are records and none is open; asked of the database, since the command is slow here."""
        query = "SELECT count(*) > 0 AND count(*) = count(result) FROM as_run"
        done = self.machine.result(f"sqlite3 -readonly {HOME}/station.db '{query}'")
        return done.stdout.strip() == b"1"


def _programme() -> bytes:
    """A tone, as a WAV file."""
    samples = 8_000 * np.sin(2 * np.pi * PITCH * np.arange(LENGTH_S * RATE) / RATE)
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()
