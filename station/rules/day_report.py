"""A day of a station as it is reported: what was to air, what became of it, faults, and health while it is today.

`docs/reports.md` says what each value of the JSON means, for whoever reads it. The same day gives the same bytes:
`digest` is over all but health, which changes by itself, and which only the present day has.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from attrs import asdict, evolve, frozen

from station.rules.as_run import AsRun, AsRunSegment
from station.rules.hours import instant
from station.rules.now import HOUR
from station.rules.strict_json import CONVERTER, loads
from station.rules.trouble import Fault

SCHEMA = "loa-xa/day-report/1"
MOST_BYTES = 2 * 1024 * 1024  # more is no report, and no server takes it

_SETTLED = 6 * HOUR  # after midnight: by then what was late has its record, and a fault of the day is written
_CODE = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@frozen
class Health:
    """The station at wall ms `at`: `up_since` in wall ms, `disk_free` and `disk_total` in bytes, `heat` in °C.

    `clock` says who vouches for its clock (`network`, `person`, `battery`, `config` or `nobody`), `clock_off` by
    how many ms it is still off. `contact_at` is when it last had the province's signed word (wall ms). None: nobody
    tells.
    """

    at: int
    version: str
    up_since: int
    disk_free: int
    disk_total: int
    heat: int | None
    clock: str
    clock_off: float | None
    contact_at: int | None


@frozen
class ReportedRecord:
    """A record, and the segments that were in its tape."""

    record: AsRun
    segments: tuple[AsRunSegment, ...] = ()


@frozen
class DayReport:
    """A day of the station whose commune has `code`, by the clock of `time_zone`; `zones` are names with titles.

    `records` were planned on that day; `faults` lasted on it, and of one that lasted beyond it the end is not told.
    `sealed` if nothing of this can change any more, but for health.
    """

    code: str
    name: str
    practice: bool
    date: dt.date
    time_zone: str
    zones: Mapping[str, str]
    records: tuple[ReportedRecord, ...]
    faults: tuple[Fault, ...]
    sealed: bool
    health: Health | None = None


class NoReport(ValueError):  # noqa: N818 - it is what a file is, not a programmer's error
    """What was read is not a report of this kind."""


def bounds(day: dt.date, zone: ZoneInfo) -> tuple[int, int]:
    """The wall ms at which a day begins, and at which the next one does."""
    return instant(day, 0, zone), instant(day + dt.timedelta(days=1), 0, zone)


def faults_of_day(faults: Iterable[Fault], end: int) -> tuple[Fault, ...]:
    """The faults as the day that ends at wall ms `end` knows them."""
    return tuple(evolve(it, closed_at=None) if it.closed_at and it.closed_at >= end else it for it in faults)


def is_sealed(end: int, records: Iterable[AsRun], last_beat: int | None) -> bool:
    """Whether nothing of the day that ends at wall ms `end` can change: by `last_beat` all due had its record."""
    return last_beat is not None and last_beat >= end + _SETTLED and all(it.result is not None for it in records)


def digest(report: DayReport) -> str:
    """The sha256 of all that matters of a report, in hex digits."""
    return hashlib.sha256(_written(_content(report))).hexdigest()


def to_json(report: DayReport) -> bytes:
    """A report as it is delivered."""
    health = asdict(report.health) if report.health else None
    return _written({**_content(report), "digest": digest(report), "health": health}) + b"\n"


def from_json(body: bytes) -> DayReport:
    """A report as somebody delivered it; raises `NoReport` for whatever is none."""
    if len(body) > MOST_BYTES:
        raise NoReport("too large")
    try:
        return _structured(loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoReport(repr(error)) from None


def _content(report: DayReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "station": {"code": report.code, "name": report.name, "practice": report.practice},
        "date": report.date.isoformat(),
        "time_zone": report.time_zone,
        "zones": [{"name": name, "title": title} for name, title in report.zones.items()],
        "records": [
            {**asdict(it.record), "segments": [asdict(segment) for segment in it.segments]} for it in report.records
        ],
        "faults": [
            {"opened_at": it.opened_at, "closed_at": it.closed_at, **asdict(it.trouble)} for it in report.faults
        ],
        "sealed": report.sealed,
    }


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _structured(told: dict[str, Any]) -> DayReport:
    if told["schema"] != SCHEMA or not _CODE.fullmatch(told["station"]["code"]):
        raise ValueError("no report of this kind")
    plain = {
        **told["station"],
        **{name: told[name] for name in ("date", "time_zone", "sealed", "health")},
        "zones": {zone["name"]: zone["title"] for zone in told["zones"]},
        "records": [{"record": it, "segments": it["segments"]} for it in told["records"]],
        "faults": [{**it, "trouble": it} for it in told["faults"]],
    }
    return CONVERTER.structure(plain, DayReport)
