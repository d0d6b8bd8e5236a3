"""A real Snapcast server by the configuration that the repository has, and clients that play into sinks."""

import os
import subprocess
from pathlib import Path
from typing import Self

from station.air.snapcast import Control, Unreachable
from tests.rig.ports import free_port, listens
from tests.rig.server import RATE, SINK, TRUTHFUL, SoundServer
from tests.rig.waiting import wait_until

OTHER = "other"
OTHER_SINK = (
    f"module-null-sink sink_name={OTHER} rate={RATE} channels=2 format=s16le {TRUTHFUL}"  # a server's module
)

# The player for ALSA, as on a Pi: that for PulseAudio hangs at times when the server goes (0.26).
_CARDS = """\
</usr/share/alsa/alsa.conf>
pcm.{0} {{ type pulse device {0} hint {{ show on description {0} }} }}
pcm.{1} {{ type pulse device {1} hint {{ show on description {1} }} }}
"""

_SHIPPED = Path(__file__).parents[2] / "systemd" / "snapserver.conf"


class Snapcast:
    """`snapserver` while entered, with its files in `folder`, and one `snapclient` for each sink it is told of."""

    def __init__(self, folder: Path, sound: SoundServer) -> None:
        folder.mkdir()
        self._folder = folder
        cards = folder / "asound.conf"
        cards.write_text(_CARDS.format(SINK, OTHER))
        own = {"HOME": str(folder), "ALSA_CONFIG_PATH": str(cards)}
        self._environment = {**os.environ, **sound.environment, **own}
        self._stream, self._source, self.control_port = free_port(), free_port(), free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def device(self) -> str:
        """What `[audio] device` must be."""
        return f"snapcast:{self.control_port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        config = self._folder / "snapserver.conf"
        config.write_text(self._configured())
        with (self._folder / "snapserver.log").open("ab") as log:
            command = ["snapserver", "-c", config, f"--server.datadir={self._folder}"]
            self._server = subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)
        wait_until(lambda: listens(self.control_port) and listens(self._stream), 10)

    def kill(self) -> None:
        """End the server as a crash does."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def signal(self, number: int) -> None:
        """Send the server a signal."""
        assert self._server
        self._server.send_signal(number)

    def join(self, sink: str) -> None:
        """Start a client that plays into `sink`, and wait until the server knows it."""
        command = ["snapclient", "-h", "127.0.0.1", "-p", str(self._stream), "--hostID", sink]
        with (self._folder / f"{sink}.log").open("ab") as log:
            self._clients[sink] = subprocess.Popen(
                [*command, "--player", "alsa", "-s", sink], stdout=log, stderr=log, env=self._environment
            )
        wait_until(lambda: self.connected() >= len(self._clients), 20)

    def settle(self) -> None:
        """Wait until the clients let go of their sinks, as they do when nothing was on for five seconds.

        What comes sooner after its first connection begins a chunk late (0.26), and is put right at once.
        """
        for sink in self._clients:
            wait_until(lambda log=self._folder / f"{sink}.log": "No chunk received" in log.read_text(), 20)

    def leave(self, sink: str) -> None:
        """End its client as a power cut does."""
        client = self._clients.pop(sink)
        client.kill()
        client.wait()

    def connected(self) -> int:
        """How many clients the server knows to be there."""
        control = Control(self.control_port)
        try:
            return sum(it.connected for it in control.served().listeners)
        except Unreachable:
            return 0
        finally:
            control.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for sink in [*self._clients]:
            self.leave(sink)
        self.kill()

    def _configured(self) -> str:
        written = _SHIPPED.read_text()
        put_right = {
            "port = 1705": f"port = {self.control_port}",
            "bind_to_address = 0.0.0.0\nport = 1704": f"bind_to_address = 127.0.0.1\nport = {self._stream}",
            "127.0.0.1:4953": f"127.0.0.1:{self._source}",
        }
        for installed, here in put_right.items():
            assert installed in written
            written = written.replace(installed, here)
        return written
