"""`swap-days.toml`: the days that the government swapped, edited by hand each year.

[[swap]]
day  = "2026-08-22"
like = "mon"
note = "làm bù cho ngày 31/8"
"""

import datetime as dt
from pathlib import Path
from typing import Any

from attrs import frozen
from cattrs.gen import make_dict_structure_fn, override

from station.rules.days import UNCHANGED, WEEKDAYS, Calendar
from station.rules.trouble import Refused, Trouble
from station.stores.written import one_of, read_toml, strict_converter


@frozen
class _Swap:
    """On `day` the order of the weekday `like` holds (Monday 0)."""

    day: dt.date
    like: int
    note: str = ""


@frozen
class _File:
    swap: tuple[_Swap, ...] = ()


def read_swap_days(path: Path) -> Calendar:
    """Read the file; none changes nothing. Raises `Unreadable`."""
    if not path.exists():
        return UNCHANGED
    return Calendar(tuple((it.day, it.like) for it in read_toml(path, _File, _CONVERTER).swap))


def read_date(value: Any, _kind: Any = None) -> dt.date:
    """`"2026-09-02"`, in quotes or as TOML's own date."""
    try:
        return value if type(value) is dt.date else dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        wrong = Trouble("", f"“{value}” không phải là một ngày.", mend="Viết năm-tháng-ngày, như “2026-09-02”.")
        raise Refused(wrong) from None


def _read_weekday(value: Any, _kind: Any = None) -> int:
    return WEEKDAYS.index(one_of(WEEKDAYS, "một thứ trong tuần")(value, _kind))


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(
    _Swap,
    make_dict_structure_fn(
        _Swap, _CONVERTER, day=override(struct_hook=read_date), like=override(struct_hook=_read_weekday)
    ),
)
