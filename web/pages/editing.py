"""Sửa: trimming, fading, splitting and joining segments, by their waveform or by numbers."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import editing, segments
from station.rules.approval import State
from station.rules.now import SECOND
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.library import StoredSegment
from web import here
from web.drawing import WAVE_HEIGHT, WAVE_WIDTH, draw_wave
from web.permits import needs

pages = Blueprint("editing", __name__, url_prefix="/thu-vien")


@pages.get("/<segment>/sua")
@needs(Deed.COMPOSE)
def edit(segment: str) -> str:
    """The page that edits a segment."""
    return _page(_found(segment))


@pages.post("/<segment>/cat")
@needs(Deed.COMPOSE)
def trim(segment: str) -> tuple[str, int] | Response:
    """Leave only what is between the two marks."""

    def deed() -> str:
        start, end = _instant("start"), _instant("end")
        queued = editing.edit_segment(here.home(), segment, start=start, end=end, by=here.person(), now=here.now())
        return f"Đã cắt “{queued.title}”. Máy đang cân chỉnh lại; sau đó cần duyệt lại."

    return _done(segment, deed)


@pages.post("/<segment>/nho-dan")
@needs(Deed.COMPOSE)
def fade(segment: str) -> tuple[str, int] | Response:
    """Fade in and out."""

    def deed() -> str:
        fade_in, fade_out = _instant("fade_in"), _instant("fade_out")
        queued = editing.edit_segment(
            here.home(), segment, fade_in=fade_in, fade_out=fade_out, by=here.person(), now=here.now()
        )
        return f"“{queued.title}” sẽ to dần, nhỏ dần như vậy. Máy đang cân chỉnh lại; sau đó cần duyệt lại."

    return _done(segment, deed)


@pages.post("/<segment>/tach")
@needs(Deed.COMPOSE)
def split(segment: str) -> tuple[str, int] | Response:
    """Make two new drafts of it."""

    def deed() -> str:
        first, second = editing.split_segment(
            here.home(), segment, _instant("moment"), by=here.person(), now=here.now()
        )
        return f"Đã tách thành “{first.title}” và “{second.title}”, đang chờ xử lý. Bài cũ vẫn còn."

    return _done(segment, deed)


@pages.post("/<segment>/noi")
@needs(Deed.COMPOSE)
def join(segment: str) -> tuple[str, int] | Response:
    """Make a new draft of it and another one."""

    def deed() -> str:
        other = request.form.get("other", "")
        title = request.form.get("title", "").strip() or f"{_found(segment).title} (nối)"
        joined = editing.join_segments(here.home(), [segment, other], title=title, by=here.person(), now=here.now())
        return f"Đã nối thành “{joined.title}”, đang chờ xử lý. Các bài cũ vẫn còn."

    return _done(segment, deed)


@pages.post("/<segment>/ban-dau")
@needs(Deed.COMPOSE)
def restore(segment: str) -> tuple[str, int] | Response:
    """Undo every edit."""

    def deed() -> str:
        queued = editing.restore_segment(here.home(), segment, by=here.person(), now=here.now())
        return f"Đã lấy lại bản đầu của “{queued.title}”. Máy đang cân chỉnh lại; sau đó cần duyệt lại."

    return _done(segment, deed)


def _done(segment: str, deed: Callable[[], str]) -> tuple[str, int] | Response:
    """Do it and go to the library, or show the page again with why it was not done."""
    try:
        here.tell(deed())
    except Refused as refusal:
        return _page(_found(segment), refusal.trouble), 400
    return redirect(url_for("library.library"))


def _page(segment: StoredSegment, trouble: Trouble | None = None) -> str:
    others = [
        it for it in segments.list_segments(here.home()) if it.id != segment.id and it.length and _is_usable(it)
    ]
    length = segment.length or 0
    return render_template(
        "edit.html",
        here="library",
        segment=segment,
        ready=segment.ready is not None and segment.state not in {State.RECEIVED, State.REFUSED},
        seconds=length / SECOND,
        wave=draw_wave(editing.waveform(here.home(), segment), length, segment.findings),
        size=(WAVE_WIDTH, WAVE_HEIGHT),
        others=others,
        edited=segment.id == segment.original[:12] and bool(length) and editing.is_edited(segment),
        typed=request.form,
        trouble=trouble,
    )


def _is_usable(segment: StoredSegment) -> bool:
    return segment.state in {State.DRAFT, State.APPROVED}


def _found(segment: str) -> StoredSegment:
    found = here.home().library.find(segment)
    if found is None:
        raise NotFound
    return found


def _instant(field: str) -> int:
    """The ms that a number field holds, written in seconds. Raises `Refused`."""
    written = request.form.get(field, "").strip().replace(",", ".")
    try:
        return round(float(written) * SECOND)
    except (ValueError, OverflowError):
        raise Refused(Trouble("", f"“{written}” không phải là số giây.", mend="Viết như 12 hoặc 12,5.")) from None
