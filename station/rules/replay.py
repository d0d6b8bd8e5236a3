"""Replay: what of a broadcast anybody may hear again, and what of that finds room."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from attrs import frozen

from station.rules.heard import Sounded, heard
from station.rules.origin import Origin
from station.rules.rundown import Kind, Segment
from station.rules.schedule import Priority
from station.rules.step.actions import Result

BULLETINS = (Kind.NEWS, Kind.NOTICE, Kind.FEATURE)  # what a commune makes; music and tunes are often others'


class Aired(Sounded, Protocol):
    """What a record tells of a broadcast."""

    @property
    def origin(self) -> str:
        """Whose programme it was."""

    @property
    def priority(self) -> str:
        """How urgent it was."""

    @property
    def result(self) -> str | None:
        """How it ended, or None while it is on."""


@frozen
class Part:
    """A segment as it was in a tape: `ready` is the sha256 of what was in it; `at` and `length` in ms."""

    ready: str
    at: int
    length: int


def may_be_heard_again(record: Aired, part: Part, segment: Segment | None, wall: int) -> bool:
    """Whether a part of a broadcast may be heard again at wall ms.

    `segment` is what may be aired now of what it was made of: the very sound that was heard must still be approved,
    and valid. An emergency is never heard again: days later it would be an alarm for nothing.
    """
    ended = record.result in {Result.AIRED, Result.CUT}
    own = record.origin == Origin.COMMUNE and record.priority != Priority.EMERGENCY
    if not (ended and own and heard(record, part.at, part.length)):
        return False
    if segment is None or segment.ready != part.ready:
        return False
    return segment.kind in BULLETINS and segment.is_valid(wall)


def fitting(files: Iterable[tuple[str, int]], room: int) -> Iterator[str]:
    """The names of those files of so many bytes that fit into `room` bytes, the first ones first."""
    taken: set[str] = set()
    for name, size in files:
        if name not in taken and size <= room:
            taken.add(name)
            room -= size
            yield name
