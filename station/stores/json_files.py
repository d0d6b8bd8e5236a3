"""What is known of some matter, in small JSON files of one folder: each whole, or as good as not there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.durable import write_whole
from station.rules.trouble import Trouble


class JsonFiles:
    """Those of `folder`, which is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> dict[str, Any] | None:
        """What a file tells; None when it is not there, or damaged."""
        try:
            told = json.loads((self._folder / name).read_text())
        except (OSError, ValueError):
            return None
        return told if isinstance(told, dict) else None

    def keep(self, name: str, told: Mapping[str, Any]) -> None:
        """Have a file tell that; on return it survives a power cut."""
        self._folder.mkdir(exist_ok=True)
        write_whole(self._folder / name, json.dumps(told, ensure_ascii=False).encode())

    def forget(self, *names: str) -> None:
        """Have these files no more."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)


def with_trouble(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were told, their trouble as one again."""
    return {**told, "trouble": told["trouble"] and Trouble(**told["trouble"])}
