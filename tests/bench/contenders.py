"""Who is measured, each used the way its users put a programme on air on time."""

import shutil
import subprocess
from pathlib import Path
from typing import Self

from attrs import frozen

from tests.rig.waiting import wait_until_wall, wall_ms

SECOND = 1_000.0  # ms
EVERY = 4  # s from one start to the next
RESTART = 100  # ms after which whoever died is started again, as systemd does


class Unable(Exception):  # noqa: N818 - it is a result
    """What a contender cannot do, and why."""


@frozen
class Clips:
    """What is played: white noise from the first sample to the last; `short` and `other` 1.5 s, `long` a minute."""

    short: Path
    other: Path
    long: Path


@frozen
class Amplifiers:
    """What amplifiers need, in seconds, where a contender has any."""

    warm_up: int = 1
    rest: int = 1


@frozen
class Ground:
    """What a contender is given: a folder of its own, and perhaps a live stream."""

    clips: Clips
    folder: Path
    stream: str = ""
    amplifiers: Amplifiers = Amplifiers()


class Contender:
    """A player, running or ready to be started while it is entered; what it does not override it cannot do."""

    name: str
    runs_idle = True
    has_amplifiers = False

    def __init__(self, ground: Ground) -> None:
        raise NotImplementedError

    def arrange(self, starts: int) -> list[float]:
        """Have the short clip start so often; returns the wall-clock ms at which each is due."""
        raise NotImplementedError

    def arrange_long(self) -> float:
        """Have the long clip on air at an instant of the timetable; returns it."""
        return self.play_long()

    def play_pair(self) -> float:
        """Have the two short clips play after one another; returns about when the first one starts."""
        raise NotImplementedError

    def play_long(self) -> float:
        """Have the long clip play now; returns about when it starts."""
        raise NotImplementedError

    def play_stream(self) -> None:
        """Have the live stream play, with a recording as its fallback where there is such a thing."""
        raise NotImplementedError

    def order_stop(self) -> None:
        """Order silence."""
        raise NotImplementedError

    def order_emergency(self, *, spoken: bool) -> None:  # noqa: ARG002 - for those that can
        """Order that a recording, or a text, interrupts everything."""
        raise Unable("has no emergencies")

    def crash(self) -> None:
        """Kill what runs, and start it again as systemd does."""
        raise NotImplementedError

    def processes(self) -> list[int]:
        """The processes that the player consists of now, without their children."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        raise NotImplementedError


Maker = type[Contender]


def next_starts(starts: int, lead: int, every: int = EVERY) -> list[float]:
    """Whole seconds, the first at least `lead` s from now."""
    first = wall_ms() // SECOND + 1 + lead
    return [(first + number * every) * SECOND for number in range(starts)]


def start_quietly(*command: object) -> "subprocess.Popen[bytes]":
    """Start a command that neither reads nor prints."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen([str(it) for it in command], stdin=quiet, stdout=quiet, stderr=quiet)


def end(process: "subprocess.Popen[bytes] | None") -> None:
    """Kill it, if it still runs."""
    if process:
        process.kill()
        process.wait()


def wait_as_systemd() -> None:
    """Let pass what systemd lets pass before it starts a service again."""
    wait_until_wall(wall_ms() + RESTART)


def installed(command: str) -> bool:
    """Whether the peer is on this machine."""
    return shutil.which(command) is not None
