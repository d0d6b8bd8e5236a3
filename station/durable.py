"""Files that are either whole on the card or not there at all, whatever is killed or switched off, and when."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
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


def settle(file: Unfinished) -> None:
    """Have all of its content on the card."""
    file.stream.flush()
    os.fsync(file.stream.fileno())


def keep(file: Unfinished, place: Path) -> None:
    """Move a finished file to `place`, on the same filesystem; on return it survives a power cut."""
    settle(file)
    file.path.replace(place)
    sync_folder(place.parent)


def write_whole(place: Path, content: bytes, mode: int | None = None) -> None:
    """Have a file of that content in `place`, for those whom `mode` names; on return it survives a power cut."""
    with unfinished(place.parent) as file:
        if mode is not None:
            os.fchmod(file.stream.fileno(), mode)
        file.stream.write(content)
        keep(file, place)


def keep_if_noted(file: Unfinished, place: Path) -> None:
    """Have a finished file in `place` too, which somebody is about to note; as durable as by `keep`.

    Until the end of `unfinished` it has both names. By the other one `sweep` knows, if the process is killed before
    that, that this place may never have been noted.
    """
    settle(file)
    twin = file.path.with_name(f"{file.path.stem}-twin{_SUFFIX}")
    os.link(file.path, twin)
    twin.replace(place)
    sync_folder(place.parent)


@contextmanager
def parting(place: Path) -> Iterator[None]:
    """Have a file that somebody is about to forget under a second name meanwhile, by which `sweep` knows it."""
    with place.open("rb") as stream:
        lock(stream)  # where another process has it, that one is about to forget the same file
        twin = place.with_name(f"{token_hex(8)}{_SUFFIX}")
        os.link(place, twin)
        try:
            yield
        finally:
            twin.unlink(missing_ok=True)


def sweep(folder: Path, forget: Callable[[Path], None] = lambda _: None) -> None:
    """Remove what killed processes left unfinished in `folder`; what a living process still writes stays.

    `forget` is called with each place that such a process may not have noted, and removes it unless it is noted.
    """
    for path in folder.glob(f"*{_SUFFIX}"):
        with suppress(FileNotFoundError), path.open("rb") as stream:  # its process may have just kept it
            if lock(stream):
                for place in places_of(Unfinished(path, stream)):
                    forget(place)
                path.unlink()


def places_of(file: Unfinished) -> list[Path]:
    """Where `keep_if_noted` put a file."""
    status = os.fstat(file.stream.fileno())
    if status.st_nlink == 1:
        return []
    beside = (path for path in file.path.parent.iterdir() if path.suffix != _SUFFIX)
    return [path for path in beside if os.path.samestat(path.stat(), status)]


def is_full(error: BaseException) -> bool:
    """Whether something failed because the card is full."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


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


def sync_folder(folder: Path) -> None:
    """Have it on the card what a folder holds: on return names that were made in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
