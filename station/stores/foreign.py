"""Files in folders where somebody else may put anything: no link is followed, and no pipe waited for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

_USUAL = 16 << 10  # bytes


def open_foreign(path: Path) -> BinaryIO | None:
    """A file that is really one, open to be read; None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def read_foreign(path: Path, most: int = _USUAL) -> bytes | None:
    """The beginning of a small file, at most so many bytes; None for what is none."""
    file = open_foreign(path)
    if file is None:
        return None
    with file:
        return file.read(most)
