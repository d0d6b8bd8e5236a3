"""What the station knows of its backup sticks: the mark by which it knows them, and the last backup."""

import secrets
from pathlib import Path

import attrs
from attrs import frozen

from station.rules.trouble import Trouble
from station.stores.json_files import JsonFiles, with_trouble

_MARK = "stick.key"
_LAST = "last.json"
_BYTES = 32


@frozen
class Mark:
    """The secret on each of the station's sticks. A person last chose one at `chosen_at` (wall ms)."""

    secret: str
    chosen_at: int


@frozen
class LastBackup:
    """The last good backup on a stick: when (wall ms, None before the first) and how large (bytes).

    `trouble` is what stood in the way of one since.
    """

    good_at: int | None = None
    size: int = 0
    trouble: Trouble | None = None


class Backups:
    """It, in a `folder` of the station's home."""

    def __init__(self, folder: Path) -> None:
        self._files = JsonFiles(folder)

    def mark(self) -> Mark | None:
        """The station's mark; None until somebody made a stick its own."""
        told = self._files.read(_MARK)
        return Mark(**told) if told else None

    def choose(self, now: int) -> Mark:
        """The mark for a stick that a person chose at wall ms `now`; on return it survives a power cut."""
        known = self.mark()
        mark = Mark(known.secret if known else secrets.token_hex(_BYTES), now)
        self._files.keep(_MARK, attrs.asdict(mark))
        return mark

    def last(self) -> LastBackup:
        """What was noted last."""
        told = self._files.read(_LAST)
        return LastBackup(**with_trouble(told)) if told else LastBackup()

    def note(self, last: LastBackup) -> None:
        """Note how the last one went."""
        self._files.keep(_LAST, attrs.asdict(last))
