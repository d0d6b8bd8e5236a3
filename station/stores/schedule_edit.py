"""Editing the text of a schedule file: what is asked changes, and every comment, space and line around it stays.

An edit is kept only when the new text, read back, means exactly what was asked and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import tomlkit
from attrs import frozen
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item, Key, SingleKey, Table

from station.rules.trouble import Refused, Trouble
from station.stores.schedule_tables import Arrangement
from station.stores.written import Unreadable, parse_toml

Value = str | bool | int | float | Sequence[str | Mapping[str, Any]]
Place = Callable[[MutableMapping[str, Any], str, str], tuple[MutableMapping[str, Any], str]]

_ONE_OR_MORE = ("days", "except")  # a word, or a list of them
_TRUTHS = {"true": True, "false": False}


@frozen
class Setting:
    """A key of a schedule file, such as `title` or `air.1.at`, and what it becomes; None takes the key away."""

    key: str
    value: Value | None

    def __str__(self) -> str:
        """As a person writes it."""
        if self.value is None or isinstance(self.value, str):
            return f"{self.key}={self.value or ''}"
        return f"{self.key}={tomlkit.item(_plain(self.value)).as_string()}"


Change = Setting | Arrangement


def setting(key: str, written: str) -> Setting:
    """What a person means by `key` and the words after it; no words take the key away."""
    name = key.rpartition(".")[2]
    listed = tuple(word.strip() for word in written.split(",") if word.strip())
    if not listed:
        return Setting(key, None)
    if name == "zones" or (name in _ONE_OR_MORE and len(listed) > 1):
        return Setting(key, listed)
    if name == "enabled":
        return Setting(key, _TRUTHS.get(written, written))
    return Setting(key, written)


def new_text(fields: Mapping[str, Any]) -> str:
    """A new schedule file, readable aloud: what stands alone, then each airing and each item of the rundown."""
    tables = {key: value for key, value in fields.items() if key in {"air", "rundown"}}
    blocks = [_aligned({key: value for key, value in fields.items() if key not in tables})]
    blocks += [f"[[{key}]]\n{_aligned(table)}" for key, listed in tables.items() for table in listed]
    return "\n".join(blocks)


def schedule_place(
    document: MutableMapping[str, Any], key: str, where: str
) -> tuple[MutableMapping[str, Any], str]:
    """The table of a schedule that holds `key`, and the key's own name there. Raises `Refused`.

    A table with no number, as in `air.at`, is the only one.
    """
    match = re.fullmatch(r"(?:(air|rundown)\.(?:(\d+)\.)?)?(\w+)", key)
    if not match:
        mend = "Viết như “title”, “air.1.at” hoặc “rundown.2.limit”."
        raise Refused(Trouble(where, f"Không hiểu khoá “{key}”.", mend=mend))
    if not match[1]:
        return document, match[3]
    tables = document.get(match[1])
    count = len(tables) if isinstance(tables, list) else 0
    if match[2] is None and count > 1:
        mend = f"Nói rõ bảng nào, như “{match[1]}.2.{match[3]}”."
        raise Refused(Trouble(where, f"Tệp này có {count} bảng [[{match[1]}]].", mend=mend))
    number = int(match[2] or 1)
    if not isinstance(tables, list) or not 1 <= number <= count:
        what = f"Không có [[{match[1]}]] thứ {number}."
        raise Refused(Trouble(where, what, mend=f"Tệp này có {count} bảng [[{match[1]}]]."))
    return tables[number - 1], match[3]


def edited(text: str, changes: Iterable[Change], where: str, place: Place = schedule_place) -> str:
    """The text of the file `where`, its `changes` made, each in its `place`. Raises `Unreadable`, or `Refused`."""
    for each in changes:
        asked = parse_toml(text, where)
        if isinstance(each, Arrangement):
            asked[each.key] = each.of(asked.get(each.key), where)
            text = _arranged(text, each, where)
        else:
            _put(asked, each, where, place)
            text = _rewritten(text, each, where, place)
        if not _means(text, asked):
            raise _by_hand(where)
    return text


def _arranged(text: str, change: Arrangement, where: str) -> str:
    try:
        return change.written(text, _aligned)
    except IndexError:  # its tables are not written as tables
        raise _by_hand(where) from None


def _means(text: str, asked: Mapping[str, Any]) -> bool:
    try:
        return parse_toml(text, "") == asked
    except Unreadable:
        return False


def _rewritten(text: str, change: Setting, where: str, place: Place) -> str:
    try:
        document = tomlkit.parse(text)
        if document.as_string() != text:
            raise _by_hand(where)
        table, name = place(document, change.key, where)
        if isinstance(table, Container | Table) and change.value is not None and name not in table:
            _insert(table, name, change.value, "\r\n" if "\r\n" in text else "\n")
        else:
            _put(document, change, where, place)
        return document.as_string()
    except TOMLKitError:
        raise _by_hand(where) from None


def _put(document: MutableMapping[str, Any], change: Setting, where: str, place: Place) -> None:
    table, name = place(document, change.key, where)
    if change.value is None:
        table.pop(name, None)
    else:
        table[name] = _plain(change.value)


def _insert(table: Container | Table, name: str, value: Value, newline: str) -> None:
    """Put a new key after the last one of a table, before any comment that leads to the next table."""
    body = (table.value if isinstance(table, Table) else table).body
    keyed = [(key, item, place) for place, (key, item) in enumerate(body) if key and not _opens(item)]
    added = tomlkit.item(_plain(value))
    added.trivia.trail = newline
    place = 0
    if keyed:
        _, last, before = keyed[-1]
        last.trivia.trail = last.trivia.trail or newline
        place = before + 1
    body.insert(place, (SingleKey(name, sep=_separator(name, [key for key, _, _ in keyed])), added))


def _opens(item: Item) -> bool:
    return isinstance(item, Table | AoT)


def _separator(name: str, siblings: Sequence[Key]) -> str:
    """What stands between a new key and its value: aligned, where its siblings are."""
    columns = {len(key.as_string()) + key.sep.index("=") for key in siblings}
    column = columns.pop() if len(columns) == 1 else 0
    return " " * max(column - len(name), 1) + "= "


def _aligned(values: Mapping[str, Any]) -> str:
    width = max(len(key) for key in values)
    return "".join(f"{key:{width}} = {tomlkit.item(_plain(value)).as_string()}\n" for key, value in values.items())


def _plain(value: Value) -> str | float | list[str | Mapping[str, Any]]:
    return value if isinstance(value, str | bool | int | float) else list(value)


def _by_hand(where: str) -> Refused:
    what = "Tệp được viết theo cách mà đài không tự sửa được."
    return Refused(Trouble(where, what, "Tệp vẫn nguyên như cũ.", "Mở tệp và sửa bằng tay."))
