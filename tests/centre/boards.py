"""What stations put at the province, as tests want it."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from attrs import evolve

from station.rules.day_report import DayReport, Health, ReportedRecord, bounds, to_json
from station.rules.hours import HANOI
from station.rules.now import HOUR, MINUTE
from station.rules.trouble import Fault, Trouble
from tests.web.records import as_run

TODAY = dt.date(2026, 11, 26)
NOW = bounds(TODAY, HANOI)[0] + 12 * HOUR
HEALTH = Health(NOW, "1.2.0", NOW, 1, 2, 40, "network", 0.1, NOW)
MUTE = Trouble("Âm thanh", "Không thấy card âm thanh.", "", "Kiểm tra dây.")


def start_of(day: dt.date) -> int:
    return bounds(day, HANOI)[0]


def a_report(code: str = "24169", day: dt.date = TODAY, results: str = "aired aired", **more: Any) -> DayReport:
    """A day on which broadcasts, twenty minutes each, came to `results`, from five o'clock on."""
    records = []
    for number, result in enumerate(results.split()):
        start = start_of(day) + (5 + number) * HOUR
        sounded = {} if result in {"aired", "cut"} else {"actual_start": None, "actual_end": None}
        came = {"result": result, "proof": "heard" if not sounded else "unverified", **sounded}
        records.append(ReportedRecord(as_run(start, start + 20 * MINUTE, title="Bản tin sáng", **came)))
    usual = DayReport(
        code=code,
        name=f"Đài {code}",
        practice=False,
        date=day,
        time_zone="Asia/Ho_Chi_Minh",
        zones={"bac": "Thôn Bắc"},
        records=tuple(records),
        faults=(),
        sealed=False,
        health=HEALTH,
    )
    return evolve(usual, **more)


def broken_since(trouble: Trouble = MUTE) -> tuple[Fault, ...]:
    return (Fault(trouble, NOW - HOUR),)


def put(folder: Path, report: DayReport, came: int | None = None) -> Path:
    """Put a report where its station does; it came at wall ms `came`, or at its day's end, or half an hour ago."""
    return put_bytes(folder, report.code, report.date, to_json(report), came)


def put_bytes(folder: Path, code: str, day: dt.date, body: bytes, came: int | None = None) -> Path:
    """The same for any content."""
    path = folder / code / f"{day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    at = came if came is not None else min(NOW - 30 * MINUTE, bounds(day, HANOI)[1])
    os.utime(path, ns=(at * 1_000_000, at * 1_000_000))
    return path
