"""Files in a row, read as if they were one."""

import io
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path


class JoinedFiles(io.RawIOBase):
    """The contents of `paths`, one after the other; only the file that is being read is open."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._paths = paths
        self._ends = tuple(accumulate(path.stat().st_size for path in paths))
        self._at = 0
        self._open: tuple[int, io.BufferedReader] | None = None

    @property
    def size(self) -> int:
        """Bytes in all."""
        return self._ends[-1] if self._ends else 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """How far it was read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read from there on."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's type is not importable
        """Read what comes next into `buffer`; not beyond the end of one file."""
        number = next((it for it, end in enumerate(self._ends) if self._at < end), None)
        if number is None:
            return 0
        begin = self._ends[number - 1] if number else 0
        read = self._file(number, self._at - begin).readinto(buffer)
        self._at += read
        return read

    def close(self) -> None:
        """Let go of what is open."""
        if self._open:
            self._open[1].close()
            self._open = None
        super().close()

    def _file(self, number: int, at: int) -> io.BufferedReader:
        if self._open is None or self._open[0] != number:
            if self._open:
                self._open[1].close()
            self._open = (number, self._paths[number].open("rb"))
        self._open[1].seek(at)
        return self._open[1]
