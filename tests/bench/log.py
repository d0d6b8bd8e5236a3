"""`python -m tests.bench.log`: how fast the as-run log of fifty years is looked through, by the page's own way.

A hundred thousand records, four segments each; every figure is the median and the longest of twenty questions.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from station.desk.report import monthly_report
from station.rules.hours import local
from station.rules.letters import plain, spelled
from station.rules.now import HOUR, MINUTE
from station.rules.report import month_of
from station.rules.step.actions import Result
from station.stores.database import as_run, as_run_segments
from station.stores.home import Home, open_home, places
from station.stores.log_search import LogSearch
from tests.bench.studio import Figure
from tests.bench.table import Column, table
from tests.running import HANOI

RECORDS, ASKED = 100_000, 20
FIRST, APART = 1_000_000_000_000, 4 * HOUR  # wall ms, ms
TITLES = ("Bản tin sáng", "Thời sự tỉnh", "Tiếp sóng VOV1", "Nhạc trưa", "Thông báo số {}")
MIDDLE = FIRST + RECORDS // 2 * APART


def main() -> None:
    """Fill a log, look through it, and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(places(Path(folder)))
        _fill(home)
        log = home.log
        month = month_of(local(MIDDLE, HANOI).date())
        asked: dict[str, Callable[[], object]] = {
            "first page": lambda: log.found(LogSearch()),
            "page 1,900": lambda: log.found(LogSearch(page=1_900)),
            "a word that is often there": lambda: log.found(LogSearch(words="sang")),
            "words that are nowhere": lambda: log.found(LogSearch(words="khong co dau ca")),
            "missed, in one zone": lambda: log.found(LogSearch(result=Result.MISSED, zone="bac")),
            "failed, of which there is none": lambda: log.found(LogSearch(result=Result.FAILED)),
            "counted by result": log.counts,
            "a month's report": lambda: monthly_report(home, month, MIDDLE),
        }
        figures = [figure for name, ask in asked.items() for figure in _timed(name, ask)]
        print(table([Column("ms", {it.title: it for it in figures})]))


def _fill(home: Home) -> None:
    rows = [_row(number) for number in range(RECORDS)]
    parts = [
        {"key": row["key"], "number": number, "segment": f"s{number}", "ready": "r", "title": "Tin", "kind": "news"}
        | {"at": number * MINUTE, "length": MINUTE}
        for row in rows
        for number in range(4)
    ]
    with home.engine.begin() as connection:
        connection.execute(insert(as_run), rows)
        connection.execute(insert(as_run_segments), parts)


def _row(number: int) -> dict[str, object]:
    start, title = FIRST + number * APART, TITLES[number % len(TITLES)].format(number)
    missed = number % 97 == 0
    reason = "Máy không chạy vào giờ phát." if missed else ""
    return {
        "key": f"tin@{start}",
        "schedule": "tin",
        "title": title,
        "origin": ("commune", "province", "central")[number % 3],
        "priority": "normal" if number % 50 else "priority",
        "zones": "bac dong" if number % 3 else "tay",
        "trigger": "schedule",
        "who": "",
        "override": "",
        "planned_start": start,
        "planned_end": start + 10 * MINUTE,
        "opened_at": start,
        "actual_start": None if missed else start,
        "actual_end": None if missed else start + 10 * MINUTE,
        "result": "missed" if missed else "aired",
        "reason": reason,
        "proof": "unverified",
        "spelled": spelled(title, reason),
        "plain": plain(title, reason),
    }


def _timed(name: str, ask: Callable[[], object]) -> list[Figure]:
    taken = []
    for _ in range(ASKED):
        begun = time.perf_counter()  # noqa: TID251 - a benchmark
        ask()
        taken.append((time.perf_counter() - begun) * 1_000)  # noqa: TID251
    return [Figure(name, statistics.median(taken), ".1f"), Figure(f"{name}, longest", max(taken), ".1f")]


if __name__ == "__main__":
    main()
