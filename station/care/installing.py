"""Running the installer of a release, which alone knows how to switch versions and to return."""

import signal
import subprocess
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path

from attrs import frozen

from station.stores.release import INSTALLER

# The service that asks is shut in; what installs must not be. It goes behind everybody else, one at a time.
_APART = (
    *("systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--unit=station-install"),
    *("--setenv=HOME=/root", "--property=CPUWeight=20", "--property=IOWeight=20", "--property=Nice=10", "--"),
)
_LONGEST_LINE = 500  # letters


class Outcome(IntEnum):
    """How `install.sh` ends: the version runs, nothing changed, or the one before runs again."""

    HEALTHY = 0
    UNCHANGED = 1
    RETURNED = 3


@frozen
class Installed:
    """How it ended, and its last words where they were listened to."""

    outcome: Outcome
    words: str = ""


Run = Callable[[Sequence[str]], Installed]


def installer(tree: Path) -> list[str]:
    """The command that installs an unpacked release; it finds by itself what the release brings along."""
    return ["/bin/bash", str(tree / INSTALLER)]


def at_terminal(command: Sequence[str]) -> Installed:
    """Run it where a person sees how it goes; Ctrl+C, and a terminal that is lost, are the installer's to obey."""
    before = {it: signal.signal(it, lambda *_: None) for it in (signal.SIGINT, signal.SIGHUP)}
    try:
        return Installed(_outcome(subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def apart(command: Sequence[str]) -> Installed:
    """Run it as a unit of its own (systemd-run(1)), its words into our journal."""
    return listened_to([*_APART, *command])


def listened_to(command: Sequence[str]) -> Installed:
    """Run it, hand on what it says, and keep its last line."""
    last = ""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)  # noqa: T201 - the journal
            last = line.strip()[:_LONGEST_LINE] or last
    return Installed(_outcome(process.returncode), last)


def _outcome(status: int) -> Outcome:
    return Outcome(status) if status in [*Outcome] else Outcome.UNCHANGED
