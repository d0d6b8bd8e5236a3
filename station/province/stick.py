"""A USB stick with the same tree: in place of the link, or beside it."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from station.province import told
from station.province.mounts import MOUNTED, folders
from station.province.source import Flow

_PIECE = 64 << 10  # bytes
_NAMED = "loa-xa"  # the folder of a stick that holds other things too
_MARK = "metadata/timestamp.json"


class Stick:
    """A folder that holds a tree; a `Source`."""

    carried = True
    date = None

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    @contextmanager
    def flow(self, path: str, begin: int = 0, *, packed: bool = False, known: str = "") -> Iterator[Flow]:  # noqa: ARG002
        """A file of the tree, as `Source` says; it is neither packed nor known by a tag."""
        try:
            descriptor = os.open(self._folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            if not self._folder.is_dir():
                raise told.stick_gone(self.name) from None
            raise told.missing(self.name, path) from None
        except OSError:
            raise told.stick_gone(self.name) from None
        with os.fdopen(descriptor, "rb", buffering=0):
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise told.missing(self.name, path)
            start = begin if begin <= status.st_size else 0
            yield Flow(start, status.st_size, self._pieces(descriptor, start))

    def _pieces(self, descriptor: int, begin: int) -> Iterator[bytes]:
        try:
            os.lseek(descriptor, begin, os.SEEK_SET)
            while piece := os.read(descriptor, _PIECE):
                yield piece
        except OSError:
            raise told.stick_gone(self.name) from None


def stick(folder: Path) -> Stick:
    """The stick that a person names: by the folder of its tree, or by that which holds it."""
    return Stick(folder / _NAMED if (folder / _NAMED).is_dir() else folder)


def sticks(mounted: Iterable[Path] = MOUNTED) -> tuple[Stick, ...]:
    """Every stick that is plugged in and holds a tree, one or two folders below where sticks are mounted."""
    found = (folder for root in mounted for folder in _two_levels(root))
    trees = (tree for folder in found for tree in (folder, folder / _NAMED) if os.path.isfile(tree / _MARK))  # noqa: PTH113 - it says no where Path.is_file raises
    return tuple(Stick(tree) for tree in dict.fromkeys(trees))


def _two_levels(root: Path) -> Iterator[Path]:
    for folder in folders(root):
        yield folder
        yield from folders(folder)
