"""A real Icecast of our own on a free port, fed by a real ffmpeg, each of which the test may break."""

import os
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until

_CONFIG = """\
<icecast>
  <limits><clients>20</clients><sources>2</sources><burst-on-connect>1</burst-on-connect></limits>
  <authentication><source-password>rig</source-password><admin-password>rig</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot></paths>
  <logging><errorlog>error.log</errorlog><loglevel>1</loglevel></logging>
</icecast>
"""


class Icecast:
    """One server and one source of `sound` (an ffmpeg filter graph), while entered."""

    def __init__(self, sound: str = "sine=frequency=440") -> None:
        self._own = TemporaryDirectory()
        self._folder = Path(self._own.name)
        self._folder.chmod(0o777)  # for nobody
        self._sound = sound
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._source: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/ban.mp3"

    def start(self) -> None:
        config = self._folder / "icecast.xml"
        config.write_text(_CONFIG.format(port=self._port, folder=self._folder))
        self._server = subprocess.Popen(
            ["icecast2", "-c", config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user="nobody" if os.getuid() == 0 else None,  # icecast refuses to be root
        )
        wait_until(lambda: listens(self._port))
        self.feed()

    def feed(self, sound: str = "") -> None:
        """Let the source send, what it did or another sound."""
        self._sound = sound or self._sound
        target = f"icecast://source:rig@127.0.0.1:{self._port}/ban.mp3"
        generated = ("-re", "-f", "lavfi", "-i", self._sound)
        sent = ("-ar", "44100", "-ac", "2", "-b:a", "128k", "-content_type", "audio/mpeg", "-f", "mp3")
        self._source = subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", *generated, *sent, target])
        wait_until(self._is_on, timeout=10)

    def starve(self) -> None:
        """End the source: the server has nothing to give."""
        _end(self._source)

    def freeze(self) -> None:
        """Stall: connections stay, nothing comes."""
        assert self._server
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._server
        self._server.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End both."""
        _end(self._source)
        _end(self._server)

    def _is_on(self) -> bool:
        try:
            with urlopen(self.address, timeout=2) as answer:  # noqa: S310 - our own server
                return bool(answer.read(1))
        except (URLError, OSError):
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._own.cleanup()


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    if process and process.poll() is None:
        process.kill()
        process.wait()
