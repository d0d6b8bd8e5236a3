"""What a station keeps of its province, as a source for root: all is verified anew, and none of it believed."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.province import told
from station.province.fetcher import METADATA
from station.province.source import Flow
from station.stores.foreign import open_foreign

_PIECE = 64 << 10  # bytes
_NUMBERED = re.compile(r"(?P<version>\d+)\.(?P<role>[a-z0-9-]+)\.json")


class Kept:
    """The metadata in a station's folder `province`, by the names that they have in a tree; a `Source`."""

    carried = False
    date = None

    def __init__(self, province: Path) -> None:
        self.name = "Dữ liệu của tỉnh trên thẻ nhớ"
        self._folder = province / METADATA

    @contextmanager
    def flow(self, path: str, begin: int = 0, *, packed: bool = False, known: str = "") -> Iterator[Flow]:  # noqa: ARG002
        """A file of the tree, as `Source` says; it is neither packed nor known by a tag."""
        file = open_foreign(self._place(path))
        if file is None:
            raise told.missing(self.name, path)
        with file:
            file.seek(begin)
            length = os.fstat(file.fileno()).st_size
            yield Flow(begin, length, iter(lambda: file.read(_PIECE), b""))

    def _place(self, path: str) -> Path:
        """Where it is: of all but the root a station keeps one version, under a name without it."""
        file = path.removeprefix(f"{METADATA}/")
        numbered = _NUMBERED.fullmatch(file)
        if numbered is None:
            return self._folder / file
        if numbered["role"] == "root":
            return self._folder / "root_history" / file
        return self._folder / f"{numbered['role']}.json"
