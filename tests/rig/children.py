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
