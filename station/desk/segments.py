"""Segments: taking audio in, and approving it for air."""

import logging
from collections.abc import Iterator
from typing import BinaryIO

from station.audio.level import Target, level
from station.control.client import PlayerDown, ask
from station.control.messages import LookAgain
from station.rules.rundown import Kind
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.config import AudioConfig
from station.stores.home import Home
from station.stores.library import StoredSegment

_log = logging.getLogger(__name__)


def add_segment(  # noqa: PLR0913 - a segment has that many facts
    home: Home, source: BinaryIO, *, title: str, kind: Kind, by: str, now: int
) -> StoredSegment:
    """Keep a recording and queue it for intake; when this returns it is on the card. Raises `Refused`."""
    title = one_line(title)
    with home.library.arriving(source, title) as arrived, home.engine.begin() as connection:
        segment = home.library.receive(connection, arrived, title=title, kind=kind, author=by, now=now)
        write_audit(connection, now, by, "thêm", f"{segment.id} {title}")
    return segment


def approve_segment(home: Home, segment: str, *, by: str, now: int) -> StoredSegment:
    """Approve a segment, by id or name, for air as it sounds now. Raises `Refused`."""
    known = home.library.find(segment)
    with home.engine.begin() as connection:
        approved = home.library.approve(connection, known.id if known else segment, by, now)
        write_audit(connection, now, by, "duyệt", f"{approved.id} {approved.title} {approved.ready}")
    look_again(home)
    return approved


def list_segments(home: Home) -> tuple[StoredSegment, ...]:
    """The whole library, the newest first."""
    return home.library.segments()


def look_again(home: Home) -> bool:
    """Tell the player that something changed; whether there is one to tell."""
    try:
        ask(home.places.socket, LookAgain())
    except PlayerDown:
        return False
    return True


def take_in_waiting(home: Home) -> Iterator[StoredSegment]:
    """Level what waits in the queue of intake, the oldest first, and give each as it then is."""
    while waiting := home.library.waiting():
        yield _take_in(home, waiting[0])


def _take_in(home: Home, segment: StoredSegment) -> StoredSegment:
    audio = home.config().config.audio
    try:
        with home.library.levelling() as file:
            original = home.library.original_path(segment.original)
            made = level(original, file.path, target(audio), segment.title)
            with home.engine.begin() as connection:
                return home.library.finish(
                    connection,
                    segment.id,
                    file,
                    length=made.length,
                    loudness=made.loudness,
                    peak=made.peak,
                )
    except Refused as refusal:
        trouble = refusal.trouble
    except Exception:  # noqa: BLE001 - one recording must not hold up those behind it in the queue
        _log.exception("intake of %s failed", segment.id)
        mend = "Tải lại tệp này lên; nếu vẫn vậy, gọi kỹ thuật."
        trouble = Trouble(
            segment.title, "Máy gặp lỗi khi xử lý tệp này.", "Các mục khác vẫn phát như thường.", mend
        )
    with home.engine.begin() as connection:
        return home.library.refuse(connection, segment.id, str(trouble))


def target(audio: AudioConfig) -> Target:
    """What the station's recordings are levelled to."""
    return Target(loudness=audio.loudness, high_pass=audio.high_pass)
