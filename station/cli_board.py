"""The province's overview, drawn from what the stations reported."""

from pathlib import Path

import click

from station.centre.board import read_board
from station.centre.board_communes import Communes, read_communes
from station.centre.province_files import FILE
from station.cli_province import Office
from station.cli_shared import json_option, now, print_json, told
from station.durable import sweep, write_whole
from station.rules.board import DEAD

_FOR_EVERYBODY = 0o644  # the web server shows it


@click.command(help="Vẽ bảng tổng quan của tỉnh từ báo cáo các đài đã gửi (thư mục bao-cao) vào một tệp HTML.")
@click.argument("reports", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--province",
    "listing",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Danh sách các xã: tệp province.toml, hoặc bảng CSV có các cột code,name,lat,lon; "
    "mặc định là province.toml trong thư mục làm việc của tỉnh, nếu có.",
)
@json_option
@click.pass_obj
@told
def board(office: Office, reports: Path, out: Path, listing: Path | None, *, as_json: bool) -> None:
    """Draw the board: the file is replaced whole, so that it may be drawn while people look at it."""
    from station.centre.board_page import board_json, draw_board  # noqa: PLC0415 - templates are the board's alone

    usual = office.work / FILE
    listing = listing or (usual if usual.exists() else None)
    communes = read_communes(listing) if listing else Communes("", {})
    folder = out.absolute().parent
    sweep(folder)
    seen = read_board(reports, communes.known, now(), folder / f".{out.name}.read")
    write_whole(out.absolute(), draw_board(seen, communes.province).encode(), _FOR_EVERYBODY)
    if as_json:
        print_json(board_json(seen))
    else:
        click.echo(f"{out}: {len(seen.rows)} đài, {seen.count(*DEAD)} im lặng.")
