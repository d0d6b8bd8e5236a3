"""What alerts the office sent: `alerts.jsonl` in the province's folder, a line each, which is only ever added to.

What is in force is what this log says; the tree and the broker are made to follow it.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from station.durable import sync_folder
from station.rules.alerting.alert import MessageType, Reference, Severity, Status
from station.rules.trouble import Refused, Trouble

FILE = "alerts.jsonl"

_LOCK = ".alerts.lock"


@frozen
class Sent:
    """A message that was sent: by which person of the office, as which sender, to which groups; in wall ms.

    It `ends` others, by their ids: those that it updates or cancels, and all that these did. `file` is the sha256
    of its envelope.
    """

    id: str
    at: int
    until: int
    identifier: str
    sender: str
    by: str
    status: Status
    kind: MessageType
    groups: tuple[str, ...]
    severity: Severity
    event: str
    headline: str
    description: str
    instruction: str
    repeats: int | None
    sound: bool
    ends: tuple[str, ...]
    file: str

    @property
    def me(self) -> Reference:
        """By which later messages name it."""
        return Reference(self.sender, self.identifier, self.at)


class AlertLog:
    """The log in the province's folder `work`."""

    def __init__(self, work: Path) -> None:
        self._work, self._file = work, work / FILE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else sends meanwhile, and who wants to waits; it is held for moments only."""
        with (self._work / _LOCK).open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def read(self) -> tuple[Sent, ...]:
        """All of it, the oldest first. A line that a power cut left half written was never told to be sent."""
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        return tuple(filter(None, map(_read, lines)))

    def add(self, sent: Sent) -> None:
        """Write down a message; on return it survives a power cut."""
        with self._file.open("a+b") as stream:
            fresh = not stream.tell()
            if not fresh and not _is_whole(stream.fileno(), stream.tell()):
                stream.write(b"\n")
            stream.write(json.dumps(asdict(sent), ensure_ascii=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        if fresh:
            sync_folder(self._work)


def in_force(log: Iterable[Sent], now: int) -> tuple[Sent, ...]:
    """What holds at wall ms `now`: not over, and neither updated nor cancelled."""
    log = tuple(log)
    ended = {it for sent in log for it in sent.ends}
    return tuple(it for it in log if it.until > now and it.id not in ended)


def find(log: Iterable[Sent], id_: str, now: int) -> Sent:
    """The message in force that people mean by its id or the beginning of it. Raises `Refused`."""
    log = tuple(log)
    meant = [it for it in log if it.id.startswith(id_)] if id_ else []
    holding = [it for it in in_force(log, now) if it in meant]
    if len(holding) == 1:
        return holding[0]
    if holding:
        what = f"“{id_}” chỉ nhiều tin: {', '.join(it.id for it in holding)}."
    elif not meant:
        what = f"Không có tin nào mã “{id_}”."
    else:
        after = [it for it in log if any(one.id in it.ends for one in meant)]
        what = f"Tin này đã được thay hoặc huỷ bằng tin {after[-1].id}." if after else "Tin này đã hết hạn."
    mend = "Xem các tin bằng “station province alert list”."
    raise Refused(Trouble("", what, "Chưa gửi gì.", mend))


def replaced_by(meant: Sent, log: Iterable[Sent]) -> tuple[Sent, ...]:
    """Whom it takes to name to end a message: those that it ended itself, and it."""
    return (*(it for it in log if it.id in meant.ends), meant)


def _read(line: bytes) -> Sent | None:
    try:
        told: dict[str, Any] = json.loads(line)
        return Sent(
            **{
                **told,
                "status": Status(told["status"]),
                "kind": MessageType(told["kind"]),
                "severity": Severity(told["severity"]),
                "groups": tuple(told["groups"]),
                "ends": tuple(told["ends"]),
            }
        )
    except (ValueError, TypeError, KeyError):
        return None


def _is_whole(descriptor: int, length: int) -> bool:
    return os.pread(descriptor, 1, length - 1) == b"\n"
