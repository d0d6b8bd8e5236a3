"""Segments: taking audio in, and approving it for air."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import BinaryIO

from attrs import evolve

from station.audio.level import Target, level_recipe
from station.audio.speech import check_text, speak
from station.control.client import PlayerDown, ask
from station.control.messages import LookAgain
from station.desk.permits import permit
from station.desk.timetable import read_plan
from station.durable import Unfinished
from station.rules.approval import State, check_approver, check_own
from station.rules.facts import NO_FACTS, Facts
from station.rules.levelled import Levelled
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.rules.rundown import Kind, asked_for
from station.rules.template import filled
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.config import AudioConfig
from station.stores.home import Home
from station.stores.library import RESERVE, Full, StoredSegment
from station.stores.offered import Damaged, check_original, doubt, vouch
from station.stores.search import Search

_log = logging.getLogger(__name__)


def add_segment(  # noqa: PLR0913 - a segment has that many facts
    home: Home, source: BinaryIO, *, title: str, kind: Kind, by: str, now: int, facts: Facts = NO_FACTS
) -> StoredSegment:
    """Keep a recording and queue it for intake; when this returns it is on the card. Raises `Refused`."""
    permit(Deed.COMPOSE)
    title = one_line(title)
    with home.library.arriving(source, title) as arrived, home.engine.begin() as connection:
        segment = home.library.receive(connection, arrived, title=title, kind=kind, author=by, now=now, facts=facts)
        write_audit(connection, now, by, "thêm", f"{segment.id} {title}")
    return segment


def add_text(  # noqa: PLR0913 - as above
    home: Home, text: str, *, title: str, kind: Kind, by: str, now: int, facts: Facts = NO_FACTS
) -> StoredSegment:
    """Keep a text for a voice to read, and queue it for intake. Raises `Refused`."""
    permit(Deed.COMPOSE)
    check_text(filled(text, {}))
    title = one_line(title)
    source = BytesIO(f"{title}\n{text}".encode())  # another title is another notice
    with home.library.arriving(source, title) as arrived, home.engine.begin() as connection:
        segment = home.library.receive(
            connection, arrived, title=title, kind=kind, author=by, now=now, words=text, facts=facts
        )
        write_audit(connection, now, by, "soạn", f"{segment.id} {title}")
    return segment


def correct_segment(home: Home, segment: str, text: str, *, by: str, now: int) -> StoredSegment:
    """Make the notice that sets a segment right; once it is approved, that one is not heard any more.

    Raises `Refused`.
    """
    wrong = find_segment(home, segment)
    check_own(wrong.origin, wrong.title)
    facts = evolve(wrong.facts, corrects=wrong.id, valid_from=None, valid_until=None)
    title = f"Tin đính chính: {wrong.title}"
    return add_text(home, text, title=title, kind=Kind.NOTICE, by=by, now=now, facts=facts)


def describe_segment(  # noqa: PLR0913 - as above
    home: Home, segment: str, *, title: str, kind: Kind, facts: Facts, by: str, now: int
) -> StoredSegment:
    """Change what is known of a segment beside its sound. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = find_segment(home, segment)
    check_own(known.origin, known.title)
    if not title.strip():
        raise Refused(Trouble("", "Chưa có tên.", mend="Đặt tên để tìm lại được."))
    if facts.valid_from is not None and facts.valid_until is not None and facts.valid_until <= facts.valid_from:
        raise Refused(Trouble("", "Hạn dùng kết thúc trước khi bắt đầu.", mend="Sửa lại hai ngày."))
    with home.engine.begin() as connection:
        described = home.library.describe(connection, known.id, title=title.strip(), kind=kind, facts=facts)
        write_audit(connection, now, by, "sửa thông tin", f"{known.id} {described.title}")
    look_again(home)
    return described


