"""The commands of the library: taking audio in, listing it, approving it."""

import sys
import threading
from pathlib import Path

import click

from station import printed
from station.cli_shared import json_option, now, print_json, told, who
from station.desk import segments
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
            click.echo(printed.segment_line(segment))
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
            click.echo(printed.segment_line(segment))


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


COMMANDS = (add, list_segments, approve, reject, remove)


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
