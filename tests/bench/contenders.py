"""Who is measured, each used the way its users put a programme on air on time."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Protocol, Self

from attrs import frozen

from tests.rig.waiting import wait_until_wall, wall_ms

SECOND = 1_000.0  # ms
EVERY = 4  # s from one start to the next


@frozen
class Clips:
    """What is played: white noise from the first sample to the last; `short` and `other` 1.5 s, `long` 20 s."""

    short: Path
    other: Path
    long: Path


class Contender(Protocol):
    """A player, running or ready to be started while it is entered."""

    name: str

    def arrange(self, starts: int) -> list[float]:
        """Have the short clip start so often; returns the wall-clock ms at which each is due."""

    def play_pair(self) -> float:
        """Have the two short clips play after one another; returns about when the first one starts."""

    def play_long(self) -> float:
        """Have the long clip play; returns about when it starts."""

    def processes(self) -> list[int]:
        """The processes that the player consists of now, without their children."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def next_starts(starts: int, lead: int, every: int = EVERY) -> list[float]:
    """Whole seconds, the first at least `lead` s from now."""
    first = wall_ms() // SECOND + 1 + lead
    return [(first + number * every) * SECOND for number in range(starts)]


class ColdPlayer:
    """A command that a timer starts at the instant, as cron and systemd timers do; between times nothing runs."""

    def __init__(self, name: str, command: tuple[str, ...], clips: Clips) -> None:
        self.name = f"{name}, started cold"
        self._command = command
        self._clips = clips
        self._playing: list[subprocess.Popen[bytes]] = []

    def arrange(self, starts: int) -> list[float]:
        instants = next_starts(starts, lead=1)
        Thread(target=self._keep_time, args=(instants,), daemon=True).start()
        return instants

    def play_pair(self) -> float:
        return self._start(self._clips.short, self._clips.other)

    def play_long(self) -> float:
        return self._start(self._clips.long)

    def processes(self) -> list[int]:
        return [process.pid for process in self._playing if process.poll() is None]

    def _keep_time(self, instants: list[float]) -> None:
        for instant in instants:
            wait_until_wall(instant)
            self._start(self._clips.short)

    def _start(self, *clips: Path) -> float:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._playing.append(subprocess.Popen([*self._command, *map(str, clips)], **quiet))  # type: ignore[call-overload]
        return wall_ms()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._playing:
            process.kill()
            process.wait()


def mpv(clips: Clips, _folder: Path) -> Contender:
    """Make the contender that plays with mpv."""
    return ColdPlayer("mpv", ("mpv", "--no-config", "--no-video", "--really-quiet", "--ao=pulse"), clips)


def mpg123(clips: Clips, folder: Path) -> Contender:
    """Make the contender that plays with mpg123, which reads MP3 only."""
    return ColdPlayer("mpg123", ("mpg123", "-q", "-o", "pulse"), _as_mp3(clips, folder))


def _as_mp3(clips: Clips, folder: Path) -> Clips:
    made = []
    for clip in (clips.short, clips.other, clips.long):
        made.append(folder / f"{clip.stem}.mp3")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-b:a", "128k", made[-1]], check=True)
    return Clips(*made)


def installed(command: str) -> bool:
    """Whether the peer is on this machine."""
    return shutil.which(command) is not None


Maker = Callable[[Clips, Path], Contender]
