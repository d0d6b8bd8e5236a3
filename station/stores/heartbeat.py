"""The heartbeat: by when all that was due had its record. Noted each hour, in place: one block of the card."""

import os
from contextlib import suppress
from pathlib import Path

_DIGITS = 15  # always as many, so that neither its length nor another block changes


class Heartbeat:
    """It is kept in `file`. A lost one is a little more work at the next start, no more."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def beat(self, at: int) -> None:
        """Note that all that was due by wall ms `at` has its record; on the card on return."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            os.pwrite(descriptor, f"{at:0{_DIGITS}d}\n".encode(), 0)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def last(self) -> int | None:
        """The last such instant, or None when the station never ran."""
        with suppress(OSError, ValueError):
            return int(self._file.read_text())
        return None
