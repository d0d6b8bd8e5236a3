"""What arrived at the province, read as what it is: data of strangers, of whom we know no more than a token."""

import datetime as dt
import os
import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from station.centre.summaries import Summaries
from station.rules.board import Arrived, Board, Commune, Summary, draw_up, needed_days, summary
from station.rules.day_report import MOST_BYTES, DayReport, NoReport, from_json
from station.rules.hours import HANOI, local

_CODE = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_REPORT = re.compile(r"\d{4}-\d\d-\d\d\.json")


def read_board(reports: Path, communes: Mapping[str, Commune], now: int, kept: Path) -> Board:
    """The board of all that lies in `reports`, as CODE/DATE.json, as of wall ms `now`.

    No more is read than a board shows: of each station this month's files, or the last two weeks', and what did not
    change is known from the file `kept`.
    """
    days = needed_days(local(now, HANOI).date())
    with os.scandir(reports) as folder:
        codes = [it.name for it in folder if _CODE.fullmatch(it.name) and it.is_dir(follow_symlinks=False)]
    summaries = Summaries(kept)
    arrived = {code: _arrived(reports / code, code, days, summaries, now) for code in codes}
    summaries.keep()
    return draw_up(arrived, communes, now)


def _arrived(folder: Path, code: str, days: Sequence[dt.date], summaries: Summaries, now: int) -> Arrived:
    puts = {day: put for day in days if (put := _put(folder, day))} or _last_put(folder, days[0])
    found = {
        day: summaries.of(f"{code}/{day}", (put.st_mtime_ns, put.st_size), partial(_summary, folder, code, day))
        for day, put in puts.items()
    }
    newest = next((day for day, summary in found.items() if summary), None)
    last = max((put.st_mtime_ns // 1_000_000 for put in puts.values()), default=None)
    return Arrived(
        days=found,
        newest=None if newest is None else _read(folder, code, newest),
        last_contact=None if last is None else min(last, now),
    )


def _put(folder: Path, day: dt.date) -> os.stat_result | None:
    """What is known of a day's file, if one was put there."""
    try:
        found = _path(folder, day).lstat()
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _last_put(folder: Path, today: dt.date) -> dict[dt.date, os.stat_result]:
    """The last file of a station that was not heard for long."""
    with os.scandir(folder) as files:
        names = [it.name for it in files if _REPORT.fullmatch(it.name) and it.name <= f"{today}.json"]
    for name in sorted(names, reverse=True):
        with suppress(ValueError):  # not every such name is a day
            day = dt.date.fromisoformat(name.removesuffix(".json"))
            return {day: put} if (put := _put(folder, day)) else {}
    return {}


def _summary(folder: Path, code: str, day: dt.date) -> Summary | None:
    report = _read(folder, code, day)
    return summary(report) if report else None


def _read(folder: Path, code: str, day: dt.date) -> DayReport | None:
    """The report, or None for what is none, or not of this station and day."""
    try:
        with _path(folder, day).open("rb") as file:
            report = from_json(file.read(MOST_BYTES + 1))
    except (OSError, NoReport):
        return None
    return report if (report.code, report.date) == (code, day) else None


def _path(folder: Path, day: dt.date) -> Path:
    return folder / f"{day}.json"
