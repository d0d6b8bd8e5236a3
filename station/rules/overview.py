"""The province as it is now: what its stations say of themselves at the broker, taken for what it is.

`rules/alerting/ways.py` says where they say it. Who holds a station's account may say anything.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import Factory, field, frozen
from cattrs.gen import make_dict_structure_fn, override

from station.rules.alerting.ways import OFF, ON
from station.rules.strict_json import CONVERTER, loads
from station.rules.title import clean

LONGEST = 64 * 1024  # bytes of what a station says at a time
_MOST_FAULTS = 20


class Garbled(ValueError):  # noqa: N818 - it is what a message is, not a programmer's error
    """Nobody can tell what a station means."""


@frozen
class Programme:
    """A broadcast: what listeners call it, and when it begins (wall ms)."""

    title: str
    start: int


@frozen
class Told:
    """What a station said of itself at wall ms `at`; `disk_free` in bytes, `heat` in °C, None where nobody tells.

    `player` is whether its player runs: of one that does not, nobody tells more. `faults` are what happened, each
    with where it did.
    """

    at: int
    version: str
    player: bool
    clock_trusted: bool
    on_air: Programme | None
    next: Programme | None
    faults: tuple[str, ...]
    disk_free: int | None = None
    heat: float | None = None


@frozen
class Answered:
    """What a station did with an alert, at wall ms `at`: decision, result and proof are words of its log."""

    at: int
    decision: str
    reason: str = ""
    result: str = ""
    proof: str = ""


class Answer(StrEnum):
    """What became of an alert at a station; whoever needs a telephone call comes first."""

    NONE = "none"  # it did not answer
    FAILED = "failed"  # it was to air, and did not, or nobody could hear it
    REFUSED = "refused"
    PROPOSED = "proposed"  # a person there has yet to decide
    CUT = "cut"
    COMING = "coming"
    AIRING = "airing"
    NOTED = "noted"  # it came, and was not meant to be heard
    AIRED = "aired"


TO_CALL = (Answer.NONE, Answer.FAILED, Answer.REFUSED, Answer.PROPOSED, Answer.CUT)
GARBLED = ("topic", "stranger", "content")  # reasons: where it was said, by whom, what
DECISIONS = ("air", "propose", "note", "refuse")
_UNHEARD = {"silent", "other"}
_RESULTS = {
    "airing": Answer.AIRING,
    "aired": Answer.AIRED,
    "cut": Answer.CUT,
    "failed": Answer.FAILED,
    "missed": Answer.FAILED,
}
_DECIDED = {
    "air": Answer.COMING,
    "propose": Answer.PROPOSED,
    "note": Answer.NOTED,
    "refuse": Answer.REFUSED,
}


@frozen
class Row:
    """A station: whether it is connected, as long as that is known, since when (wall ms), and when it last spoke.

    `since` is None where nobody saw the change.
    """

    code: str
    name: str
    up: bool | None = None
    since: int | None = None
    seen: int | None = None
    told: Told | None = None
    answers: Mapping[str, Answered] = Factory(dict)


@frozen
class InForce:
    """An alert that is in force until wall ms `until`, and the codes of the communes that it is for.

    `silent` says that it only checks the path.
    """

    id: str
    title: str
    sent: int
    until: int
    silent: bool
    codes: frozenset[str] = field(repr=False)


@frozen
class Connection:
    """The line to the broker: whether it is there, and since when it is so (wall ms)."""

    up: bool
    since: int


@frozen
class Picture:
    """The province at wall ms `at`; `garbled` counts what nobody could make anything of, by reason."""

    at: int
    broker: Connection
    rows: tuple[Row, ...] = field(repr=False)
    alerts: tuple[InForce, ...] = ()
    messages: int = 0
    garbled: Mapping[str, int] = Factory(dict)


def read_link(content: bytes) -> bool:
    """Whether a station is there. Raises `Garbled`."""
    if content not in {ON, OFF}:
        raise Garbled("neither on nor off")
    return content == ON


def read_told(content: bytes) -> Told:
    """How a station says that it is. Raises `Garbled`."""
    told: Told = _read(content, Told, _shaped)
    return told


def read_answered(content: bytes) -> Answered:
    """What a station says that it did with an alert. Raises `Garbled`."""
    answered: Answered = _read(content, Answered, dict)
    if answered.decision not in DECISIONS or answered.result not in {"", *_RESULTS}:
        raise Garbled("no such decision or result")
    return answered


def answer(answered: Answered | None) -> Answer:
    """What that comes to."""
    if answered is None:
        return Answer.NONE
    found = _RESULTS.get(answered.result) or _DECIDED[answered.decision]
    return Answer.FAILED if found is Answer.AIRED and answered.proof in _UNHEARD else found


def answers(alert: InForce, rows: Iterable[Row]) -> Mapping[Answer, tuple[Row, ...]]:
    """Which of the stations that an alert is for did what with it; no answer is left out."""
    found: dict[Answer, list[Row]] = {it: [] for it in Answer}
    for row in rows:
        if row.code in alert.codes:
            found[answer(row.answers.get(alert.id))].append(row)
    return {it: tuple(some) for it, some in found.items()}


def _read(content: bytes, kind: Any, shaped: Callable[[Any], dict[str, Any]]) -> Any:
    if len(content) > LONGEST:
        raise Garbled("too large")
    try:
        return _CONVERTER.structure(shaped(loads(content)), kind)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Garbled(repr(error)) from None


def _shaped(told: Any) -> dict[str, Any]:
    faults = (f"{it['where']}: {it['what']}" if it["where"] else it["what"] for it in told["faults"][:_MOST_FAULTS])
    return {**told, "faults": list(faults)}


def _words(value: Any, _kind: Any) -> str:
    return clean(CONVERTER.structure(value, str))


def _instant(value: Any, _kind: Any) -> int:
    """A station writes instants of its programme in ISO 8601."""
    return round(dt.datetime.fromisoformat(value).timestamp() * 1_000)


_CONVERTER = CONVERTER.copy()
_CONVERTER.register_structure_hook(str, _words)
_CONVERTER.register_structure_hook(
    Programme, make_dict_structure_fn(Programme, _CONVERTER, start=override(struct_hook=_instant))
)
