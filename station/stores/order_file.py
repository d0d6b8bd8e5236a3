"""`order.toml`: whose priority bulletin the commune lets go first, and its choice for single days.

first = "province"

[on]
"2026-11-24" = "commune"
"""

import datetime as dt
from pathlib import Path
from typing import Any

import tomlkit
from attrs import Factory, frozen
from cattrs.gen import make_dict_structure_fn, override

from station.durable import write_whole
from station.rules.origin import Origin
from station.rules.trouble import Refused, Trouble
from station.stores.written import one_of, read_toml, strict_converter

_PARTIES = (Origin.COMMUNE, Origin.PROVINCE)


@frozen
class Order:
    """Whose priority bulletin goes `first`, and `on` which days whose does instead."""

    first: Origin = Origin.PROVINCE
    on: dict[dt.date, Origin] = Factory(dict)


USUAL = Order()


def read_order(path: Path) -> Order:
    """Read the file; none is the usual order. Raises `Unreadable`."""
    return read_toml(path, Order, _CONVERTER) if path.exists() else USUAL


def write_order(path: Path, first: Origin, on: dt.date | None) -> None:
    """Let `first` go first, on one day or on all that nothing is said of; what else the file says stays."""
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    if on is None:
        document["first"] = first.value
    else:
        document.setdefault("on", tomlkit.table())[on.isoformat()] = first.value
    write_whole(path, tomlkit.dumps(document).encode())


def _read_party(value: Any, _kind: Any = None) -> Origin:
    return Origin(one_of(_PARTIES, "một trong hai bên")(value, _kind))


def _read_choices(value: Any, _kind: Any = None) -> dict[dt.date, Origin]:
    if not isinstance(value, dict):
        raise Refused(Trouble("", "Mục này phải là một bảng [on].", mend='Viết như: "2026-11-24" = "commune".'))
    try:
        return {dt.date.fromisoformat(day): _read_party(party) for day, party in value.items()}
    except ValueError:
        wrong = Trouble("", "Có ngày không có trong lịch.", mend="Viết năm-tháng-ngày trong dấu nháy.")
        raise Refused(wrong) from None


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(
    Order,
    make_dict_structure_fn(
        Order, _CONVERTER, first=override(struct_hook=_read_party), on=override(struct_hook=_read_choices)
    ),
)