def submit_segment(home: Home, segment: str, *, by: str, now: int) -> StoredSegment:
    """Ask for a segment's approval. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = find_segment(home, segment)
    with home.engine.begin() as connection:
        waiting = home.library.submit(connection, known.id)
        write_audit(connection, now, by, "gửi duyệt", f"{known.id} {known.title}")
    return waiting


def approve_segment(home: Home, segment: str, *, by: str, now: int, alone: bool = False) -> StoredSegment:
    """Approve a segment, by id or name, for air as it sounds now; what it corrects is heard no more.

    By somebody else than its author, unless the station has one person only or `alone` vouches for it. Raises
    `Refused`.
    """
    permit(Deed.APPROVE)
    known = find_segment(home, segment)
    alone = alone or home.config().config.approval.one_person
    check_approver(known.author, by, known.title, one_person=alone)
    deed = "tự duyệt" if known.author == by else "duyệt"
    with home.engine.begin() as connection:
        approved = home.library.approve(connection, known.id, by, now)
        write_audit(connection, now, by, deed, f"{approved.id} {approved.title} {approved.ready}")
        if wrong := approved.facts.corrects:
            home.library.expire(connection, wrong, now)
            write_audit(connection, now, by, "ngừng dùng", f"{wrong} vì có tin đính chính {approved.id}")
    look_again(home)
    return approved


def reject_segment(home: Home, segment: str, reason: str, *, by: str, now: int) -> StoredSegment:
    """Reject a segment with the reason that its author reads; it is not heard any more. Raises `Refused`."""
    permit(Deed.APPROVE)
    known = find_segment(home, segment)
    with home.engine.begin() as connection:
        rejected = home.library.reject(connection, known.id, reason)
        write_audit(connection, now, by, "từ chối", f"{known.id} {known.title}: {rejected.rejection}")
    look_again(home)
    return rejected


def remove_segment(home: Home, segment: str, *, by: str, now: int) -> StoredSegment:
    """Remove a segment and its files, unless a schedule plays it. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = find_segment(home, segment)
    check_own(known.origin, known.title)
    plan = read_plan(home)
    if playing := [it.title for it in plan.schedules if known.name in asked_for(it.rundown)]:
        what = f"Lịch “{playing[0]}” đang dùng mục này."
        raise Refused(Trouble(known.title, what, "Chưa xóa gì.", "Bỏ mục này khỏi lịch trước, rồi xóa."))
    with home.engine.begin() as connection:
        home.library.remove(connection, known.id)
        write_audit(connection, now, by, "xóa", f"{known.id} {known.title}")
    look_again(home)
    return known


def find_segment(home: Home, segment: str) -> StoredSegment:
    """The segment of that name or id; raises `Refused` when there is none."""
    if known := home.library.find(segment):
        return known
    raise Refused(Trouble(segment, "Không có mục này trong thư viện.", mend="Xem lại danh sách thư viện."))


def list_segments(home: Home) -> tuple[StoredSegment, ...]:
    """The whole library, the newest first."""
    return home.library.segments()


def search_segments(home: Home, words: str) -> tuple[StoredSegment, ...]:
    """Every segment that has each of the words in its title, text or names, the newest first."""
    return home.library.all_found(Search(words))


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
    audio, hindered = home.config().config.audio, False
    try:
        if segment.origin is Origin.PROVINCE:
            check_original(home.library, segment)
        with home.library.levelling() as file, _recordings(home, segment) as recording:
            made = level_recipe(segment.recipe, recording, file.path, target(audio), segment.title)
            return _finished(home, segment, file, made)
    except Refused as refusal:
        trouble, hindered = refusal.trouble, isinstance(refusal, Damaged | Full)
    except Exception:  # noqa: BLE001 - one recording must not hold up those behind it in the queue
        _log.exception("intake of %s failed", segment.id)
        mend = "Tải lại tệp này lên; nếu vẫn vậy, gọi kỹ thuật."
        trouble = Trouble(
            segment.title, "Máy gặp lỗi khi xử lý tệp này.", "Các mục khác vẫn phát như thường.", mend
        )
    with home.engine.begin() as connection:
        if hindered or disk_usage(home.places.home).free < RESERVE:
            doubt(connection, segment)
        return home.library.refuse(connection, segment, str(trouble))


def _finished(home: Home, segment: StoredSegment, file: Unfinished, made: Levelled) -> StoredSegment:
    """Keep what it was levelled to; what the province sent is approved by that, as its signature vouches for it."""
    with home.library.parting() as part, home.engine.begin() as connection:
        finished = home.library.finish(connection, segment, file, made)
        if finished.origin is Origin.PROVINCE and finished.state is State.DRAFT:
            finished = vouch(home.library, connection, finished, part)
            subject = f"{finished.id} {finished.title} {finished.ready}"
            if finished.state is State.APPROVED:
                write_audit(connection, finished.approved_at or 0, finished.author, "nhận từ tỉnh", subject)
    return finished


@contextmanager
def _recordings(home: Home, segment: StoredSegment) -> Iterator[Callable[[str], Path]]:
    """Where an original can be heard: the file as it came, or what a voice makes of the text."""
    with TemporaryDirectory(dir=home.places.tapes) as folder:

        def recording(original: str) -> Path:
            vouched = segment.origin is Origin.PROVINCE  # whatever somebody else made of the same file
            text = segment.words if vouched else home.library.words_of(original)
            if text is None:
                return home.library.original_path(original)
            spoken, speaker = Path(folder) / original, read_plan(home).speaker()
            speak(speaker.read(text), spoken, speaker.voice, home.places.voices)
            return spoken

        yield recording


def target(audio: AudioConfig) -> Target:
    """What the station's recordings are levelled to."""
    return Target(loudness=audio.loudness, high_pass=audio.high_pass)
