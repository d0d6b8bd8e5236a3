"""A station that takes files in: its player and its page as processes, with a temporary folder of their own."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.intake.kept import Kept
from tests.intake.page import Page
from tests.rig.waiting import wait_until
from tests.running import RunningStation

ROOT = Path(__file__).parents[2]

_SETTLED_S = 10


class Intake:
    """What the campaigns send files to; `kept` is what it keeps of them."""

    def __init__(self, folder: Path) -> None:
        self.station = RunningStation(folder, device="none")
        self.page = Page(self.station)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._read = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Player and page run meanwhile."""
        with _temporary_folder(self.temporary), self.station.start(), self.page:
            self.kept = Kept(self.station.home)
            yield

    def adding(self, *arguments: str) -> list[str]:
        """The command line of `station add`, which may be run anywhere."""
        return [sys.executable, "-m", "station", "--home", str(self.station.home), "add", "--json", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """That of any command."""
        return {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": str(ROOT)}

    def complaints(self) -> Iterator[str]:
        """Whatever is not as it should be once nothing is being taken in."""
        with suppress(TimeoutError):  # what has just committed a row still has to let go of its file's other name
            wait_until(lambda: not any(self._left()), _SETTLED_S)
        yield from self._left()
        news, self._read = self.station.log[self._read :], len(self.station.log)
        for writer, log in (("player", news), ("page", self.page.log)):
            if "Traceback" in log:
                yield f"the {writer} failed:\n{log[log.index('Traceback') :][:4_000]}"

    def _left(self) -> Iterator[str]:
        yield from self.kept.complaints()
        yield from (f"{path.name} was left in the temporary folder" for path in self.temporary.rglob("*"))
        yield from (f"the player's child {child} was left" for child in _children(self.station.pid))


def resident(pid: int) -> float:
    """The memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _children(pid: int) -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            if rest.split()[1] == str(pid):
                yield name.partition("(")[2]


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[None]:
    """Whoever is started meanwhile has its temporary files there."""
    before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before


assert tempfile.gettempdir()  # settled for this process before any other is given one of its own
