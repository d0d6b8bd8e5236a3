"""The command that updates this machine, which root alone may give."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli_shared import told
from station.clock import Clock
from station.rules.enrolment import fingerprint
from station.rules.trouble import Refused, Trouble
from station.stores.home import Places
from station.stores.release import running_version
from station.stores.update_notes import Stage

if TYPE_CHECKING:
    from station.desk.updating import Ground

_WHERE, _STILL = "Cập nhật", "Bản đang chạy vẫn như cũ."


@click.command(help="Cập nhật Loa xã trên máy này: từ một tệp, hoặc bản mới mà tỉnh đã ký và phát hành.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--sha256", "digest", metavar="MÃ", help="Mã sha256 của tệp (ít nhất 16 chữ số đầu), do người làm ra tệp đọc."
)
@click.pass_obj
@told
def update(where: Places, file: Path | None, digest: str | None) -> None:
    """Install another version, as soon as nothing is on air; exit status 3 when the one before runs again."""
    from station.care.installing import at_terminal
    from station.desk.updating import alone, ground, install, vet_file, vet_offered

    if digest and not file:
        raise click.UsageError("--sha256 đi cùng với tên tệp.")
    if os.geteuid() != 0:
        mend = f"Chạy: sudo station update{f' {file}' if file else ''}"
        raise Refused(Trouble(_WHERE, "Cần quyền quản trị để cập nhật.", _STILL, mend))
    place, clock = ground(where), Clock()
    with alone(place):
        if file is None:
            _confirm_province(place)
            vetted = vet_offered(place, clock)
        else:
            vetted = vet_file(place, file, digest, clock)
        older = " (CŨ hơn bản đang chạy)" if vetted.older else ""
        click.echo(
            f"Đang chạy bản {running_version()}. Sẽ cài bản {vetted.version}{older}, mã {vetted.sha256[:16]}."
        )
        news = install(place, vetted, at_terminal, clock, click.echo)
    sys.exit({Stage.UPDATED: 0, Stage.RETURNED: 3}.get(news.stage, 1))


def _confirm_province(place: "Ground") -> None:
    """Have a person say that the province with which the station is enrolled may say what runs here."""
    from station.desk.updating import believe, unpinned

    enrolment = unpinned(place)
    if enrolment is None:
        return
    click.echo(f"Đài ghi danh với {enrolment.province}, mã xã {enrolment.code}.")
    click.echo(f"Dấu vân tay khóa gốc: {fingerprint(enrolment.root)}")
    click.echo("So dấu vân tay với tờ ghi danh của tỉnh. Từ nay máy này cài được bản cập nhật do tỉnh ấy ký.")
    if not sys.stdin.isatty() or not click.confirm("Đúng là tỉnh ấy?"):
        what = "Chưa xác nhận tỉnh, nên chưa cập nhật."
        raise Refused(
            Trouble("Cập nhật", what, "Bản đang chạy vẫn như cũ.", "Xác nhận trên màn hình lệnh của máy.")
        )
    believe(place, enrolment)


COMMANDS = (update,)
