"""The commands of the link to the province: enrol with it, leave it, take its news."""

import logging
import sys
from pathlib import Path

import click

from station.cli_shared import json_option, now, print_json, told, who
from station.desk import province as desk
from station.rules.enrolment import fingerprint
from station.stores.contact import Contact
from station.stores.home import Home, Places, open_home

_STDIN = "-"


@click.command(help="Ghi danh với tỉnh bằng dòng tỉnh gửi; “-” đọc dòng ấy từ bàn phím, để nó không lưu lại đâu.")
@click.argument("line")
@click.option("--replace", is_flag=True, help="Thay tỉnh đang tin; chỉ khi tỉnh xác nhận qua điện thoại.")
@click.pass_obj
@told
def enrol(where: Places, line: str, *, replace: bool) -> None:
    """Believe what a province signs from now on."""
    written = sys.stdin.readline() if line == _STDIN else line
    made = desk.enrol(open_home(where), written, by=who(), now=now(), replace=replace)
    click.echo(f"Đã ghi danh với {made.province}, mã xã {made.code}.")
    click.echo(f"Dấu vân tay: {fingerprint(made.root)}")
    click.echo("Gọi điện cho tỉnh, đọc so từng nhóm chữ; nếu khác, chạy “station leave” ngay.")


@click.command(help="Thôi ghi danh với tỉnh; lịch và tin bài của tỉnh rời khỏi đài.")
@click.pass_obj
@told
def leave(where: Places) -> None:
    """Believe no province any more."""
    left = desk.leave(open_home(where), by=who(), now=now())
    click.echo(f"Đã thôi ghi danh với {left.province}.")


@click.command(help="Nhận tin của tỉnh ngay bây giờ, rồi gửi báo cáo.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Nhận từ thư mục này, như một thẻ USB, thay cho mạng.",
)
@json_option
@click.pass_obj
@told
def sync(where: Places, folder: Path | None, *, as_json: bool) -> None:
    """Synchronise with the province."""
    logging.getLogger("station.province").setLevel(logging.ERROR)  # what is wrong is told below
    home = open_home(where)
    done = desk.sync_now(home, folder=folder) if as_json else _sync_watched(home, folder)
    if as_json:
        print_json(desk.link_json(done.link, home.config().config.time_zone))
    for trouble in done.troubles:
        click.echo(str(trouble), err=True)
    sys.exit(1 if done.troubles else 0)


def _sync_watched(home: Home, folder: Path | None) -> desk.Synced:
    """The same with a bar on a terminal: what has come of all that is to come."""
    with click.progressbar(length=1, label="Đồng bộ") as bar:
        most = 0

        def show(contact: Contact) -> None:
            nonlocal most
            left = sum(it.length - it.come for it in contact.arriving)
            most = max(most, left)
            bar.length, bar.pos = most or 1, most - left
            bar.update(0)

        return desk.sync_now(home, folder=folder, tell=show)


COMMANDS = (enrol, leave, sync)
