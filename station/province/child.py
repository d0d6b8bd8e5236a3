"""Children of the player that talk to the network: they are limited, and die with who began them."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from station.audio.sandbox import EXPENDABLE


def limited(command: Sequence[str], *, nice: int, memory: int, idle: bool = False) -> list[str]:
    """`command` behind programs that limit themselves and then become the next one.

    It has `memory` bytes of its own, and so has each child of it; `idle` lets it use the card only when nobody else
    does, and has it go first when memory runs out. It dies with the thread that begins it, and so with the player.
    """
    return [
        *("nice", "-n", str(nice)),
        *((*EXPENDABLE, "ionice", "-c", "idle") if idle else ()),
        *("prlimit", f"--data={memory}", "--core=0", "--rtprio=0"),
        *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
        *command,
    ]


def kill(child: "subprocess.Popen[Any]") -> None:
    """End a child that has a session of its own, and what it began, at once."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
