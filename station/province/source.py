"""Where a signed tree is had from: an address or a stick, behind one small port; and what is put by of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from attrs import frozen

from station.clock import Clock
from station.province import told
from station.rules.now import SECOND

_SYNCED = 64 << 10  # bytes that a power cut may cost


@frozen
class Flow:
    """A file that comes: `pieces` begin at byte `begin` of it; `length` is the whole file's, where it was told.

    `same` when the file is still the one that is known by `tag`; then nothing comes.
    """

    begin: int
    length: int | None
    pieces: Iterator[bytes]
    tag: str = ""
    same: bool = False


class Source(Protocol):
    """A place that holds a tree. `name` is what people know it by; `carried` when a person brought it."""

    name: str
    carried: bool

    @property
    def date(self) -> int | None:
        """What wall ms it is there, if it said so."""

    def flow(
        self, path: str, begin: int = 0, *, packed: bool = False, known: str = ""
    ) -> AbstractContextManager[Flow]:
        """A file of the tree from byte `begin` on, or from its beginning. Raises `Broken`, also in the middle.

        It may be compressed on its way if it may be `packed`. `known` is the tag of the one that is known.
        """


@frozen
class Wanted:
    """A file of the tree of `length` bytes, or of at most so many unless that is `exact`."""

    path: str
    length: int
    exact: bool = True


def read(source: Source, path: str, most: int) -> bytes:
    """A small file of the tree, of at most so many bytes. Raises `Broken`."""
    with source.flow(path, packed=True) as flow:
        return gather(source, Wanted(path, most, exact=False), flow)


def gather(source: Source, wanted: Wanted, flow: Flow) -> bytes:
    """All that comes of it, in memory. Raises `Broken`."""
    _check_length(source, wanted, flow)
    come = bytearray()
    for piece in flow.pieces:
        come += piece
        if len(come) > wanted.length:
            raise told.too_long(source.name, wanted.path)
    return bytes(come)


def bring(
    source: Source, wanted: Wanted, part: Path, clock: Clock, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Have a file in `part`, going on where that ends; on return it is on the card.

    `tell` gets how many bytes are there. What came before a failure stays in `part`, unless it is of no use.
    Raises `Broken`, and `OSError` when it cannot be kept.
    """
    have = part.stat().st_size if part.exists() else 0
    if wanted.exact and have == wanted.length:
        return
    try:
        with source.flow(wanted.path, have if have < wanted.length else 0, packed=not wanted.exact) as flow:
            _check_length(source, wanted, flow)
            with part.open("r+b" if part.exists() else "wb") as file:
                come = _Coming(file, flow.begin, clock).take(flow.pieces, wanted.length, tell)
        if come > wanted.length:
            raise told.too_long(source.name, wanted.path)
    except told.Broken as broken:
        if broken.wrong:
            part.unlink(missing_ok=True)
        raise
    if wanted.exact and come < wanted.length:
        raise told.cut(source.name)


def _check_length(source: Source, wanted: Wanted, flow: Flow) -> None:
    if flow.length is None:
        return
    if wanted.exact and flow.length != wanted.length:
        raise told.wrong_length(source.name, wanted.path, flow.length, wanted.length)
    if flow.length > wanted.length:
        raise told.too_long(source.name, wanted.path)


class _Coming:
    """A file that grows from `begin` on; little enough of it is ever in memory only."""

    def __init__(self, file: BinaryIO, begin: int, clock: Clock) -> None:
        self._file, self._size, self._clock = file, begin, clock
        self._settled, self._settled_at = begin, clock.now().mono
        file.truncate(begin)
        file.seek(begin)

    def take(self, pieces: Iterator[bytes], most: int, tell: Callable[[int], None]) -> int:
        """Write what comes, and its size in the end; what exceeds `most` is told by that, and not taken in."""
        try:
            for piece in pieces:
                if self._size + len(piece) > most:
                    return self._size + len(piece)
                self._file.write(piece)
                self._file.flush()
                self._size += len(piece)
                self._settle_now_and_then()
                tell(self._size)
        finally:
            os.fsync(self._file.fileno())
        return self._size

    def _settle_now_and_then(self) -> None:
        mono = self._clock.now().mono
        if self._size - self._settled >= _SYNCED and mono - self._settled_at >= SECOND:
            os.fsync(self._file.fileno())
            self._settled, self._settled_at = self._size, mono
