"""The command line: `station …` does everything that the page does, through the same desk.

With `--json` a command prints one JSON value on standard output and nothing else there. What goes wrong is a
sentence on standard error, with exit status 1; wrong usage is 2.
"""

import datetime as dt
import getpass
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import attrs
import click

from station import printed
from station.clock import Clock
from station.control.messages import Answer
from station.desk import log as log_desk
from station.desk import orders, segments
from station.desk import timetable as timetable_desk
from station.desk.practice import prepare_practice
from station.rules.hours import instant, local
from station.rules.now import DAY, SECOND
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home, Places, open_home, places
from station.stores.library import State, StoredSegment

P = ParamSpec("P")
R = TypeVar("R")

_POLL_S = 0.2
_EXAMPLES = Path(__file__).resolve().parents[1] / "schedules"


class Instant(click.ParamType[dt.datetime]):
    """An ISO 8601 date or instant; without an offset it is in the station's own time."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Read it, or fail as wrong usage."""
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” không phải là ngày giờ; viết như 2026-11-23 hoặc 2026-11-23T05:00.", param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="In một giá trị JSON.")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose refusals are sentences."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refused as refusal:
            click.echo(str(refusal.trouble), err=True)
            sys.exit(1)

    return run


@click.group(help="Loa xã: đài truyền thanh xã trên Raspberry Pi.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Thư mục dữ liệu (STATION_HOME).")
@click.option("--config", type=click.Path(path_type=Path), help="Tệp cấu hình (STATION_CONFIG).")
@click.pass_context
def main(context: click.Context, home: Path | None, config: Path | None) -> None:
    """Remember where the station's home is."""
    context.obj = places(home, config)


@main.command(help="Chạy máy phát.")
@click.option("--verbose", is_flag=True, help="Ghi cả từng hành động.")
@click.pass_obj
@told
def run(where: Places, *, verbose: bool) -> None:
    """Run the player in the foreground."""
    from station.service import Service  # noqa: PLC0415 - VLC, GPIO and the scheduler are the player's alone

    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    Service(open_home(where)).run()


