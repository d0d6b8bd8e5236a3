"""MPD and Mopidy from Debian: servers with a queue, told to play by mpc, as their users do from cron."""

import subprocess
from pathlib import Path
from threading import Thread
from typing import Self

from tests.bench.contenders import Contender, Ground, end, next_starts, start_quietly, wait_as_systemd
from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

# The state is kept each second, so that it resumes near where it was; the usual is two minutes.
_MPD = """\
music_directory "{music}"
db_file "{folder}/mpd.db"
state_file "{folder}/mpd.state"
state_file_interval "1"
bind_to_address "127.0.0.1"
port "{port}"
zeroconf_enabled "no"
audio_output {{
  type "pulse"
  name "rig"
}}
"""
_MOPIDY = """\
[core]
cache_dir = {folder}/cache
config_dir = {folder}/config
data_dir = {folder}/data
restore_state = true
[audio]
output = pulsesink
[file]
media_dirs = {music}
[http]
enabled = false
[m3u]
enabled = false
[mpd]
port = {port}
zeroconf =
"""


class _Queue(Contender):
    """A server that mpc talks to; subclasses say how it is configured and started."""

    def __init__(self, ground: Ground) -> None:
        self._clips = ground.clips
        self._stream = ground.stream
        self._port = free_port()
        self._config = ground.folder / f"{self.name}.conf"
        self._process: subprocess.Popen[bytes] | None = None
        music = ground.clips.long.parent
        self._config.write_text(self._configured().format(folder=ground.folder, music=music, port=self._port))

    def arrange(self, starts: int) -> list[float]:
        self._queue(self._address(self._clips.short))
        instants = next_starts(starts, lead=2)
        Thread(target=self._keep_time, args=(instants,), daemon=True).start()
        return instants

    def play_pair(self) -> float:
        self._queue(self._address(self._clips.short), self._address(self._clips.other))
        return self._play()

    def play_long(self) -> float:
        self._queue(self._address(self._clips.long))
        return self._play()

    def play_stream(self) -> None:
        self._queue(self._stream)
        self._play()

    def order_stop(self) -> None:
        self._mpc("stop")

    def crash(self) -> None:
        end(self._process)
        wait_as_systemd()
        self._start()

    def processes(self) -> list[int]:
        return [self._process.pid] if self._process else []

    def _configured(self) -> str:
        raise NotImplementedError

    def _command(self) -> tuple[object, ...]:
        raise NotImplementedError

    def _address(self, clip: Path) -> str:
        raise NotImplementedError

    def _queue(self, *addresses: str) -> None:
        self._mpc("clear")
        self._mpc("add", *addresses)

    def _play(self) -> float:
        self._mpc("play", "1")
        return wall_ms()

    def _keep_time(self, instants: list[float]) -> None:
        for instant in instants:
            wait_until_wall(instant)
            self._play()

    def _mpc(self, *words: str) -> None:
        command = ["mpc", "-q", "-h", "127.0.0.1", "-p", str(self._port), *words]
        subprocess.run(command, check=True, timeout=30, stderr=subprocess.DEVNULL)  # it warns of Mopidy's protocol

    def _start(self) -> None:
        self._process = start_quietly(*self._command())
        wait_until(lambda: listens(self._port), timeout=30)

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)


class Mpd(_Queue):
    """MPD."""

    name = "MPD"

    def _configured(self) -> str:
        return _MPD

    def _command(self) -> tuple[object, ...]:
        return "mpd", "--no-daemon", self._config

    def _address(self, clip: Path) -> str:
        return clip.name

    def __enter__(self) -> Self:
        self._start()
        self._mpc("update", "--wait")
        return self


class Mopidy(_Queue):
    """Mopidy with Mopidy-MPD."""

    name = "Mopidy"

    def _configured(self) -> str:
        return _MOPIDY

    def _command(self) -> tuple[object, ...]:
        return "mopidy", "--config", self._config

    def _address(self, clip: Path) -> str:
        return clip.as_uri()
