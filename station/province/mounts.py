"""What is plugged in, and whether something was, looked at as cheaply as may be."""

from collections.abc import Iterable, Iterator
from pathlib import Path

MOUNTED = (Path("/media"), Path("/mnt"), Path("/run/media"))  # where sticks are

_MOUNTS = Path("/proc/self/mounts")


class Mounts:
    """Remembers what is mounted."""

    def __init__(self, mounts: Path = _MOUNTS) -> None:
        self._file = mounts
        self._seen = self._mounted()

    def plugged_in(self) -> bool:
        """Whether something is mounted that was not when last asked."""
        seen, self._seen = self._seen, self._mounted()
        return bool(self._seen - seen)

    def any_stick(self) -> bool:
        """Whether anything is mounted where sticks are; nothing on it is touched, for that may hang."""
        places = (line.partition(" ")[2] for line in self._mounted())
        return any(place.startswith(f"{root}/") for place in places for root in MOUNTED)

    def _mounted(self) -> frozenset[str]:
        """Each place and what is mounted there."""
        lines = self._file.read_text(errors="replace").splitlines()
        return frozenset(" ".join(line.split(" ", 2)[:2]) for line in lines)


def plugged(mounted: Iterable[Path] = MOUNTED) -> Iterator[Path]:
    """The folder of each stick that is mounted, one or two folders below where sticks are."""
    for root in mounted:
        for folder in folders(root):
            if _is_mounted(folder, root):
                yield folder
            else:
                yield from (inner for inner in folders(folder) if _is_mounted(inner, root))


def folders(folder: Path) -> list[Path]:
    """The folders in a folder; none where it cannot be read."""
    try:
        return sorted(it for it in folder.iterdir() if it.is_dir())
    except OSError:
        return []


def _is_mounted(folder: Path, root: Path) -> bool:
    """Whether another disk is there: a folder alone, left where a stick once was, is the card's."""
    try:
        return folder.stat().st_dev != root.stat().st_dev
    except OSError:
        return False
