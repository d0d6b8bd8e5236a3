"""A station for tests: a home of its own, its command line, and its player as a real process."""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from station.control.client import PlayerDown, ask
from station.control.messages import Status
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wall_ms

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

CONFIG = """\
name = "Đài thử"
trust_clock = true
allowed_hours = ["00:00-24:00"]
level = []
[audio]
device = "{device}"
[zones.bac]
title = "Thôn Bắc"
warm_up = "1s"
linger = "1s"
rest = "1s"
[zones.dong]
title = "Thôn Đông"
warm_up = "1s"
linger = "1s"
rest = "1s"
[approval]
one_person = true
"""

SCHEDULE = """\
title = "{title}"
{more}
[[air]]
days = ["{day}"]
at = "{clock}"
{until}
[[rundown]]
{item}
"""


class RunningStation:
    """A home in `folder`; `start` runs its player, and leaving the context kills what is left of it.

    `before` goes before every command line of it.
    """

    def __init__(
        self, folder: Path, config: str = CONFIG, device: str = "default", before: tuple[str, ...] = ()
    ) -> None:
        self.before = before
        self.home = folder / "home"
        self.schedules = self.home / "schedules"
        self.schedules.mkdir(parents=True)
        (self.home / "station.toml").write_text(config.replace("{device}", device))
        self.before: tuple[str, ...] = ()  # programs that become the player
        self._log = folder / "player.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run `station …` to its end, with that on its standard input."""
        return subprocess.run(
            [*self.before, sys.executable, "-m", "station", "--home", self.home, *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
            env={**os.environ, "STATION_HOME": "", "STATION_CONFIG": ""},
        )

    def json(self, *arguments: str) -> Any:
        """The JSON value that `station … --json` prints."""
        return json.loads(self.command(*arguments, "--json").stdout)

    def add_noise(self, length: int) -> str:
        """Take `length` ms of noise into the library as `nen`, every part known by its sound; gives its file."""
        file = write_tape(self.home.parent / "nen.wav", noise(length), silence=0).path
        done = self.command("add", file, "--approve")
        assert done.returncode == 0, done.stderr
        return file

    def start(self) -> Self:
        """Start the player and wait until it answers."""
        with self._log.open("ab") as log:
            command = [*self.before, sys.executable, "-m", "station", "--home", self.home, "run"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, 30)
        return self

    def kill(self) -> None:
        """End the player as a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def signal(self, number: int) -> None:
        """Send the player a signal."""
        assert self._process
        self._process.send_signal(number)

    def freeze(self) -> None:
        """Stop the player where it is."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def terminate(self) -> int:
        """End the player as systemd does; gives its exit status."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the player wrote for its technician."""
        return self._log.read_text()

    def status(self) -> dict[str, Any]:
        """What `station status --json` prints, without starting a command for each look."""
        return dict(ask(self.home / "run" / "station.sock", Status()).value)

    def on_air(self) -> Any:
        """What sounds now, once its first sample has gone out."""
        on_air = self.status()["on_air"]
        return on_air if on_air and on_air["phase"] == "on air" else None

    def aired(self, schedule: str, result: str = "aired", timeout: float = 60) -> None:
        """Wait until the log has that result."""
        wait_until(lambda: (schedule, result) in self.results(), timeout, every=0.5)

    def results(self) -> list[tuple[str, str | None]]:
        """Each record's schedule and result."""
        return [(it["schedule"], it["result"]) for it in self.json("log")]

    def switchings(self) -> list[tuple[float, str, bool]]:
        """When which amplifier was switched how, in wall ms, by the player's own log."""
        found = re.findall(r"^(\S+ \S+) INFO station.air.loop: amplifier (\S+) (on|off)$", self.log, re.MULTILINE)
        return [
            (dt.datetime.strptime(when, "%Y-%m-%d %H:%M:%S,%f").timestamp() * 1000, zone, how == "on")  # noqa: DTZ007
            for when, zone, how in found
        ]

    def schedule(
        self, name: str, seconds_ahead: float, item: str, more: str = "", seconds_long: float = 0
    ) -> float:
        """Write a schedule that airs once, so many seconds from now; gives its start in wall ms.

        With `seconds_long` it has a hard end.
        """
        start = int(wall_ms() / 1000 + seconds_ahead + 1)
        begins = dt.datetime.fromtimestamp(start, HANOI)
        ends = begins + dt.timedelta(seconds=seconds_long)
        written = SCHEDULE.format(
            title=name,
            day=begins.date(),
            clock=f"{begins:%H:%M:%S}",
            until=f'hard_end = "{ends:%H:%M:%S}"' if seconds_long else "",
            item=item,
            more=more,
        )
        (self.schedules / f"{name}.toml").write_text(written)
        return start * 1000

    def _answers(self) -> bool:
        assert self.alive, self.log
        try:
            return bool(self.status())
        except PlayerDown:
            return False


def speech(path: Path, text: str) -> Path:
    """Real speech as an MP3 file, as a phone would make it."""
    wav = path.with_suffix(".wav")
    subprocess.run(["espeak-ng", "-v", "vi", "-w", wav, text], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", wav, "-b:a", "96k", path], check=True)
    return path
