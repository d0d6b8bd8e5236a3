"""JSON from strangers into attrs classes: each value of its kind, and of a size that something can be done with."""

import datetime as dt
import json
import math
from typing import Any, NoReturn

from cattrs import Converter

_SMALLEST, _LARGEST = -(10**9), 10**14  # ms: until the year 5138; bytes: 100 TB


def loads(body: bytes) -> Any:
    """What JSON says. Raises `ValueError`, for what only Python would take too, or `RecursionError`."""
    return json.loads(body, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _text(value: Any, _kind: Any) -> str:
    if type(value) is not str:
        raise ValueError("no text")
    value.encode()  # raises for half of a surrogate pair, which JSON may hold and UTF-8 may not
    return value


def _whole(value: Any, _kind: Any) -> int:
    if type(value) is not int or not _SMALLEST <= value <= _LARGEST:
        raise ValueError("no whole number")
    return value


def _number(value: Any, _kind: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _truth(value: Any, _kind: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("neither true nor false")
    return value


def _day(value: Any, _kind: Any) -> dt.date:
    return dt.date.fromisoformat(value)


CONVERTER = Converter(detailed_validation=False)  # raises `ValueError`, `KeyError`, `TypeError` or `AttributeError`
for _type, _hook in ((str, _text), (int, _whole), (float, _number), (bool, _truth), (dt.date, _day)):
    CONVERTER.register_structure_hook(_type, _hook)
