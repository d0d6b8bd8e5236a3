"""`python -m tests.bench.board`: how long the province's board takes for many stations and many days of reports."""

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from station.centre.board import read_board
from station.centre.board_page import draw_board
from station.rules.board import Board, Commune
from tests.centre.boards import NOW, TODAY, a_report, put

BROADCASTS = 10  # a day
T = TypeVar("T")


def main() -> None:
    """Put reports, draw, and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--stations", type=int, default=500)
    asked.add_argument("--days", type=int, default=60)
    stations, days = vars(asked.parse_args()).values()
    communes = {str(24_000 + number): Commune(f"Xã {number}", (22.0, 105.0)) for number in range(stations)}
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder, "bao-cao")
        for day in (TODAY - dt.timedelta(days=number) for number in range(days)):
            for code in communes:
                put(reports, a_report(code, day, "aired " * BROADCASTS))

        def read() -> Board:
            return read_board(reports, communes, NOW, Path(folder, "read"))

        _timed("read for the first time", read)
        for code in communes:
            put(reports, a_report(code, results="aired " * BROADCASTS), NOW)
        board = _timed("read again, today's all new", read)
        _timed("drawn", lambda: draw_board(board, "Tỉnh thử"))


def _timed(what: str, deed: Callable[[], T]) -> T:
    begun = time.monotonic()  # noqa: TID251 - a benchmark measures
    done = deed()
    print(f"{what}: {time.monotonic() - begun:.2f} s")  # noqa: TID251
    return done


if __name__ == "__main__":
    main()
