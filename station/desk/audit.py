"""The audit log: who did what, when and from where, and whether all of it is still there as it was written."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import TextIO
from zoneinfo import ZoneInfo

from attrs import frozen

from station.desk.permits import permit
from station.rules.cell import harmless
from station.rules.hours import iso, local
from station.rules.roles import Deed
from station.rules.trouble import Trouble
from station.stores import audit
from station.stores.audit import PAGE, Record, Wanted
from station.stores.home import Home


@frozen
class Found:
    """A page of what was looked for, and whether there is more."""

    records: tuple[Record, ...]
    more: bool


def found(home: Home, wanted: Wanted, page: int) -> Found:
    """A page of the records that are looked for, from 0, the newest first."""
    permit(Deed.INSPECT)
    with home.engine.connect() as connection:
        records = tuple(islice(audit.find(connection, wanted), page * PAGE, (page + 1) * PAGE + 1))
    return Found(records[:PAGE], len(records) > PAGE)


def names(home: Home) -> tuple[str, ...]:
    """Everybody who ever did something."""
    with home.engine.connect() as connection:
        return audit.names(connection)


def write_csv(home: Home, wanted: Wanted, zone: ZoneInfo, into: TextIO) -> None:
    """Write the records that are looked for as CSV with a header."""
    permit(Deed.INSPECT)
    writer = csv.writer(into)
    writer.writerow(["at", "who", "origin", "deed", "subject"])
    with home.engine.connect() as connection:
        for record in audit.find(connection, wanted):
            told = (record.who, record.origin, record.deed, record.subject)
            writer.writerow([iso(record.at, zone), *map(harmless, told)])


def check_seals(home: Home) -> Iterator[Trouble]:
    """What of the log was altered or taken away since it was written."""
    zone = home.config().config.time_zone
    with home.engine.connect() as connection:
        broken = audit.broken(connection)
    for record in broken:
        if record is None:
            what = "Những dòng cuối của nhật ký hệ thống đã bị xóa."
        else:
            when = f"{local(record.at, zone):%H:%M:%S %d/%m/%Y}"
            what = f"Dòng lúc {when} đã bị sửa, hoặc dòng ngay trước nó đã bị xóa."
        yield Trouble(
            "Nhật ký hệ thống", what, "Máy phát vẫn chạy theo lịch.", "Báo người phụ trách đài; so với bản sao lưu."
        )
