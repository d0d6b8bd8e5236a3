"""A version of this program, as `pyproject.toml` says it: numbers between dots, the later the greater."""

import re

from station.rules.trouble import Refused, Trouble

_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")  # PEP 440, its plain releases


def is_version(words: object) -> bool:
    """Whether that is one."""
    return isinstance(words, str) and _VERSION.fullmatch(words) is not None


def is_newer(version: str, than: str) -> bool:
    """Whether a version is later than another one. Raises `Refused` for what is none."""
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    if not is_version(version):
        raise Refused(Trouble("", f"“{version[:40]}” không phải là số phiên bản.", mend="Viết như 0.2.0."))
    numbers = [int(it) for it in version.split(".")]
    while numbers[-1:] == [0]:
        numbers.pop()
    return tuple(numbers)
