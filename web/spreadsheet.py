"""The as-run log as a table that a spreadsheet opens with its Vietnamese letters whole."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from station.rules.cell import harmless
from station.rules.hours import local
from station.rules.proof import Verdict
from station.rules.schedule import Trigger
from station.stores.asrun import AsRun
from web import words

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which Excel knows UTF-8
_TRIGGERS = {Trigger.SCHEDULE: "Theo lịch", Trigger.HAND: "Phát tay"}
_PROOFS = {
    Verdict.HEARD: "Đúng chương trình",
    Verdict.SILENT: "Đầu ra không có tiếng",
    Verdict.OTHER: "Tiếng khác chương trình",
    Verdict.UNVERIFIED: "Không kiểm chứng",
}


_COLUMNS = (
    "Ngày",
    "Theo lịch từ",
    "Theo lịch đến",
    "Phát thật từ",
    "Phát thật đến",
    "Số giây đã phát",
    "Buổi phát",
    "Kết quả",
    "Lý do",
    "Nguồn",
    "Mức",
    "Cụm loa",
    "Cách phát",
    "Người phát",
    "Lý do phát ngoài giờ",
    "Máy nghe lại",
)


def spreadsheet(records: Iterable[AsRun], titles: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    """The lines of the table, its heading first; `titles` are all zones of the station."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(_COLUMNS)
    yield _MARK + line.taken()
    for record in records:
        writer.writerow(harmless(it) if isinstance(it, str) else it for it in _row(record, titles, zone))
        yield line.taken()


def _row(record: AsRun, titles: Mapping[str, str], zone: ZoneInfo) -> list[Any]:
    sounded = None if record.actual_end is None else record.actual_end - (record.actual_start or record.actual_end)
    return [
        f"{local(record.planned_start, zone):%d/%m/%Y}",
        _clock(record.planned_start, zone),
        _clock(record.planned_end, zone),
        _clock(record.actual_start, zone),
        _clock(record.actual_end, zone),
        "" if sounded is None else round(sounded / 1000),
        record.title,
        words.RESULTS[record.result],
        record.reason,
        words.ORIGINS.get(record.origin, record.origin),
        words.PRIORITIES.get(record.priority, record.priority),
        ", ".join(titles.get(name, name) for name in record.zones),
        _TRIGGERS.get(Trigger(record.trigger), record.trigger),
        record.who,
        record.override,
        _PROOFS[Verdict(record.proof)],
    ]


def _clock(wall: int | None, zone: ZoneInfo) -> str:
    return "" if wall is None else f"{local(wall, zone):%H:%M:%S}"


class _Line:
    """What was written since it was last taken."""

    def __init__(self) -> None:
        self._written = ""

    def write(self, text: str) -> None:
        self._written += text

    def taken(self) -> str:
        written, self._written = self._written, ""
        return written
