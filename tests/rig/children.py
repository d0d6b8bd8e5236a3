"""Children that a test has begun, and whether they are gone."""

import sys
from pathlib import Path

# It notes its process id, and then does as it is told.
CHILD = "import os, signal, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
STAYS = CHILD + "signal.pause()"


class Ran:
    """What was run: process ids in order."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ran"

    def command(self, does: str) -> list[str]:
        return [sys.executable, "-c", does, str(self._file)]

    @property
    def pids(self) -> list[int]:
        return [int(it) for it in self._file.read_text().split()] if self._file.exists() else []


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def backing_up(home: Path) -> int:
    """The process of the player of `home` that backs up, or 0."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"python" in line[0] and f"--home={home}".encode() in line and b"backup" in line:
            return int(process.parent.name)
    return 0
