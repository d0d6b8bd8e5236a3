"""The as-run log, for those who ask what truly aired."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import attrs

from station.rules.hours import iso
from station.stores.asrun import AsRun, FoundRecords
from station.stores.home import Home
from station.stores.log_search import LogSearch

_INSTANTS = ("planned_start", "planned_end", "opened_at", "actual_start", "actual_end")


def search_log(home: Home, search: LogSearch) -> FoundRecords:
    """A page of the records that are looked for, the newest first."""
    return home.log.found(search)


def search_whole_log(home: Home, search: LogSearch) -> Iterator[AsRun]:
    """All records that are looked for, the newest first."""
    return home.log.all_found(search)


def as_json(record: AsRun, zone: ZoneInfo) -> dict[str, Any]:
    """A record with its instants as ISO 8601 in the station's own time."""
    told = attrs.asdict(record)
    for name in _INSTANTS:
        told[name] = None if told[name] is None else iso(told[name], zone)
    return {**told, "zones": list(record.zones)}


def write_csv(records: Iterable[AsRun], zone: ZoneInfo, into: TextIO) -> None:
    """Write records as CSV with a header."""
    writer = csv.DictWriter(into, [field.name for field in attrs.fields(AsRun)])
    writer.writeheader()
    for record in records:
        writer.writerow({**as_json(record, zone), "zones": " ".join(record.zones)})
