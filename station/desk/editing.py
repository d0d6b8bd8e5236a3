"""Editing: trimming, fading, splitting and joining segments. It alters recipes; every original stays as it came."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from station.audio.wave import outline
from station.desk.permits import permit
from station.desk.segments import look_again
from station.rules import recipe as recipes
from station.rules.approval import State, check_own
from station.rules.now import SECOND
from station.rules.recipe import Recipe
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.library import StoredSegment

T = TypeVar("T")

_STILL = "Mục này vẫn như cũ."


def edit_segment(  # noqa: PLR0913 - an edit has that many sides
    home: Home,
    segment: str,
    *,
    start: int | None = None,
    end: int | None = None,
    fade_in: int | None = None,
    fade_out: int | None = None,
    by: str,
    now: int,
) -> StoredSegment:
    """Trim a segment, by id or name, to what is heard from `start` to `end` ms, and fade it over so many ms.

    What is `None` stays as it is. Raises `Refused`.
    """
    permit(Deed.COMPOSE)
    known = _editable(home, segment)
    check_own(known.origin, known.title)
    heard = _heard(known)

    def edited() -> Recipe:
        trimmed = recipes.trim(heard, start or 0, heard.length if end is None else end)
        return recipes.fade(trimmed, fade_in, fade_out)

    asked = ((start, "đầu"), (end, "cuối"), (fade_in, "to dần"), (fade_out, "nhỏ dần"))
    told = ", ".join(f"{name} {_seconds(value)}" for value, name in asked if value is not None)
    return _put(home, known, _allowed(known, edited), deed=told, by=by, now=now)


def restore_segment(home: Home, segment: str, *, by: str, now: int) -> StoredSegment:
    """Undo every edit of a segment: all of what it was made of is heard again. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = _found(home, segment)
    check_own(known.origin, known.title)
    if known.id != known.original[:12]:
        what = "Mục này được tách hoặc nối từ mục khác nên không có bản đầu."
        raise Refused(Trouble(known.title, what, _STILL, "Tách hoặc nối lại từ mục cũ."))
    return _put(home, known, recipes.whole(known.original), deed="lấy lại bản đầu", by=by, now=now)


def split_segment(home: Home, segment: str, at: int, *, by: str, now: int) -> tuple[StoredSegment, StoredSegment]:
    """Make two new drafts of a segment, until and from `at` ms; the segment itself stays. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = _editable(home, segment)
    first, second = _allowed(known, lambda: recipes.split(_heard(known), at))
    with home.engine.begin() as connection:
        made = [
            home.library.derive(
                connection, part, title=f"{known.title} (phần {number})", like=known, author=by, now=now
            )
            for number, part in enumerate((first, second), 1)
        ]
        write_audit(
            connection, now, by, "tách", f"{known.id} {known.title} ở {_seconds(at)}: {made[0].id} {made[1].id}"
        )
    look_again(home)
    return made[0], made[1]


def join_segments(home: Home, segments: Sequence[str], *, title: str, by: str, now: int) -> StoredSegment:
    """Make a new draft of segments, one after the other; they stay themselves. Raises `Refused`."""
    permit(Deed.COMPOSE)
    known = [_editable(home, segment) for segment in segments]
    if len(known) < 2:  # noqa: PLR2004 - one has nothing to be joined with
        raise Refused(Trouble("", "Cần ít nhất hai mục để nối.", mend="Chọn thêm một mục."))
    joined = recipes.join(_heard(it) for it in known)
    with home.engine.begin() as connection:
        made = home.library.derive(connection, joined, title=title, like=known[0], author=by, now=now)
        write_audit(connection, now, by, "nối", f"{made.id} {title}: {' '.join(it.id for it in known)}")
    look_again(home)
    return made


def is_edited(segment: StoredSegment) -> bool:
    """Whether something of what it was made of is not heard, or fades."""
    return segment.recipe != recipes.whole(segment.original).closed(segment.length or 0)


def waveform(home: Home, segment: StoredSegment) -> bytes:
    """The bars of a levelled segment, 0 to 255 each; none when its file cannot be read."""
    if segment.ready is None:
        return b""
    bars = home.library.bars(segment.ready)
    if bars is None:
        bars = outline(home.library.ready_path(segment.ready))
        with home.engine.begin() as connection:
            home.library.keep_bars(connection, segment.ready, bars)
    return bars


def _found(home: Home, segment: str) -> StoredSegment:
    known = home.library.find(segment)
    if known is None:
        raise Refused(Trouble(segment, "Không có mục này trong thư viện.", mend="Xem lại danh sách thư viện."))
    return known


def _editable(home: Home, segment: str) -> StoredSegment:
    """A segment that was levelled once, so that its length is known."""
    known = _found(home, segment)
    if known.state is State.RECEIVED:
        raise Refused(Trouble(known.title, "Mục này đang được xử lý.", mend="Chờ xử lý xong rồi sửa."))
    if known.length is None:
        raise Refused(Trouble(known.title, "Mục này không dùng được nên không sửa được.", mend="Tải tệp khác lên."))
    return known


def _heard(known: StoredSegment) -> Recipe:
    """What is heard of it, with its end."""
    return known.recipe.closed(known.length or 0)


def _allowed(known: StoredSegment, edited: Callable[[], T]) -> T:
    """What an edit makes, or `Refused` when it leaves nothing or asks for what is not there."""
    try:
        return edited()
    except ValueError:
        what = f"Mốc cắt hoặc độ dài nhỏ dần không nằm trong bài, vốn dài {_seconds(_heard(known).length)}."
        raise Refused(Trouble(known.title, what, _STILL, "Chọn lại mốc rồi làm lại.")) from None


def _put(  # noqa: PLR0913 - what is done to what, by whom and when
    home: Home, known: StoredSegment, recipe: Recipe, *, deed: str, by: str, now: int
) -> StoredSegment:
    """Queue a segment by another recipe, and write down who did that."""
    if not all(home.library.original_path(it.original).exists() for it in recipe.pieces):
        what = "Bản gốc của mục này đã được bỏ để lấy chỗ trên thẻ nhớ."
        raise Refused(Trouble(known.title, what, _STILL, "Tải tệp gốc lên lại rồi sửa."))
    with home.engine.begin() as connection:
        queued = home.library.edit(connection, known.id, recipe, by)
        write_audit(connection, now, by, "sửa", f"{known.id} {known.title}: {deed}")
    look_again(home)
    return queued


def _seconds(ms: int) -> str:
    number = f"{ms / SECOND:.1f}".replace(".", ",").removesuffix(",0")
    return f"{number} giây"
