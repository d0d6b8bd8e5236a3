"""Players that a timer starts at the instant, as cron and systemd timers do; between times nothing runs."""

import subprocess
from pathlib import Path
from threading import Thread

from tests.bench.contenders import Clips, Contender, Ground, Unable, end, next_starts, start_quietly
from tests.rig.waiting import wait_until_wall, wall_ms


class _Cold(Contender):
    """One command."""

    runs_idle = False
    command: tuple[str, ...]

    def __init__(self, ground: Ground) -> None:
        self._clips = ground.clips
        self._stream = ground.stream
        self._playing: list[subprocess.Popen[bytes]] = []

    def arrange(self, starts: int) -> list[float]:
        instants = next_starts(starts, lead=1)
        Thread(target=self._keep_time, args=(instants,), daemon=True).start()
        return instants

    def play_pair(self) -> float:
        return self._start(self._clips.short, self._clips.other)

    def play_long(self) -> float:
        return self._start(self._clips.long)

    def play_stream(self) -> None:
        self._start(self._stream)

    def order_stop(self) -> None:
        for process in self._playing:
            process.terminate()

    def crash(self) -> None:
        raise Unable("does not resume: its timer starts it at the next time only")

    def processes(self) -> list[int]:
        return [process.pid for process in self._playing if process.poll() is None]

    def _keep_time(self, instants: list[float]) -> None:
        for instant in instants:
            wait_until_wall(instant)
            self._start(self._clips.short)

    def _start(self, *what: object) -> float:
        self._playing.append(start_quietly(*self.command, *what))
        return wall_ms()

    def __exit__(self, *_: object) -> None:
        for process in self._playing:
            end(process)


class Mpv(_Cold):
    """mpv as it is."""

    name = "timer + mpv"
    command = ("mpv", "--no-config", "--no-video", "--really-quiet", "--ao=pulse")


class Mpg123(_Cold):
    """mpg123, which reads MP3 only."""

    name = "timer + mpg123"
    command = ("mpg123", "-q", "-o", "pulse")

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        clips = ground.clips
        self._clips = Clips(*(_encoded(clip, ground.folder) for clip in (clips.short, clips.other, clips.long)))


def _encoded(clip: Path, folder: Path) -> Path:
    made = folder / f"{clip.stem}.mp3"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-b:a", "128k", made], check=True)
    return made
