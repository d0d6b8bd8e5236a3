"""The messages of the control socket: one JSON object a line, a request and its answer.

A request names what is asked and carries its fields; the answer says whether it was done, what truly happened in a
sentence, and for `status` a value:

    {"ask": "play", "name": "nhac-hieu", "zones": [], "who": "Lan"}
    {"done": true, "sentence": "Đang phát “Nhạc hiệu”.", "value": null}
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen
from cattrs import Converter

LONGEST_LINE = 1 << 20  # bytes


@frozen
class Status:
    """What is on air, what comes next, and what is wrong."""


@frozen
class Watch:
    """The status as soon as something changed since the change that was `seen` last, or `longest` s later.

    The value is `{"seen": …, "status": …}`; a watcher that has seen nothing begins with 0.
    """

    seen: int
    longest: float = 1.0


@frozen
class Play:
    """Put the segment or schedule `name` on air now, in `zones` or in all.

    With a reason to `override` it, outside allowed hours and limits too.
    """

    name: str
    who: str
    zones: tuple[str, ...] = ()
    override: str = ""


@frozen
class Stop:
    """Be silent now."""

    who: str


@frozen
class Emergency:
    """Interrupt everything: attention tone, then the segment or the `text` to speak, `repeats` times or as set."""

    who: str
    segment: str = ""
    text: str = ""
    zones: tuple[str, ...] = ()
    repeats: int | None = None


@frozen
class AirAlert:
    """Air an alert that the station keeps, as its rules or `who` decided; one that was heard is not heard again."""

    alert: str
    who: str


@frozen
class WithdrawAlert:
    """Let an alert be silent that was cancelled or replaced, on air or not."""

    alert: str
    reason: str


@frozen
class Live:
    """Chime, then the microphone `source` (`microphone:NAME` or `browser`) until stopped.

    In an `emergency` it interrupts everything, with the attention tone.
    """

    who: str
    source: str
    zones: tuple[str, ...] = ()
    emergency: bool = False
    override: str = ""


@frozen
class TryZone:
    """Sound a few seconds in one zone, so that a technician hears whether it works."""

    who: str
    zone: str
    override: str = ""


@frozen
class Mute:
    """Keep a zone's amplifier off whatever airs, or no longer."""

    who: str
    zone: str
    muted: bool


@frozen
class Restart:
    """End and begin anew by the files as they are now, if nothing is on or about to be."""

    who: str


@frozen
class SoundOutputs:
    """Where sound could go on this machine; the value is a list of `{"device", "title", "missing"}`."""


@frozen
class Sync:
    """Synchronise with the province now."""


@frozen
class LookAgain:
    """The library or the files were changed: take in, plan and render what that brings."""


Request = (
    Status
    | Watch
    | Play
    | Stop
    | Emergency
    | AirAlert
    | WithdrawAlert
    | Live
    | TryZone
    | Mute
    | Restart
    | SoundOutputs
    | Sync
    | LookAgain
)

_REQUESTS: Mapping[str, type[Request]] = {
    "status": Status,
    "watch": Watch,
    "play": Play,
    "stop": Stop,
    "emergency": Emergency,
    "air-alert": AirAlert,
    "withdraw-alert": WithdrawAlert,
    "live": Live,
    "try-zone": TryZone,
    "mute": Mute,
    "restart": Restart,
    "sound-outputs": SoundOutputs,
    "sync": Sync,
    "look-again": LookAgain,
}
_NAMES = {kind: name for name, kind in _REQUESTS.items()}
T = TypeVar("T")

_CONVERTER = Converter(forbid_extra_keys=True)


@frozen
class Answer:
    """What truly happened; `value` is JSON."""

    done: bool
    sentence: str = ""
    value: Any = None


class Garbled(ValueError):  # noqa: N818 - it is a state of the line
    """A line that is no message."""


def write_request(request: Request) -> bytes:
    """A request as a line."""
    return _line({"ask": _NAMES[type(request)], **attrs.asdict(request)})


def read_request(line: bytes) -> Request:
    """The request of a line; raises `Garbled`."""
    fields = _fields(line)
    kind = _REQUESTS.get(str(fields.pop("ask", "")))
    if kind is None:
        raise Garbled("no such request")
    return _structured(fields, kind)


def write_answer(answer: Answer) -> bytes:
    """An answer as a line."""
    return _line(attrs.asdict(answer))


def read_answer(line: bytes) -> Answer:
    """The answer of a line; raises `Garbled`."""
    return _structured(_fields(line), Answer)


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError:
        raise Garbled("not JSON") from None
    if not isinstance(fields, dict):
        raise Garbled("not an object")
    return fields


def _structured(fields: dict[str, Any], kind: type[T]) -> T:
    try:
        return _CONVERTER.structure(fields, kind)
    except Exception:  # noqa: BLE001 - cattrs raises groups of anything
        raise Garbled("wrong fields") from None
