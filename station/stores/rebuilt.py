"""What is told of databases that were found broken and made anew, until a person has seen it."""

import json
from enum import StrEnum
from pathlib import Path

import attrs
from attrs import evolve, frozen

from station.durable import write_whole

_FILE = "rebuilt.json"


class Base(StrEnum):
    """What the new database was made of."""

    COPY = "copy"
    LOG = "log"
    NOTHING = "nothing"


@frozen
class Rebuilt:
    """One that was made anew at wall ms `at`; the broken one was set `aside` under that name, if there was one.

    `redone` transactions came from the log. When that was not `whole`, so many `records` of the as-run log were
    read from the broken one; `recordings` are segments that a person must approve anew.
    """

    at: int
    aside: str
    base: Base
    redone: int
    whole: bool
    records: int
    recordings: int
    seen: bool = False


class Notices:
    """They are kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> tuple[Rebuilt, ...]:
        """Every time that it happened, the first one first."""
        try:
            told = json.loads((self._folder / _FILE).read_text())
            return tuple(Rebuilt(**{**it, "base": Base(it["base"])}) for it in told)
        except (OSError, ValueError, TypeError, KeyError):  # what is damaged is as good as nothing
            return ()

    def add(self, rebuilt: Rebuilt) -> None:
        """Tell one more."""
        self._keep((*self.all(), rebuilt))

    def mark_seen(self) -> None:
        """Tell of none of them any more."""
        self._keep(tuple(evolve(it, seen=True) for it in self.all()))

    def _keep(self, all_of_them: tuple[Rebuilt, ...]) -> None:
        write_whole(self._folder / _FILE, json.dumps([attrs.asdict(it) for it in all_of_them]).encode())
