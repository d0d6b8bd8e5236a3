"""The command line: `station …` does everything that the page does, through the same desk.

With `--json` a command prints one JSON value on standard output and nothing else there. What goes wrong is a
sentence on standard error, with exit status 1; wrong usage is 2.
"""

import datetime as dt
import logging
import os
import sys
from pathlib import Path

import attrs
import click

from station import printed
from station.cli_care import COMMANDS as CARE_COMMANDS
from station.cli_clock import COMMANDS as CLOCK_COMMANDS
from station.cli_feeds import COMMANDS as FEED_COMMANDS
from station.cli_incoming import COMMANDS as INCOMING_COMMANDS
from station.cli_library import COMMANDS as LIBRARY_COMMANDS
from station.cli_link import COMMANDS as LINK_COMMANDS
from station.cli_orders import COMMANDS as ORDER_COMMANDS
from station.cli_people import COMMANDS as PEOPLE_COMMANDS
from station.cli_satellite import satellite
from station.cli_schedule import print_changes, schedule
from station.cli_shared import Instant, json_option, now, print_json, told, wall, who
from station.cli_speech import COMMANDS as SPEECH_COMMANDS
from station.cli_update import COMMANDS as UPDATE_COMMANDS
from station.desk import audit, order, orders, rehearsal, schedules, told_actions
from station.desk import log as log_desk
from station.desk import report as report_desk
from station.desk import timetable as timetable_desk
from station.desk.certificate import check_certificate, make_certificate
from station.desk.database import database_trouble
from station.desk.practice import prepare_practice
from station.rules.hours import instant, local
from station.rules.now import DAY, SECOND
from station.rules.origin import Origin
from station.rules.report import month_of, read_month
from station.rules.schedule import Priority
from station.rules.step.actions import Result
from station.stores.home import Places, open_home, places
from station.stores.log_search import LogSearch

_EXAMPLES = Path(__file__).resolve().parents[1] / "schedules"


_OFFICE = "province"


class _Commands(click.Group):
    """All commands. What only the province's office uses is loaded when it is meant: no station has to carry it."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all."""
        return sorted({*super().list_commands(context), _OFFICE})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """One of them."""
        if name == _OFFICE and name not in self.commands:
            from station import cli_alerts, cli_board, cli_live  # noqa: PLC0415 - as said above
            from station.cli_province import province  # noqa: PLC0415 - the same

            for command in (*cli_alerts.COMMANDS, cli_board.board, cli_live.live):
                province.add_command(command)
            self.add_command(province)
        return super().get_command(context, name)


@click.group(cls=_Commands, help="Loa xã: đài truyền thanh xã trên Raspberry Pi.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Thư mục dữ liệu (STATION_HOME).")
@click.option("--config", type=click.Path(path_type=Path), help="Tệp cấu hình (STATION_CONFIG).")
@click.pass_context
def main(context: click.Context, home: Path | None, config: Path | None) -> None:
    """Remember where the station's home is."""
    context.obj = places(home, config)


main.add_command(schedule)
main.add_command(satellite)
for command in (
    *LIBRARY_COMMANDS,
    *ORDER_COMMANDS,
    *INCOMING_COMMANDS,
    *PEOPLE_COMMANDS,
    *SPEECH_COMMANDS,
    *UPDATE_COMMANDS,
    *LINK_COMMANDS,
    *CARE_COMMANDS,
    *CLOCK_COMMANDS,
    *FEED_COMMANDS,
):
    main.add_command(command)


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
    supervised = "NOTIFY_SOCKET" in os.environ  # then systemd starts it again
    if (
        Service(open_home(where, thorough=True), [sys.executable, "-m", "station", *_named()]).run()
        and not supervised
    ):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - no shell


