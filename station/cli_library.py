"""The commands of the library: taking audio in, listing it, approving it."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import click

from station import printed
from station.cli_shared import Duration, json_option, now, print_json, told, who
from station.desk import editing, segments
from station.rules.approval import State
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home, Places, open_home
from station.stores.library import StoredSegment

_POLL_S = 0.2


@click.command(help="Thêm tệp âm thanh vào thư viện.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", help="Tên gọi; mặc định là tên tệp.")
@click.option("--kind", type=click.Choice([it.value for it in Kind]), default=Kind.NEWS.value, show_default=True)
@click.option("--approve", is_flag=True, help="Duyệt luôn.")
@json_option
@click.pass_obj
@told
def add(  # noqa: PLR0913 - one for each option
    where: Places, files: tuple[Path, ...], title: str | None, kind: str, *, approve: bool, as_json: bool
) -> None:
    """Take audio into the library."""
    home = open_home(where)
    with click.progressbar(files, label="Đang xử lý", file=sys.stderr, item_show_func=_file_name) as bar:
        taken = [add_one(home, file, title or file.stem, Kind(kind), approve=approve) for file in bar]
    if as_json:
        print_json([printed.segment(it) for it in taken])
    for segment in taken:
        if segment.state is State.REFUSED:
            click.echo(segment.refusal, err=True)
        elif not as_json:
            click.echo("\n".join(printed.segment_lines(segment)))
    sys.exit(1 if any(it.state is State.REFUSED for it in taken) else 0)


@click.command("segments", help="Xem thư viện, hoặc tìm trong đó; gõ không dấu cũng được.")
@click.argument("words", nargs=-1)
@json_option
@click.pass_obj
def list_segments(where: Places, words: tuple[str, ...], *, as_json: bool) -> None:
    """List the library, or what is found in it."""
    stored = segments.search_segments(open_home(where), " ".join(words))
    if as_json:
        print_json([printed.segment(it) for it in stored])
    else:
        for segment in stored:
            click.echo("\n".join(printed.segment_lines(segment)))


@click.command(help="Duyệt một mục, theo tên hoặc mã.")
@click.argument("segment")
@click.pass_obj
@told
def approve(where: Places, segment: str) -> None:
    """Approve a segment for air as it sounds now."""
    approved = segments.approve_segment(open_home(where), segment, by=who(), now=now(), alone=True)
    click.echo(printed.segment_line(approved))


@click.command(help="Từ chối một mục, kèm lý do; mục đã duyệt cũng ngừng phát.")
@click.argument("segment")
@click.argument("reason")
@click.pass_obj
@told
def reject(where: Places, segment: str, reason: str) -> None:
    """Reject a segment."""
    rejected = segments.reject_segment(open_home(where), segment, reason, by=who(), now=now())
    click.echo(printed.segment_line(rejected))


@click.command(help="Xóa một mục khỏi thư viện, trừ khi có lịch đang dùng.")
@click.argument("segment")
@click.pass_obj
@told
def remove(where: Places, segment: str) -> None:
    """Remove a segment."""
    removed = segments.remove_segment(open_home(where), segment, by=who(), now=now())
    click.echo(f"Đã xóa “{removed.title}”.")


@click.command(help="Cắt đầu, cắt cuối và làm to dần, nhỏ dần một mục. Bản gốc luôn được giữ.")
@click.argument("segment")
@click.option("--start", type=Duration(), help="Bỏ tất cả trước mốc này.")
@click.option("--end", type=Duration(), help="Bỏ tất cả sau mốc này.")
@click.option("--fade-in", type=Duration(), help="To dần ở đầu trong chừng ấy thời gian.")
@click.option("--fade-out", type=Duration(), help="Nhỏ dần ở cuối trong chừng ấy thời gian.")
@click.option("--restore", is_flag=True, help="Lấy lại bản đầu.")
@click.pass_obj
@told
def edit(  # noqa: PLR0913 - one for each option
    where: Places,
    segment: str,
    start: int | None,
    end: int | None,
    *,
    fade_in: int | None,
    fade_out: int | None,
    restore: bool,
) -> None:
    """Trim and fade a segment."""
    home, asked = open_home(where), (start, end, fade_in, fade_out)
    if restore == any(it is not None for it in asked):
        raise click.UsageError("Dùng --start, --end, --fade-in, --fade-out, hoặc chỉ --restore.")
    if restore:
        queued = editing.restore_segment(home, segment, by=who(), now=now())
    else:
        queued = editing.edit_segment(
            home, segment, start=start, end=end, fade_in=fade_in, fade_out=fade_out, by=who(), now=now()
        )
    _print_taken_in(home, [queued])


@click.command(help="Tách một mục làm hai mục mới ở một mốc, ví dụ 1m20s.")
@click.argument("segment")
@click.argument("at", type=Duration())
@click.pass_obj
@told
def split(where: Places, segment: str, at: int) -> None:
    """Make two new drafts of a segment."""
    home = open_home(where)
    _print_taken_in(home, editing.split_segment(home, segment, at, by=who(), now=now()))


@click.command(help="Nối nhiều mục thành một mục mới.")
@click.argument("joined", metavar="SEGMENT SEGMENT…", nargs=-1, required=True)
@click.option("--title", required=True, help="Tên gọi của mục mới.")
@click.pass_obj
@told
def join(where: Places, joined: tuple[str, ...], title: str) -> None:
    """Make a new draft of several segments."""
    home = open_home(where)
    _print_taken_in(home, [editing.join_segments(home, joined, title=title, by=who(), now=now())])


COMMANDS = (add, list_segments, approve, reject, remove, edit, split, join)


def _print_taken_in(home: Home, queued: Sequence[StoredSegment]) -> None:
    """Wait until they are levelled and print them; one that is refused says why, and ends with status 1."""
    taken = [_taken_in(home, segment) for segment in queued]
    for segment in taken:
        if segment.state is State.REFUSED:
            click.echo(segment.refusal, err=True)
        else:
            click.echo("\n".join(printed.segment_lines(segment)))
    sys.exit(1 if any(it.state is State.REFUSED for it in taken) else 0)


def add_one(home: Home, file: Path, title: str, kind: Kind, *, approve: bool) -> StoredSegment:
    """Take one file into the library, and approve it if it is fit and that is wanted. Raises `Refused`."""
    try:
        with file.open("rb") as recording:
            segment = segments.add_segment(home, recording, title=title, kind=kind, by=who(), now=now())
    except OSError as error:
        mend = "Kiểm tra lại đường dẫn của tệp."
        raise Refused(Trouble(str(file), f"Không đọc được tệp ({error.strerror}).", mend=mend)) from None
    segment = _taken_in(home, segment)
    if approve and segment.state is State.DRAFT:
        # Whoever holds the station's own terminal may approve alone; the audit log says so.
        return segments.approve_segment(home, segment.id, by=who(), now=now(), alone=True)
    return segment


def _taken_in(home: Home, segment: StoredSegment) -> StoredSegment:
    """The segment once it is levelled: by the player when one runs, here when none does."""
    while segment.state is State.RECEIVED:
        if segments.look_again(home):
            threading.Event().wait(_POLL_S)
        else:
            for _ in segments.take_in_waiting(home):
                pass
        segment = home.library.find(segment.id) or segment
    return segment


def _file_name(file: Path | None) -> str:
    return file.name if file else ""
