"""Uploads: a recording that comes in pieces over a bad link, and is a segment when its last byte has come."""

from contextlib import suppress
from shutil import disk_usage

from attrs import evolve

from station.desk.permits import permit
from station.desk.segments import add_segment
from station.rules.roles import Deed
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home
from station.stores.library import RESERVE
from station.stores.uploads import Busy, Misplaced, Upload, new_key

MOST_PENDING = 20  # uploads of one person
_COPIES = 4  # of an upload at most: as it arrives, as a form's file, as it is kept, levelled


_FULL = Trouble(
    "",
    "Thẻ nhớ không còn đủ chỗ nên chưa nhận được tệp.",
    "Máy phát vẫn chạy theo lịch.",
    "Gọi kỹ thuật dọn thẻ nhớ rồi gửi lại.",
)


class NoRoom(Refused):
    """The card is too full for an upload."""


def largest(home: Home) -> int:
    """The bytes that an upload may have by the room that is left."""
    return max(0, disk_usage(home.places.home).free - RESERVE) // _COPIES


def need_room(home: Home, size: int) -> None:
    """Raise `NoRoom` when `size` bytes more would take what the player needs."""
    if disk_usage(home.places.home).free - size < RESERVE:
        raise NoRoom(_FULL)


def full(home: Home) -> Trouble | None:
    """What is wrong when there is no room for any upload."""
    return None if largest(home) else _FULL


def begin_upload(  # noqa: PLR0913 - an upload has that many facts
    home: Home, *, name: str, title: str, kind: Kind, length: int, mark: str, by: str, now: int
) -> Upload:
    """Make a place for a recording of `length` bytes, or give the one that it has. Raises `Refused` or `Busy`.

    What one person sends under the same mark is the same file: begun again, it goes on where it was.
    """
    permit(Deed.COMPOSE)
    home.uploads.give_up(now)
    pending = home.uploads.pending(now, by)
    for known in pending:
        if mark and (known.mark, known.length) == (mark, length):
            again = evolve(known, name=name, title=title, kind=kind)
            home.uploads.describe(again)
            return again
    if len(pending) >= MOST_PENDING:
        mend = "Gửi nốt hoặc bỏ bớt tệp trong trang Thêm bản tin rồi gửi lại."
        raise Refused(Trouble("", f"Bạn đang gửi dở {MOST_PENDING} tệp nên chưa nhận thêm được.", mend=mend))
    need_room(home, _COPIES * length)
    upload = Upload(new_key(), by, name, title, kind, length, mark, now)
    home.uploads.begin(upload)
    return upload


def receive(home: Home, upload: Upload, chunk: bytes, *, offset: int, now: int) -> Upload:
    """Keep what comes after `offset` bytes; with the last of it the upload is a segment.

    An empty last piece takes a whole upload into the library where that was interrupted. Raises `Misplaced`, `Busy`
    or, when the card is too full, `NoRoom`.
    """
    permit(Deed.COMPOSE)
    if offset + len(chunk) > upload.length:
        raise Misplaced
    if not upload.segment:
        need_room(home, len(chunk))
        upload = home.uploads.append(upload, chunk, offset)
    return _take_in(home, upload, now) if upload.whole and not upload.segment else upload


def take_in_whole(home: Home, *, now: int) -> None:
    """Make segments of what had come to its last byte when the page's process ended."""
    for upload in home.uploads.pending(now):
        if upload.whole:
            with suppress(NoRoom, Busy):
                _take_in(home, upload, now)


def _take_in(home: Home, upload: Upload, now: int) -> Upload:
    """Keep it as a segment. Until its note says so it may be done again: the same content is the same segment."""
    with home.uploads.reading(upload) as recording:
        need_room(home, upload.length)
        try:
            segment = add_segment(home, recording, title=upload.title, kind=upload.kind, by=upload.owner, now=now)
        except Refused as full:
            raise NoRoom(full.trouble) from full
        return home.uploads.finish(upload, segment.id)