@main.command(help="Chạy trang điều khiển.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
def web(port: int) -> None:
    """Become the page's own process."""
    named = click.get_current_context().find_root().params
    options = [f"--{name}={named[name]}" for name in ("home", "config") if named[name]]
    os.execv(sys.executable, [sys.executable, "-m", "web", *options, f"--port={port}"])  # noqa: S606 - no shell


@main.command(help="Kiểm tra cấu hình, lịch phát và thư viện.")
@json_option
@click.pass_obj
def check(where: Places, *, as_json: bool) -> None:
    """Say all that is wrong; exit status 1 when anything is."""
    troubles = timetable_desk.check(open_home(where), _now())
    if as_json:
        _print_json([attrs.asdict(trouble) for trouble in troubles])
    else:
        for trouble in troubles:
            click.echo(str(trouble), err=True)
        if not troubles:
            click.echo("Mọi thứ đều ổn.")
    sys.exit(1 if troubles else 0)


@main.command(help="Thêm tệp âm thanh vào thư viện.")
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
        taken = [_add_one(home, file, title or file.stem, Kind(kind), approve=approve) for file in bar]
    if as_json:
        _print_json([printed.segment(it) for it in taken])
    for segment in taken:
        if segment.state is State.REFUSED:
            click.echo(segment.refusal, err=True)
        elif not as_json:
            click.echo(printed.segment_line(segment))
    sys.exit(1 if any(it.state is State.REFUSED for it in taken) else 0)


@main.command("segments", help="Xem thư viện.")
@json_option
@click.pass_obj
def list_segments(where: Places, *, as_json: bool) -> None:
    """List the library."""
    stored = segments.list_segments(open_home(where))
    if as_json:
        _print_json([printed.segment(it) for it in stored])
    else:
        for segment in stored:
            click.echo(printed.segment_line(segment))


@main.command(help="Duyệt một mục, theo tên hoặc mã.")
@click.argument("segment")
@click.pass_obj
@told
def approve(where: Places, segment: str) -> None:
    """Approve a segment for air as it sounds now."""
    approved = segments.approve_segment(open_home(where), segment, by=_who(), now=_now())
    click.echo(printed.segment_line(approved))


@main.command(help="Xem lịch phát.")
@click.option("--from", "since", type=Instant(), help="Từ lúc nào; mặc định là đầu ngày hôm nay.")
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@json_option
@click.pass_obj
def timetable(where: Places, since: dt.datetime | None, days: int, *, as_json: bool) -> None:
    """Show what airs when."""
    home = open_home(where)
    plan = timetable_desk.read_plan(home)
    zone = plan.config.time_zone
    begin = _wall(since, zone) if since else instant(local(_now(), zone).date(), 0, zone)
    found = timetable_desk.broadcasts(home, plan, begin, begin + days * DAY)
    for trouble in plan.troubles:
        click.echo(str(trouble), err=True)
    if as_json:
        _print_json([printed.broadcast(it, zone) for it in found])
    else:
        for broadcast in found:
            click.echo(printed.broadcast_line(broadcast, zone))


@main.command(help="Phát ngay một mục hoặc một chương trình.")
@click.argument("name")
@click.option("--zones", default="", help="Các cụm loa, cách nhau bằng dấu phẩy; mặc định là tất cả.")
@click.pass_obj
@told
def play(where: Places, name: str, zones: str) -> None:
    """Put a segment or a schedule on air now."""
    chosen = tuple(zone.strip() for zone in zones.split(",") if zone.strip())
    _say(orders.play(open_home(where), name, zones=chosen, by=_who(), now=_now()))


@main.command(help="Dừng phát ngay.")
@click.pass_obj
@told
def stop(where: Places) -> None:
    """Be silent now."""
    _say(orders.stop(open_home(where), by=_who(), now=_now()))


@main.command(help="Xem đài đang làm gì.")
@json_option
@click.pass_obj
@told
def status(where: Places, *, as_json: bool) -> None:
    """Show what is on air, what comes next, and what is wrong."""
    found = orders.status(open_home(where))
    if as_json:
        _print_json(found)
    else:
        for line in printed.status_lines(found):
            click.echo(line)


@main.command(help="Xem nhật ký phát sóng.")
@click.option("--from", "since", type=Instant(), help="Từ lúc nào; mặc định là bảy ngày trước.")
@click.option("--to", "until", type=Instant(), help="Đến lúc nào; mặc định là bây giờ.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="In ra dạng CSV.")
@click.pass_obj
def log(
    where: Places, since: dt.datetime | None, until: dt.datetime | None, *, as_json: bool, as_csv: bool
) -> None:
    """Show the as-run log."""
    home = open_home(where)
    zone = home.config().config.time_zone
    end = _wall(until, zone) if until else _now() + SECOND
    records = log_desk.as_run_log(home, _wall(since, zone) if since else end - 7 * DAY, end)
    if as_json:
        _print_json([log_desk.as_json(it, zone) for it in records])
    elif as_csv:
        log_desk.write_csv(records, zone, sys.stdout)
    else:
        for record in records:
            click.echo(printed.record_line(record, zone))


@main.command("setup-code", help="Lấy mã một lần để đặt người dùng cho trang điều khiển.")
@click.pass_obj
def setup_code(where: Places) -> None:
    """Print a new one-time set-up code; any code before is void."""
    from station.desk import people  # noqa: PLC0415 - passwords are the page's, and heavy

    code = people.new_setup_code(open_home(where), now=_now())
    click.echo(f"Mã thiết lập: {code}")


@main.command(help="Chuẩn bị một trạm tập trong thư mục HOME.")
@click.argument("home", type=click.Path(path_type=Path, file_okay=False))
@told
def practice(home: Path) -> None:
    """Make a practice station with example content and a first programme due at once."""
    for done in prepare_practice(open_home(places(home)), _EXAMPLES, _now()):
        click.echo(done)


@main.command("amplifiers-off", help="Tắt mọi tăng âm (dùng khi máy phát đã chết).")
@click.pass_obj
def amplifiers_off(where: Places) -> None:
    """Switch every amplifier off."""
    from station.service import amplifiers_off  # noqa: PLC0415 - GPIO is the player's alone

    amplifiers_off(open_home(where))


def _now() -> int:
    return Clock().now().wall


def _who() -> str:
    return f"dòng lệnh ({getpass.getuser()})"


def _wall(written: dt.datetime, zone: ZoneInfo) -> int:
    placed = written if written.tzinfo else written.replace(tzinfo=zone)
    return round(placed.timestamp() * 1000)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _say(answer: Answer) -> None:
    click.echo(answer.sentence, err=not answer.done)
    sys.exit(0 if answer.done else 1)


def _file_name(file: Path | None) -> str:
    return file.name if file else ""


def _add_one(home: Home, file: Path, title: str, kind: Kind, *, approve: bool) -> StoredSegment:
    try:
        with file.open("rb") as recording:
            segment = segments.add_segment(home, recording, title=title, kind=kind, by=_who(), now=_now())
    except OSError as error:
        mend = "Kiểm tra lại đường dẫn của tệp."
        raise Refused(Trouble(str(file), f"Không đọc được tệp ({error.strerror}).", mend=mend)) from None
    segment = _taken_in(home, segment)
    if approve and segment.state is State.DRAFT:
        return segments.approve_segment(home, segment.id, by=_who(), now=_now())
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