@main.command(help="Chạy trang điều khiển.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
def web(port: int) -> None:
    """Become the page's own process."""
    os.execv(sys.executable, [sys.executable, "-m", "web", *_named(), f"--port={port}"])  # noqa: S606 - no shell


@main.command(help="Nghe tin khẩn của tỉnh (máy phát tự chạy lệnh này).")
def listen() -> None:
    """Become the listener's own process."""
    os.execv(sys.executable, [sys.executable, "-m", "station.alerts", *_named()])  # noqa: S606 - no shell


@main.command(help="Kiểm tra cấu hình, lịch phát, thư viện và nhật ký hệ thống.")
@json_option
@click.pass_obj
def check(where: Places, *, as_json: bool) -> None:
    """Say all that is wrong; exit status 1 when anything is."""
    home = open_home(where)
    troubles = (*timetable_desk.check(home, now()), *audit.check_seals(home), *check_certificate(home, now()))
    if broken := database_trouble(home):
        troubles = (*troubles, broken)
    if as_json:
        print_json([attrs.asdict(trouble) for trouble in troubles])
    else:
        for trouble in troubles:
            click.echo(str(trouble), err=True)
        if not troubles:
            click.echo("Mọi thứ đều ổn.")
    sys.exit(1 if troubles else 0)


@main.command(help="Xem lịch phát.")
@click.option("--from", "since", type=Instant(), help="Từ lúc nào; mặc định là đầu ngày hôm nay.")
@click.option("--days", type=click.IntRange(1, 366), help="Mấy ngày; mặc định là 1, với --diff là 7.")
@click.option("--diff", "proposed", type=click.Path(path_type=Path), help="Một tệp lịch: nó sẽ thay đổi những gì.")
@json_option
@click.pass_obj
@told
def timetable(
    where: Places, since: dt.datetime | None, days: int | None, proposed: Path | None, *, as_json: bool
) -> None:
    """Show what airs when, or what of it a proposed schedule file would alter."""
    home = open_home(where)
    plan = timetable_desk.read_plan(home)
    zone = plan.config.time_zone
    begin = wall(since, zone) if since else instant(local(now(), zone).date(), 0, zone)
    if proposed:
        draft = schedules.draft_of_file(home, proposed)
        print_changes(home, schedules.effect(home, draft, begin, begin + (days or 7) * DAY), as_json=as_json)
        return
    found = timetable_desk.broadcasts(home, plan, begin, begin + (days or 1) * DAY)
    for trouble in plan.troubles:
        click.echo(str(trouble), err=True)
    if as_json:
        print_json([printed.broadcast(it, zone) for it in found])
    else:
        for broadcast in found:
            click.echo(printed.broadcast_line(broadcast, zone))


@main.command(help="Diễn tập: chạy đúng luật của máy phát trên thời gian giả.")
@click.option("--from", "since", type=Instant(), help="Từ lúc nào; mặc định là đầu ngày hôm nay.")
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@json_option
@click.pass_obj
def rehearse(where: Places, since: dt.datetime | None, days: int, *, as_json: bool) -> None:
    """Run the real step over simulated time and show the actions that it takes."""
    home = open_home(where)
    plan = timetable_desk.read_plan(home)
    zone = plan.config.time_zone
    begin = wall(since, zone) if since else instant(local(now(), zone).date(), 0, zone)
    fit = timetable_desk.fit_for(home, plan, begin)
    taken = rehearsal.rehearse(plan, fit, begin, begin + days * DAY)
    if as_json:
        print_json([told_actions.action(it, zone) for it in taken])
    else:
        for line in filter(None, (told_actions.action_line(it, plan.station) for it in taken)):
            click.echo(line)


@main.command(help="Xem đài đang làm gì.")
@json_option
@click.pass_obj
@told
def status(where: Places, *, as_json: bool) -> None:
    """Show what is on air, what comes next, and what is wrong."""
    found = orders.status(open_home(where))
    if as_json:
        print_json(found)
    else:
        for line in printed.status_lines(found):
            click.echo(line)


@main.command(help="Xem nhật ký phát sóng.")
@click.option("--from", "since", type=Instant(), help="Từ lúc nào; mặc định là bảy ngày trước.")
@click.option("--to", "until", type=Instant(), help="Đến lúc nào; mặc định là bây giờ.")
@click.option("--result", type=click.Choice(Result, case_sensitive=False), help="Kết quả.")
@click.option("--origin", type=click.Choice(Origin, case_sensitive=False), help="Nguồn.")
@click.option("--priority", type=click.Choice(Priority, case_sensitive=False), help="Mức.")
@click.option("--zone", "of_zone", default="", help="Cụm loa.")
@click.option("--find", "words", default="", metavar="TỪ", help="Những từ cần tìm, không cần gõ dấu.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="In ra dạng CSV.")
@click.pass_obj
def log(  # noqa: PLR0913, PLR0917 - click names them; a record is remembered by that many things
    where: Places,
    since: dt.datetime | None,
    until: dt.datetime | None,
    result: Result | None,
    origin: Origin | None,
    priority: Priority | None,
    of_zone: str,
    words: str,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the as-run log."""
    home = open_home(where)
    zone = home.config().config.time_zone
    end = wall(until, zone) if until else now() + SECOND
    begin = wall(since, zone) if since else end - 7 * DAY
    search = LogSearch(begin, end, result, origin, of_zone, priority, words)
    records = [*log_desk.search_whole_log(home, search)][::-1]
    if as_json:
        print_json([log_desk.as_json(it, zone) for it in records])
    elif as_csv:
        log_desk.write_csv(records, zone, sys.stdout)
    else:
        for record in records:
            click.echo(printed.record_line(record, zone))


@main.command(help="Xem báo cáo tháng.")
@click.option("--month", "written", metavar="YYYY-MM", help="Tháng nào, như 2026-11; mặc định là tháng này.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="In ra dạng CSV.")
@click.pass_obj
@told
def report(where: Places, written: str | None, *, as_json: bool, as_csv: bool) -> None:
    """Show what a month of the as-run log comes to."""
    home = open_home(where)
    seen = now()
    month = read_month(written) if written else month_of(local(seen, home.config().config.time_zone).date())
    made = report_desk.monthly_report(home, month, seen)
    if as_json:
        print_json(report_desk.report_json(made))
    elif as_csv:
        report_desk.write_report_csv(made, sys.stdout)
    else:
        click.echo("\n".join(printed.report_lines(made)))


@main.command("order", help="Xem hoặc đặt bên nào phát trước khi hai tin ưu tiên trùng giờ.")
@click.argument("first", required=False, type=click.Choice([Origin.COMMUNE.value, Origin.PROVINCE.value]))
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Chỉ cho ngày này.")
@json_option
@click.pass_obj
@told
def set_order(where: Places, first: str | None, day: dt.datetime | None, *, as_json: bool) -> None:
    """Show or choose whose priority bulletin goes first where commune and province clash."""
    home = open_home(where)
    if first is None:
        found = order.order_now(home)
    else:
        found = order.let_go_first(home, Origin(first), day.date() if day else None, by=who(), now=now())
    if as_json:
        print_json(printed.order(found))
    else:
        click.echo("\n".join(printed.order_lines(found)))


@main.command(help="Chuẩn bị một trạm tập trong thư mục HOME.")
@click.argument("home", type=click.Path(path_type=Path, file_okay=False))
@click.option("--sound", is_flag=True, help="Nghe cả ở loa của máy này; chỉ dùng nơi không có tăng âm.")
@told
def practice(home: Path, *, sound: bool) -> None:
    """Make a practice station with example content and a first programme due at once."""
    for done in prepare_practice(open_home(places(home)), _EXAMPLES, now(), sound=sound):
        click.echo(done)


@main.command(help="Làm chứng chỉ HTTPS cho mạng nội bộ; làm lại khi đổi tên, đổi địa chỉ hoặc sắp hết hạn.")
@click.argument("names", nargs=-1)
@click.pass_obj
@told
def certificate(where: Places, names: tuple[str, ...]) -> None:
    """Sign a certificate for the page."""
    home = open_home(where)
    made = make_certificate(home, names, by=who(), now=now())
    click.echo("\n".join(printed.certificate_lines(made, home.places.tls, home.config().config.time_zone)))


@main.command("amplifiers-off", help="Tắt mọi tăng âm (dùng khi máy phát đã chết).")
@click.pass_obj
def amplifiers_off(where: Places) -> None:
    """Switch every amplifier off."""
    from station.air.off import switch_off  # noqa: PLC0415 - GPIO is the player's alone

    sys.exit("\n".join(switch_off(where)) or 0)


def _named() -> list[str]:
    """The options that name this station, for another process of it."""
    named = click.get_current_context().find_root().params
    return [f"--{name}={named[name]}" for name in ("home", "config") if named[name]]
