"""A satellite as a real process, on pins that stand in for a Pi's, and whoever else talks to it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from secrets import token_bytes
from typing import Any, Self

from station.rules.sealed import Keys, opened, sealed, session
from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until


class RunningSatellite:
    """`station satellite run` with its home in `folder`, while entered; `pins` are the environment of its Pi."""

    def __init__(self, folder: Path, pins: dict[str, str]) -> None:
        self._home = folder / "satellite"
        self._pins = pins
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "satellite.log"

    @property
    def pi(self) -> str:
        """What a zone's `pi` must be."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text()

    def secret(self) -> str:
        """What `station satellite secret` prints."""
        return self._run("-m", "station", "--home", str(self._home), "satellite", "secret").strip()

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "station", "--home", self._home, "satellite", "run", f"--port={self.port}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=os.environ | self._pins, stdout=log, stderr=log)
        wait_until(lambda: listens(self.port), 20)

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        """End it as systemd does; gives its exit status."""
        assert self._process
        self._process.terminate()
        return self._process.wait(20)

    def freeze(self) -> None:
        """Stop it where it is."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def switch_off(self) -> None:
        """Do what its unit does once it ended."""
        self._run("-m", "station.air.off", STATION_HOME=str(self._home))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self.kill()

    def _run(self, *arguments: str, **more: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, env=os.environ | self._pins | more, check=True, capture_output=True, text=True
        ).stdout


class Caller:
    """Somebody who talks to a satellite, with the right secret or another."""

    def __init__(self, port: int, secret: bytes, nonce: bytes | None = None) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), 5)
        self._lines: Any = self.link.makefile("rb")
        theirs = bytes.fromhex(self._lines.readline().decode())
        ours = nonce or token_bytes(32)
        self.give(ours.hex().encode() + b"\n")
        self.keys: Keys = session(secret, ours, theirs)

    def give(self, line: bytes) -> None:
        """Send bytes as they are."""
        self.link.sendall(line)

    def say(self, number: int, **said: Any) -> bytes:
        """Send a sealed word; gives its line."""
        line = sealed(self.keys.station, number, said)
        self.give(line)
        return line

    def answer(self, number: int) -> dict[str, Any] | None:
        """What the satellite answers; None when it hangs up."""
        try:
            line = self._lines.readline()
        except ConnectionResetError:
            return None
        return opened(self.keys.satellite, number, line) if line else None
