"""What people write in TOML, checked into attrs classes: every mistake is told with its key and its mend."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError

from station.rules.now import HOUR, MINUTE, SECOND
from station.rules.trouble import Refused, Trouble

T = TypeVar("T")

_LONGEST = 87_600 * HOUR  # beyond it instants no longer fit where they are kept
_UNITS = {"h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1}
_WRITTEN_AS = {
    "skip": "except",
    "lasting": "for",
    "since": "from",
    "sender": "from",
}  # where a file's word is one of Python's own
_TYPES = {str: "chữ trong dấu nháy", int: "số nguyên", float: "số", bool: "true hoặc false"}


class Unreadable(Exception):  # noqa: N818 - it is a state of the file
    """A file is not right; `troubles` tells everything that is wrong with it."""

    def __init__(self, troubles: list[Trouble]) -> None:
        super().__init__("; ".join(str(trouble) for trouble in troubles))
        self.troubles = troubles


def read_toml(path: Path, into: type[T], converter: Converter) -> T:
    """Read a file into an attrs class, or raise `Unreadable` with all that is wrong."""
    return read_toml_text(read_text(path), into, converter, path.name)


def read_text(path: Path) -> str:
    """The text of a file as it stands, or raise `Unreadable`."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise Unreadable([Trouble(path.name, f"Không đọc được tệp ({error.strerror}).")]) from None
    except UnicodeDecodeError:
        wrong = Trouble(path.name, "Tệp không phải là chữ UTF-8.", mend="Lưu lại tệp với bảng mã UTF-8.")
        raise Unreadable([wrong]) from None


def read_toml_text(text: str, into: type[T], converter: Converter, where: str) -> T:
    """Read the text of a file into an attrs class, or raise `Unreadable` with all that is wrong."""
    kind: Any = into
    read: T = _read(text, kind, converter, where)
    return read


@lru_cache(maxsize=128)  # the same files are read again and again, and what they become is frozen
def _read(text: str, into: Any, converter: Converter, where: str) -> Any:
    return structure(parse_toml(text, where), into, converter, where)


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The plain data of a file's text, or raise `Unreadable`."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, a thousand brackets
        wrong = Trouble(where, f"Tệp viết sai cú pháp TOML: {error}.", mend="Sửa dòng đó.")
        raise Unreadable([wrong]) from None


def structure(data: object, into: type[T], converter: Converter, where: str) -> T:
    """Check parsed TOML into an attrs class, or raise `Unreadable` with all that is wrong."""
    try:
        return converter.structure(data, into)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raised
        found: list[Trouble] = []

        def note(one: BaseException, _kind: object) -> str:
            found.append(_trouble(one))
            return str(len(found) - 1)

        told = transform_error(error, "", note)
        raise Unreadable([_placed(found, line, where) for line in told]) from None


def strict_converter() -> Converter:
    """A converter that takes no value for another's and no key that it does not know."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in _TYPES:
        converter.register_structure_hook(kind, _only(kind))
    return converter


def one_of(names: Collection[str], what: str) -> Callable[[Any, Any], str]:
    """A hook that takes one of `names` and suggests the nearest for any other; `what` says what is named."""

    def hook(value: Any, _kind: Any) -> str:
        if value in names:
            return str(value)
        raise Refused(Trouble("", f"“{value}” không phải là {what}.", mend=nearest(str(value), names)))

    return hook


def nearest(value: str, names: Collection[str]) -> str:
    """A sentence that suggests the right word."""
    if near := difflib.get_close_matches(value.lower(), names, n=1):
        return f"Có phải “{near[0]}” không?"
    known = ", ".join(f"“{name}”" for name in names)
    return f"Viết một trong: {known}."


def read_duration(value: Any, _kind: Any = None) -> int:
    """`"36h"`, `"12m"`, `"90s"`, `"1h30m"` or `"200ms"`, in ms."""
    parts = re.findall(r"(\d{1,9})(ms|[hms])", value) if isinstance(value, str) else []
    if not parts or "".join(number + unit for number, unit in parts) != value:
        wrong = Trouble(
            "", f"“{value}” không phải là một khoảng thời gian.", mend="Viết như “36h”, “12m” hoặc “90s”."
        )
        raise Refused(wrong)
    duration = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if duration > _LONGEST:
        raise Refused(Trouble("", f"“{value}” quá dài.", mend="Viết nhiều nhất “87600h”, là mười năm."))
    return duration


def read_clock(value: Any, _kind: Any = None) -> int:
    """`"05:00"` to `"24:00"`, in ms after midnight."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", value) if isinstance(value, str) else None
    if match:
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
        clock = hours * HOUR + minutes * MINUTE + seconds * SECOND
        if clock <= 24 * HOUR and minutes < 60 and seconds < 60:  # noqa: PLR2004 - a day, an hour, a minute
            return clock
    raise Refused(Trouble("", f"“{value}” không phải là giờ trong ngày.", mend="Viết như “05:00”."))


def _only(kind: type) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _kind: Any) -> Any:
        whole_for_float = kind is float and type(value) is int
        if type(value) is kind or whole_for_float:
            return kind(value)
        raise Refused(Trouble("", f"“{value}” không đúng loại.", mend=f"Ở đây cần {_TYPES[kind]}."))

    return hook


def _trouble(error: BaseException) -> Trouble:
    match error:
        case Refused():
            return error.trouble
        case ForbiddenExtraKeysError():
            known = [_WRITTEN_AS.get(field.name, field.name) for field in attrs.fields(error.cl)]
            key = min(error.extra_fields)
            return Trouble("", f"Không có khoá “{key}”.", mend=nearest(key, known))
        case KeyError():
            return Trouble("", f"Thiếu khoá “{error.args[0]}”.", mend="Thêm khoá này.")
        case _:
            return Trouble("", "Giá trị không đúng dạng.", mend="Xem ví dụ trong thư mục schedules hoặc README.")


def _placed(found: list[Trouble], line: str, where: str) -> Trouble:
    number, _, path = line.partition(" @ ")
    key = re.sub(r"\['(.*?)'\]", r".\1", path).lstrip(".")
    key = re.sub(r"[^.]+$", lambda last: _WRITTEN_AS.get(last[0], last[0]), key)
    key = re.sub(r"\[(\d+)\]", lambda index: f" thứ {int(index[1]) + 1}", key)
    return attrs.evolve(found[int(number)], where=f"{where}, {key}" if key else where)
