"""What a machine wrote to its card, in order, by qemu's `blklogwrites`: the card as a power cut may have left it.

The format is that of dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst): a superblock, then
for each request its header in one sector, and after that what was written.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import BinaryIO

from attrs import frozen

FLUSH, FUA, DISCARD = 1, 2, 4
_SUPER, _HEADER = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
_MAGIC = 0x6A736677736872
_SECTOR = 512
_PAGE = 4096  # bytes of one request that a card may have kept without the rest of it


@frozen
class Request:
    """`length` bytes for the card's byte `to`, kept at byte `at` of the log; `end` is where the log went on."""

    to: int
    length: int
    flags: int
    at: int
    end: int


def read_log(path: Path) -> list[Request]:
    """The requests of a log, also of one whose machine was killed. Raises `ValueError` for another file."""
    found, size = [], path.stat().st_size
    with path.open("rb") as log:
        magic, _, _, sector_size = _SUPER.unpack(log.read(_SUPER.size))
        if (magic, sector_size) != (_MAGIC, _SECTOR):
            raise ValueError(f"{path} is no log of writes")
        end = _SECTOR  # the superblock's own count is only written now and then
        while end + _SECTOR <= size:
            log.seek(end)
            sector, count, flags, _ = _HEADER.unpack(log.read(_HEADER.size))
            at = end + _SECTOR
            end = at + (0 if flags & DISCARD else count * _SECTOR)
            if not (count or flags) or end > size:
                break  # its header, or what it wrote, did not come into the log any more
            found.append(Request(sector * _SECTOR, count * _SECTOR, flags, at, end))
    return found


def before(requests: Sequence[Request], position: int) -> int:
    """How many requests had been made when the log was `position` bytes long."""
    return bisect_right(requests, position, key=lambda it: it.end)


def settled(requests: Sequence[Request], cut: int) -> int:
    """How many of the first `cut` requests a flush has made sure of."""
    return next((number for number in range(cut, 0, -1) if requests[number - 1].flags & FLUSH), 0)


def replay(requests: Sequence[Request], log: BinaryIO, card: BinaryIO) -> None:
    """Write all of it to a card."""
    for request in requests:
        _write(log, card, request, 0, request.length)


def replay_torn(requests: Sequence[Request], log: BinaryIO, card: BinaryIO, chance: Random) -> None:
    """Write a random half of it, as a cache that lost its power may have: page by page, forced writes always."""
    for request in requests:
        for start, length in _pages(request):
            if request.flags & FUA or chance.random() < 0.5:
                _write(log, card, request, start, length)


def _pages(request: Request) -> Iterator[tuple[int, int]]:
    for start in range(0, request.length, _PAGE):
        yield start, min(_PAGE, request.length - start)


def _write(log: BinaryIO, card: BinaryIO, request: Request, start: int, length: int) -> None:
    if request.flags & DISCARD or not length:
        return
    log.seek(request.at + start)
    card.seek(request.to + start)
    card.write(log.read(length))
