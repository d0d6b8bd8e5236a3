"""The way to the one who may set the clock: a request and its answer, two files in memory.

Neither player nor page may set it. `station-clock.path` starts the setter as soon as a request is there.
"""

import json
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from station.clock import SET_BY_HAND
from station.durable import write_whole
from station.rules.clock import SetByHand, SettingWanted
from station.rules.strict_json import CONVERTER, loads
from station.rules.trouble import Trouble

FOLDER = SET_BY_HAND.parent
_REQUEST, _ANSWER = "clock.request", "clock.answer"
_LONGEST = 4_096  # bytes
_READABLE = 0o644
_GARBLED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@frozen
class Answer:
    """What came of the request that was made at mono ms `asked`: how the clock was set, or why it was not."""

    asked: int
    done: SetByHand | None = None
    trouble: Trouble | None = None


def put_request(folder: Path, wanted: SettingWanted) -> None:
    """Ask for it."""
    _put(folder / _REQUEST, asdict(wanted))


def take_request(folder: Path) -> SettingWanted | None:
    """What is asked for, once; None when nobody asks, or nobody could tell for what. Raises `OSError`."""
    place = folder / _REQUEST
    with place.open("rb") as stream:
        told = stream.read(_LONGEST)
    place.unlink()
    try:
        return CONVERTER.structure(loads(told), SettingWanted)
    except _GARBLED:
        return None


def put_answer(folder: Path, answer: Answer) -> None:
    """Answer, and have everybody know by whose hand the clock was set."""
    if answer.done:
        _put(folder / SET_BY_HAND.name, asdict(answer.done))
    _put(folder / _ANSWER, asdict(answer))


def read_answer(folder: Path, asked: int) -> Answer | None:
    """The answer to what was asked at mono ms `asked`, once it is there."""
    try:
        answer = CONVERTER.structure(loads((folder / _ANSWER).read_bytes()), Answer)
    except (OSError, *_GARBLED):
        return None
    return answer if answer.asked == asked else None


def _put(place: Path, told: dict[str, Any]) -> None:
    write_whole(place, json.dumps(told, ensure_ascii=False).encode(), _READABLE)
