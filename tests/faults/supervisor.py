"""A stand-in for systemd with the station's own unit: starts the player, and starts it again however it ended.

It runs what `ExecStopPost=` runs, waits for `WATCHDOG=1` and kills a player that stopped saying so.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Self

from tests.rig.waiting import wait_until, wall_ms

RESTART_S = 0.1  # as the unit
WATCHDOG_S = 5.0  # the unit's is 10 s: less makes the campaign shorter, not easier
OFF = (sys.executable, "-m", "station.air.off")  # the unit's ExecStopPost=
START_S = 10.0  # the unit's TimeoutStartSec: a player that is not ready by then is ended too


class Supervisor:
    """Keeps one player running while entered; `switched_off` is when the amplifiers had gone off, in wall ms."""

    def __init__(self, home: Path, log: Path) -> None:
        self._command = [sys.executable, "-m", "station", "--home", str(home)]
        self._environment = os.environ | {"STATION_HOME": str(home)}
        self._log = log
        self._notify = home / "run" / "notify.sock"
        self._ending = Event()
        self._ready = Event()
        self._thread = Thread(target=self._keep, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.deaths: list[float] = []
        self.switched_off: list[float] = []
        self.left_on: list[str] = []

    @property
    def pid(self) -> int:
        """The player that runs now, or ran last."""
        assert self._process
        return self._process.pid

    def __enter__(self) -> Self:
        self._notify.parent.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        wait_until(self._ready.is_set, 30)
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        self._thread.join(30)

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._run_once()
            self.deaths.append(wall_ms())
            told = subprocess.run(OFF, check=False, capture_output=True, text=True, env=self._environment)
            self.switched_off.append(wall_ms())
            if told.returncode:
                self.left_on.append(told.stderr)
            self._ending.wait(RESTART_S)

    def _run_once(self) -> None:
        self._notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, self._log.open("ab") as log:
            notified.bind(str(self._notify))
            notified.settimeout(0.2)
            environment = os.environ | {"NOTIFY_SOCKET": str(self._notify)}
            self._process = subprocess.Popen(
                [*self._command, "run", "--verbose"], stdout=log, stderr=log, env=environment
            )
            self._watch(notified, self._process)

    def _watch(self, notified: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        """Until it ends, or has not fed the watchdog for too long."""
        patience = START_S
        fed = wall_ms()
        while process.poll() is None:
            try:
                notified.recv(1 << 12)
                fed, patience = wall_ms(), WATCHDOG_S
                self._ready.set()
            except TimeoutError:
                if wall_ms() - fed > patience * 1e3:
                    process.kill()
                    process.wait()
