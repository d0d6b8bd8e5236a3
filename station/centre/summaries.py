"""What reports came to that were read before, so that each is read once: a board is drawn anew each minute."""

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from attrs import asdict

from station.durable import write_whole
from station.rules.board import Summary

_Seen = tuple[int, int]  # a file's time in ns and its length: another file has others


class Summaries:
    """They are kept in the file `place`, which may be lost or spoilt: then all is read again."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._version = metadata.version("loa-xa")  # another one may count otherwise
        self._before = self._read()
        self._now: dict[str, tuple[_Seen, Summary | None]] = {}

    def of(self, name: str, seen: _Seen, read: Callable[[], Summary | None]) -> Summary | None:
        """What the file `name` comes to, which is read only if it was not `seen` so before."""
        before = self._before.get(name)
        summary = before[1] if before and before[0] == seen else read()
        self._now[name] = (seen, summary)
        return summary

    def keep(self) -> None:
        """Keep what was asked for this time."""
        told = {name: [*seen, summary and asdict(summary)] for name, (seen, summary) in self._now.items()}
        write_whole(self._place, json.dumps({"version": self._version, "days": told}).encode())

    def _read(self) -> dict[str, tuple[_Seen, Summary | None]]:
        try:
            told = json.loads(self._place.read_bytes())
            if told["version"] != self._version:
                return {}
            return {
                name: ((time, size), summary and Summary(**summary))
                for name, (time, size, summary) in told["days"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
