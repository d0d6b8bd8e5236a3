"""The log of writes, read and replayed: no machine is needed."""

import struct
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from tests.vm.write_log import DISCARD, FLUSH, FUA, before, read_log, replay, replay_torn, settled

_PAGE = 8  # sectors


def _log(place: Path, *requests: tuple[int, bytes, int], last: bytes = b"") -> Path:
    """A log as qemu writes it: sector, content, flags of each request."""
    content = struct.pack("<QQQI", 0x6A736677736872, 1, 0, 512).ljust(512, b"\0")
    for sector, data, flags in requests:
        count = 4 if flags & DISCARD else len(data) // 512
        content += struct.pack("<QQQQ", sector, count, flags, 0).ljust(512, b"\0") + data
    place.write_bytes(content + last)
    return place


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two writes, a flush, then a discard, a forced write and one of 100 pages; then qemu was killed."""
    sector, page = b"a" * 512, b"b" * 512 * _PAGE
    return _log(
        tmp_path / "writes.log",
        (3, sector, 0),
        (8, page, 0),
        (0, b"", FLUSH),
        (3, b"", DISCARD),
        (3, b"c" * 512, FUA),
        (16, b"d" * 512 * _PAGE * 100, 0),
        last=struct.pack("<QQQQ", 1, 9, 0, 0).ljust(512, b"\0") + b"half",
    )


def test_a_log_is_read_to_where_its_machine_was_killed(log: Path):
    requests = read_log(log)
    assert [it.to for it in requests] == [3 * 512, 8 * 512, 0, 3 * 512, 3 * 512, 16 * 512]
    assert [before(requests, it.end) for it in requests] == [1, 2, 3, 4, 5, 6]
    assert before(requests, requests[4].end - 1) == 4


def test_what_is_settled_ends_with_the_last_flush(log: Path):
    requests = read_log(log)
    assert [settled(requests, cut) for cut in range(7)] == [0, 0, 0, 3, 3, 3, 3]


def test_the_card_is_whole_to_the_flush_and_half_of_the_rest(log: Path):
    requests, card = read_log(log), BytesIO()
    with log.open("rb") as written:
        replay(requests[:3], written, card)
        assert card.getvalue() == bytes(3 * 512) + b"a" * 512 + bytes(4 * 512) + b"b" * 4096
        replay_torn(requests[3:], written, card, Random(1))
    after = card.getvalue()
    assert after[3 * 512 : 4 * 512] == b"c" * 512
    pages = {after[at : at + 4096] for at in range(16 * 512, len(after), 4096)}
    assert pages == {b"d" * 4096, bytes(4096)}
    assert 30 < after.count(b"d") // 4096 < 70


def test_another_file_is_no_log(tmp_path: Path):
    (tmp_path / "other").write_bytes(bytes(512))
    with pytest.raises(ValueError, match="no log of writes"):
        read_log(tmp_path / "other")
