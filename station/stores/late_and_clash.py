"""What a schedule does when it is late, or when a more urgent one wants its time, as its file says it."""

from typing import Any

from station.rules.schedule import DROP, SKIP, Clash, Late, Yield
from station.rules.trouble import Refused, Trouble
from station.stores.written import nearest, read_duration

_START_WITHIN = "start within "
_MOVE_WITHIN = "move within "


def read_late(value: Any, _kind: Any = None) -> Late:
    """`"skip"`, `"join"` or `"start within 10m"`."""
    match value:
        case "skip":
            return SKIP
        case "join":
            return Late(join=True)
        case str() if value.startswith(_START_WITHIN):
            return Late(within=read_duration(value.removeprefix(_START_WITHIN)))
    raise _unknown(value, ["skip", "join", "start within 10m"])


def read_clash(value: Any, _kind: Any = None) -> Clash:
    """`"drop"`, `"cut"` or `"move within 20m"`."""
    match value:
        case "drop":
            return DROP
        case "cut":
            return Clash(Yield.CUT)
        case str() if value.startswith(_MOVE_WITHIN):
            return Clash(Yield.MOVE, read_duration(value.removeprefix(_MOVE_WITHIN)))
    raise _unknown(value, ["drop", "cut", "move within 20m"])


def _unknown(value: Any, known: list[str]) -> Refused:
    return Refused(Trouble("", f"Không hiểu “{value}”.", mend=nearest(str(value), known)))
