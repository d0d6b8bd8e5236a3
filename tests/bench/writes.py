"""`python -m tests.bench.writes [--minutes 12]`: what player and page write to the card, idle and on a usual day.

Bytes are those of the kernel (`write_bytes` of /proc/PID/io, less what was taken back before it was written), of
both processes and of every child that ended: pages of 4 KiB that were made dirty. What the file system writes of
its own (names, sizes, its journal) is not in it: the virtual machine's disk shows that.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from station.rules.trouble import Trouble
from station.stores.audit import write_audit
from station.stores.home import open_home, places
from tests.bench.weight import family
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

_SETTLED = 60_000  # ms after the start: what is made once is not what is written each day
_LENGTH = 20  # s of the broadcast; its tape is told apart, for it grows with its length
_TIMES = 20  # that a deed is done, to have its mean
_LOOK = 0.25  # s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.writes", description=__doc__)
    parser.add_argument("--minutes", type=float, default=12, help="for how many the idle station is watched (12)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, RunningStation(Path(name), CONFIG) as station:
        station.add_noise(1_000 * _LENGTH)
        station.start()
        with _page(station) as page:
            wait_until_wall(wall_ms() + _SETTLED)
            for row in _measured(station, page, asked.minutes):
                print(row, flush=True)
        print("\n".join(_deeds(station.home)))


def _measured(station: RunningStation, page: int, minutes: float) -> Iterator[str]:
    yield "| what | KiB | files, and how often each changed |\n| --- | ---: | --- |"
    with _Watch(station, page) as idle:
        idle.look_until(wall_ms() + 60_000 * minutes)
    yield idle.row(f"idle for {minutes:g} minutes")
    with _Watch(station, page) as aired:
        station.schedule("buoi", 15, 'play = "nen"')
        wait_until(lambda: aired.look() or ("buoi", "aired") in station.results(), 90, every=_LOOK)
    tape = 2 * 48 * (1_000 * _LENGTH + 1_000) / 1_024
    yield aired.row(f"a broadcast, without its tape of {tape:.0f} KiB", less=tape)
    with _Watch(station, page) as taken:
        file = write_tape(station.home.parent / "moi.wav", noise(5_000, seed=7), silence=0).path
        done = station.command("add", file, "--approve")
        assert done.returncode == 0, done.stderr
        taken.look()
    yield taken.row("an upload and its approval by the command line, this one's own writes not counted")


def _deeds(folder: Path) -> Iterator[str]:
    """What single writes cost, done here as player and page do them."""
    home = open_home(places(folder))

    def audited(at: int) -> None:
        with home.engine.begin() as connection:
            write_audit(connection, at, "Lan", "duyệt", "một mục")

    deeds: dict[str, Callable[[int], None]] = {
        "a heartbeat, each hour": home.heartbeat.beat,
        "a deed of a person, with its line in the audit log": audited,
        "a fault that begins": lambda at: home.faults.note({Trouble("Loa", f"Hỏng {at}."): at}, {}),
        "a command that opens the station": lambda _: open_home(places(folder)).engine.dispose(),
    }
    for name, deed in deeds.items():
        deed(0)
        os.sync()
        before = _written(os.getpid())
        for at in range(1, _TIMES + 1):
            deed(at)
        yield f"| {name} | {(_written(os.getpid()) - before) / _TIMES / 1_024:.1f} | |"


@contextmanager
def _page(station: RunningStation) -> Iterator[int]:
    command = [sys.executable, "-m", "web", "--home", str(station.home), "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


class _Watch:
    """The bytes written between begin and end, and which files changed meanwhile."""

    def __init__(self, station: RunningStation, page: int) -> None:
        self._roots = [station.pid, page]
        self._home = station.home
        self._changed: Counter[str] = Counter()
        self._seen: dict[str, int] = {}

    def __enter__(self) -> Self:
        os.sync()
        self._before, self._seen = self._bytes(), self._times()
        return self

    def __exit__(self, *_: object) -> None:
        self.look()
        self._written = self._bytes() - self._before

    def look_until(self, end: float) -> None:
        while wall_ms() < end:
            self.look()
            wait_until_wall(wall_ms() + 1_000 * _LOOK)

    def look(self) -> None:
        now = self._times()
        self._changed.update(name for name, at in now.items() if self._seen.get(name) != at)
        self._seen = now

    def row(self, what: str, less: float = 0) -> str:
        files = ", ".join(f"{name} {times}" for name, times in self._changed.most_common())
        return f"| {what} | {self._written / 1_024 - less:.0f} | {files or '–'} |"

    def _bytes(self) -> int:
        return sum(map(_written, family(self._roots)))

    def _times(self) -> dict[str, int]:
        found = {}
        for path in self._home.rglob("*"):
            try:
                status = path.stat()
            except OSError:
                continue
            if path.is_file() and "run" not in path.parts:
                found[re.sub(r"[0-9a-f]{64}", "HASH", str(path.relative_to(self._home)))] = status.st_mtime_ns
        return found


def _written(pid: int) -> int:
    try:
        told = Path(f"/proc/{pid}/io").read_text()
    except FileNotFoundError:  # a child that ended: its parent has its bytes
        return 0
    written, back = (int(re.search(rf"^{name}: (\d+)", told, re.MULTILINE)[1]) for name in _COUNTED)  # type: ignore[index]
    return written - back


_COUNTED = ("write_bytes", "cancelled_write_bytes")

if __name__ == "__main__":
    main()
