"""A canary: a sound file and an address that a list may name, and that nobody may ever touch."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from tests.rig.tapes import noise, write_tape


class Canary:
    """Stands in `folder` while entered."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = Path(write_tape(folder / "canary.wav", noise(1_000)).path)
        self.touched_by_name = folder / "touched"
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        _forget_reading(self.file)

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._see_that_reading_shows()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def complaints(self) -> Iterator[str]:
        """What was done to it."""
        if _was_read(self.file):
            yield "the local file that lists name was read"
            _forget_reading(self.file)
        try:
            self._server.accept()[0].close()
            yield "the address that lists name was connected to"
        except BlockingIOError:
            pass
        if self.touched_by_name.exists():
            yield "a name was run as a command"
            self.touched_by_name.unlink()

    def _see_that_reading_shows(self) -> None:
        self.file.read_bytes()
        assert _was_read(self.file), "this file system does not tell that a file was read"
        _forget_reading(self.file)


def _forget_reading(file: Path) -> None:
    """Set its access time so far back that any reading renews it, on a file system mounted `relatime` too."""
    os.utime(file, (0, file.stat().st_mtime))


def _was_read(file: Path) -> bool:
    return file.stat().st_atime != 0
