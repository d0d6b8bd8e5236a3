"""The label of a tape: what a finished file holds, kept beside it, so that it serves again after a restart."""

import json
import re
from pathlib import Path
from typing import Any

import attrs

from station.audio.tape import verify
from station.durable import write_whole
from station.rules.rundown import Mark, Stretch, Tape
from station.rules.trouble import Refused


def tape_name(key: str, digest: str) -> str:
    """Under which name the tape of a broadcast is kept, by its key and the digest of its programme."""
    return f"{re.sub(r'[^a-z0-9]+', '-', key)}-{digest}"


def write_label(tape: Tape) -> None:
    """Write a finished tape's label; on return it survives a power cut."""
    place = _label(tape.path)
    write_whole(place, json.dumps(attrs.asdict(tape), ensure_ascii=False).encode())


def read_label(path: Path) -> Tape | None:
    """The tape at `path`, if it is labelled and whole."""
    try:
        tape = _tape(json.loads(_label(str(path)).read_text()))
        verify(tape)
    except (OSError, ValueError, TypeError, KeyError, Refused):
        return None
    return tape


def forget_label(tape: Tape) -> None:
    """Remove a tape's label, before the tape itself."""
    _label(tape.path).unlink(missing_ok=True)


def _label(path: str) -> Path:
    return Path(path).with_suffix(".json")


def _tape(told: dict[str, Any]) -> Tape:
    marks = tuple(Mark(**it) for it in told["marks"])
    return Tape(**{**told, "marks": marks, "stretches": tuple(Stretch(**it) for it in told["stretches"])})
