"""Editing the text of `station.toml`: which of its keys a person may change, and what their words mean."""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

import tomlkit

from station.rules.trouble import Refused, Trouble
from station.stores.schedule_edit import Setting, Value
from station.stores.schedule_edit import edited as edited_in_place
from station.stores.written import nearest, parse_toml

_TRUTHS = {"true": True, "false": False}
_A_NAME = r"[a-z0-9-]+"
_TABLES = ("zones", "streams", "microphones")  # of these a whole table may be taken away


def _text(written: str) -> Value:
    return written


def _listed(written: str) -> Value:
    return tuple(word.strip() for word in re.split(r"[,\n]", written) if word.strip())


def _number(written: str) -> Value:
    """A number, or the words as they are: reading the file tells what is wrong with them."""
    plain = written.replace(",", ".").replace("−", "-")
    try:
        return int(plain) if re.fullmatch(r"-?\d+", plain) else float(plain)
    except ValueError:
        return written


def _truth(written: str) -> Value:
    return _TRUTHS.get(written, written)


def _levels(written: str) -> Value:
    """Lines such as `00:00-06:00 -6`, and after that the priorities, where it is not the usual two."""
    return tuple(_level(line.split()) for line in re.split(r"[,\n]", written) if line.strip())


def _level(words: list[str]) -> Mapping[str, Any]:
    hours, gain, *priorities = [*words, ""] if len(words) == 1 else words
    return {"hours": hours, "gain": _number(gain), **({"priority": priorities} if priorities else {})}


_KEYS: Mapping[str, Callable[[str], Value]] = {
    "name": _text,
    "allowed_hours": _listed,
    "weekend_hours": _listed,
    r"limits\.sessions": _number,
    r"limits\.(session|day)": _text,
    "level": _levels,
    r"audio\.(device|monitor)": _text,
    r"audio\.(loudness|high_pass|delay)": _number,
    r"speech\.voice": _text,
    r"speech\.speed": _number,
    r"approval\.one_person": _truth,
    r"library\.originals": _number,
    r"amplifiers\.stagger": _text,
    r"emergency\.(gain|repeats)": _number,
    r"emergency\.message": _text,
    r"live\.longest": _text,
    rf"zones\.{_A_NAME}\.(title|pi|warm_up|linger|rest|longest)": _text,
    rf"zones\.{_A_NAME}\.(pin|feedback)": _number,
    rf"zones\.{_A_NAME}\.(active_high|feedback_high)": _truth,
    rf"streams\.{_A_NAME}\.(title|address)": _text,
    rf"microphones\.{_A_NAME}\.(title|device)": _text,
}


def config_setting(key: str, written: str) -> Setting:
    """What a person means by a `key` of `station.toml` and words; no words take it away. Raises `Refused`."""
    written = written.strip().replace("\r\n", "\n")
    whole_table = re.fullmatch(rf"({'|'.join(_TABLES)})\.{_A_NAME}", key)
    read = next((read for pattern, read in _KEYS.items() if re.fullmatch(pattern, key)), None)
    if read is None and not (whole_table and not written):
        known = [re.sub(r"\\|\(.*", "", pattern) for pattern in _KEYS]
        raise Refused(Trouble("station.toml", f"Không sửa được khoá “{key}” ở đây.", mend=nearest(key, known)))
    return Setting(key, read(written) if read and written else None)


def config_words(data: Mapping[str, Any], key: str) -> str:
    """What stands in a file under `key`, as `config_setting` reads it; nothing where it says nothing."""
    value: Any = data
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case [*items]:
            return "\n".join(_level_words(it) if isinstance(it, Mapping) else str(it) for it in items)
        case _:
            return str(value)


def edited_config(text: str, settings: Iterable[Setting], where: str) -> str:
    """The text of `station.toml` with its `settings` made; all else stays. Raises `Unreadable`, or `Refused`."""
    data = parse_toml(text, where)
    single = [step for each in settings for step in _steps(each, data)]
    return edited_in_place(text, single, where, _place)


def _steps(change: Setting, data: Mapping[str, Any]) -> list[Setting]:
    """A list of tables is written anew, since it may stand in two ways; the last table goes with its home."""
    home, _, name = change.key.partition(".")
    if change.value is None and home in _TABLES and set(data.get(home, ())) == {name}:
        return [Setting(home, None)]
    return [Setting(change.key, None), change] if change.key == "level" and change.value is not None else [change]


def _place(document: MutableMapping[str, Any], key: str, _where: str) -> tuple[MutableMapping[str, Any], str]:
    *path, name = key.split(".")
    table = document
    for depth, part in enumerate(path, 1):
        if part not in table:
            table[part] = {} if type(table) is dict else tomlkit.table(is_super_table=depth < len(path))
        table = table[part]
    return table, name


def _level_words(level: Mapping[str, Any]) -> str:
    priority = level.get("priority", ())
    priorities = [priority] if isinstance(priority, str) else priority
    return " ".join([str(level.get("hours", "")), str(level.get("gain", "")), *map(str, priorities)])
