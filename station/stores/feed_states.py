"""How it stands with each feed: written by who watches them, read by all. It lives in `/run`."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs
from attrs import frozen

from station.durable import write_whole
from station.rules.trouble import Trouble
from station.stores.json_files import with_trouble


@frozen
class FeedState:
    """When a feed was read last (wall ms, None for never since the start), and how many alerts it then had.

    `trouble` is what has stood in the way for too long.
    """

    read_at: int | None = None
    trouble: Trouble | None = None
    alerts_seen: int = 0


class FeedStates:
    """The state of each feed, in a file of its own."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "feeds"

    def all(self) -> Mapping[str, FeedState]:
        """Of those that have been tried, by name."""
        found = ((path.stem, _read(path)) for path in sorted(self._folder.glob("*.json")))
        return {name: state for name, state in found if state is not None}

    def troubles(self, names: Iterable[str]) -> tuple[Trouble, ...]:
        """What has been wrong with the feeds of these names for too long."""
        states = self.all()
        found = (states[name].trouble for name in names if name in states)
        return tuple(filter(None, found))

    def note(self, name: str, state: FeedState) -> None:
        """Note how it stands with one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / f"{name}.json", json.dumps(attrs.asdict(state), ensure_ascii=False).encode())

    def forget_all(self) -> None:
        """Nothing has been tried yet."""
        for path in self._folder.glob("*.json"):
            path.unlink(missing_ok=True)


def _read(path: Path) -> FeedState | None:
    try:
        told = json.loads(path.read_text())
        return FeedState(**with_trouble(told))
    except (OSError, ValueError, TypeError, KeyError):
        return None
