"""A PulseAudio server of our own, playing into a null sink that is paced in real time.

`norewinds=1` keeps the null sink's buffer at 50 ms or less. Without it the sink buffers up to two seconds, and
libVLC loses what it had not yet handed over: see docs/sound-test-rig.md.
"""

import os
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.rig.waiting import wait_until

SINK = "rig"
RATE = 48_000
TRUTHFUL = "norewinds=1"
SWALLOWING = "norewinds=0"


class SoundServer:
    """One `pulseaudio` process with its socket in `folder`; use it as a context manager."""

    def __init__(self, folder: Path, behaviour: str = TRUTHFUL, *modules: str) -> None:
        self._folder = folder
        self._modules = (
            f"module-native-protocol-unix socket={folder}/native auth-anonymous=1",
            f"module-null-sink sink_name={SINK} rate={RATE} channels=2 format=s16le {behaviour}",
            *modules,
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs in its environment to play here."""
        return {"PULSE_SERVER": f"unix:{self._folder}/native", "PULSE_COOKIE": f"{self._folder}/cookie"}

    @property
    def pid(self) -> int:
        """The server that runs."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit")
        own = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        self._process = subprocess.Popen(
            ["pulseaudio", *options, "--realtime=no", *(f"--load={module}" for module in self._modules)],
            env=os.environ | own,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers)

    def stop(self) -> None:
        """End this server, and no other, at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        (self._folder / "native").unlink(missing_ok=True)

    def control(self, *arguments: str) -> str:
        """Run `pactl` on this server and return what it prints."""
        return subprocess.run(
            ["pactl", *arguments],
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as link:
            return link.connect_ex(f"{self._folder}/native") == 0 and SINK in self.control("list", "short", "sinks")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
