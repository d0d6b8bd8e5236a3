"""Files that are either whole on the card or not there at all, whatever is killed or switched off, and when."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

_SUFFIX = ".unfinished"


@frozen
class Unfinished:
    """A file that is being written; it vanishes unless it is kept."""

    path: Path
    stream: BinaryIO


@contextmanager
def unfinished(folder: Path) -> Iterator[Unfinished]:
    """Give a new empty file of `folder`, and remove it at the end unless `keep` moved it away."""
    path, stream = _locked_file(folder)
    with stream:
        try:
            yield Unfinished(path, stream)
        finally:
            path.unlink(missing_ok=True)


def keep(file: Unfinished, place: Path) -> None:
    """Move a finished file to `place`, on the same filesystem; on return it survives a power cut."""
    file.stream.flush()
    os.fsync(file.stream.fileno())
    file.path.replace(place)
    _sync_folder(place.parent)


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished in `folder`; what a living process still writes stays."""
    for path in folder.glob(f"*{_SUFFIX}"):
        with suppress(FileNotFoundError), path.open("rb") as stream:  # its process may have just kept it
            if lock(stream):
                path.unlink()


def lock(stream: BinaryIO) -> bool:
    """Whether the file is ours alone from now on, until it is closed or its process ends, however that ends."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked_file(folder: Path) -> tuple[Path, BinaryIO]:
    """A new file, locked: the lock ends with its process, however that ends, so `sweep` can tell a leftover."""
    while True:
        descriptor, name = tempfile.mkstemp(suffix=_SUFFIX, dir=folder)
        stream = os.fdopen(descriptor, "w+b")
        if lock(stream) and os.fstat(descriptor).st_nlink:
            return Path(name), stream
        stream.close()  # a sweep took it between its making and its locking


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
