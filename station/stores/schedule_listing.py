"""The schedules as a list for people: each file with its title, its hours as written, and what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from station.rules.origin import Origin
from station.rules.trouble import Trouble
from station.stores.known import Known
from station.stores.schedule_files import read_schedule, schedule_paths, whose
from station.stores.written import Unreadable, parse_toml, read_text

_WORDS = {"except": "trừ", "from": "từ", "until": "đến", "every": "mỗi", "hard_end": "dừng lúc"}


@frozen
class Listed:
    """A schedule in a list; one with `troubles` does not air, and only the commune's own can be changed here."""

    name: str
    title: str
    origin: Origin
    enabled: bool
    airs: tuple[str, ...]
    troubles: tuple[Trouble, ...]


def list_files(folder: Path, known: Known) -> tuple[Listed, ...]:
    """Every schedule of a folder by its name, the broken ones too."""
    return tuple(_listed(name, path, known) for name, path in schedule_paths(folder).items())


def _listed(name: str, path: Path, known: Known) -> Listed:
    written: dict[str, Any] = {}
    try:
        text = read_text(path)
        written = parse_toml(text, path.name)
        read_schedule(text, name, known)
    except Unreadable as error:
        return _of(name, written, tuple(error.troubles))
    return _of(name, written, ())


def _of(name: str, written: Mapping[str, Any], troubles: tuple[Trouble, ...]) -> Listed:
    airings = written.get("air")
    airs = tuple(_airs(it) for it in airings if isinstance(it, dict)) if isinstance(airings, list) else ()
    enabled = written.get("enabled", True) is not False
    return Listed(name, str(written.get("title", name)), whose(name), enabled, airs, troubles)


def _airs(airing: Mapping[str, Any]) -> str:
    """`05:00 mon-sat, trừ 2027-02-05`."""
    when = [_told(airing[key]) for key in ("at", "days") if key in airing]
    more = [f"{_WORDS.get(key, key)} {_told(airing[key])}" for key in airing if key not in {"at", "days"}]
    return ", ".join([" ".join(when), *more])


def _told(value: object) -> str:
    return ", ".join(str(it) for it in value) if isinstance(value, list) else str(value)
