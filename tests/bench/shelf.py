"""`python -m tests.bench.shelf [SEGMENTS]`: a library of many segments: list, search, what may air, and memory."""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import insert

from station.rules.approval import State
from station.rules.letters import plain, spelled
from station.rules.now import HOUR
from station.rules.rundown import Kind, Newest, Play
from station.stores.database import segments
from station.stores.library import Library
from station.stores.opening import open_database
from station.stores.search import Search

SEGMENTS = 10_000
TIMES = 50
NOW = 1_793_000_000_000
_TITLES = ("Lịch tiêm phòng", "Cắt điện", "Đường đê bị sạt", "Giá lúa", "Đại hội", "Thu gom rác", "Tuyển quân")


def main() -> None:
    """Make the library, ask it, and print a table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else SEGMENTS
    with tempfile.TemporaryDirectory() as folder:
        library = _library(Path(folder), many)
        before = _resident()
        print(f"| {many} segments | median, ms | worst, ms |\n| --- | ---: | ---: |")
        for name, ask in _questions(library).items():
            times = sorted(_ms(ask) for _ in range(TIMES))
            print(f"| {name} | {statistics.median(times):.1f} | {times[-1]:.1f} |")
        print(f"\nMemory grew by {(_resident() - before) / 1024:.1f} MiB over {4 * TIMES} questions.")


def _questions(library: Library) -> dict[str, Callable[[], object]]:
    rundown = (Play("nhac-hieu"), Newest(Kind.NEWS, within=36 * HOUR))
    return {
        "list, first page": lambda: library.found(Search()),
        "list, last page": lambda: library.found(Search(page=SEGMENTS // 50 - 1)),
        "search, found": lambda: library.found(Search("lich phong 77")),
        "search, with marks": lambda: library.found(Search("đường đê")),
        "search, nothing found": lambda: library.found(Search("khong co gi ca")),
        "newest for a broadcast": lambda: library.usable([rundown], NOW),
        "waiting for approval": lambda: library.count(State.DRAFT, State.WAITING),
    }


def _library(folder: Path, many: int) -> Library:
    engine = open_database(folder / "station.db")
    with engine.begin() as connection:
        connection.execute(insert(segments), list(_rows(many)))
    return Library(engine, folder / "library")


def _rows(many: int) -> Iterator[dict[str, object]]:
    for number in range(many):
        title = f"{_TITLES[number % len(_TITLES)]} số {number}"
        yield {
            "id": f"{number:012x}",
            "name": f"tin-{number}",
            "title": title,
            "kind": [*Kind][number % len(Kind)],
            "origin": "commune",
            "state": State.DRAFT if number % 50 == 0 else State.APPROVED,
            "original": f"{number:064x}",
            "ready": f"{number:064x}",
            "approved": f"{number:064x}",
            "length": 60_000,
            "author": "Lan",
            "received_at": NOW - (many - number) * HOUR // 4,
            "spelled": spelled(title, "Lan"),
            "plain": plain(title, "Lan"),
        }


def _ms(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()  # noqa: TID251 - how long it takes is what is measured
    ask()
    return (time.perf_counter() - begun) * 1e3  # noqa: TID251 - as above


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
