"""The commands that care for the machine: backup, its sticks, and restore."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import attrs
import click

from station.care.power import PowerWatch
from station.cli_shared import json_option, now, print_json, told, who
from station.desk import backup as desk
from station.desk import backup_stick, database
from station.desk.machine import look_at_machine, machine_facts
from station.desk.settings import SAVED, change_settings
from station.durable import keep, unfinished
from station.rules.hours import iso
from station.stores.config_edit import config_setting
from station.stores.home import Places, open_home


@click.command(help="Sao lưu cả đài vào một tệp; FILE là tệp hoặc thư mục.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-recordings", is_flag=True, help="Không kèm bản ghi âm: tệp nhỏ, nhưng phải tải lại chúng.")
@click.pass_obj
@told
def backup(where: Places, file: Path, *, without_recordings: bool) -> None:
    """Write one file with all that a dead Pi needs; it is whole or not there."""
    home, recordings = open_home(where), not without_recordings
    place = file / desk.backup_name(home, now()) if file.is_dir() else file
    total = desk.backup_size(home, recordings=recordings)
    pieces = desk.back_up(home, recordings=recordings, by=who(), now=now())
    with unfinished(place.absolute().parent) as made, click.progressbar(length=total, label="Sao lưu") as bar:
        for piece in pieces:
            made.stream.write(piece)
            bar.update(len(piece))
        keep(made, place)
    click.echo(f"Đã sao lưu vào {place}. Tệp có tên và mật khẩu (đã băm) của mọi người dùng: giữ kín.")


@click.command(help="Phục hồi từ một bản sao lưu vào thư mục dữ liệu còn trống.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
@told
def restore(where: Places, file: Path) -> None:
    """Make an empty home what a backup holds: whole, or not at all."""
    total = file.stat().st_size
    with file.open("rb") as stream, click.progressbar(length=total, label="Phục hồi") as bar:
        desk.restore(where, _Watched(stream, bar.update), file.name, by=who(), now=now())
    click.echo(f"Đã phục hồi vào {where.home}. Khởi động máy phát và trang điều khiển là đài chạy lại.")


@click.group(help="USB sao lưu của đài.")
def stick() -> None:
    """What is done with backup sticks."""


@stick.command(help="Chọn một USB đang cắm (FOLDER là nơi nó được gắn) làm USB sao lưu của đài.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
@told
def prepare(where: Places, folder: Path) -> None:
    """Make a stick the station's own."""
    backup_stick.make_backup_stick(open_home(where), folder.absolute(), by=who(), now=now())
    click.echo("Từ nay mỗi đêm đài sao lưu vào USB này khi nó được cắm. Ai có USB là có cả đài: giữ kín.")


@stick.command("backup", help="Sao lưu ngay vào USB sao lưu đang cắm (máy phát tự chạy lệnh này mỗi đêm).")
@click.pass_obj
@told
def backup_to_stick(where: Places) -> None:
    """Back up to the stick that is plugged in."""
    written = backup_stick.back_up_to_stick(open_home(where), by=who(), now=now())
    click.echo(f"Đã sao lưu vào {written} và đọc lại đúng.")


@stick.command(help="Xem USB nào đang cắm, và lần sao lưu sau cùng.")
@json_option
@click.pass_obj
def show(where: Places, *, as_json: bool) -> None:
    """Show the sticks and how the last backup went."""
    home = open_home(where)
    state, zone = backup_stick.stick_state(home), home.config().config.time_zone
    good_at = state.last.good_at and iso(state.last.good_at, zone)
    if as_json:
        trouble = state.last.trouble and attrs.asdict(state.last.trouble)
        sticks = {"own": [*map(str, state.own)], "others": [*map(str, state.others)]}
        print_json({**sticks, "good_at": good_at, "size": state.last.size, "trouble": trouble})
        return
    for found in (*state.own, *state.others):
        click.echo(f"{found}: {'USB sao lưu của đài' if found in state.own else 'chưa được chọn'}")
    click.echo(f"Lần sao lưu vào USB sau cùng: {good_at or 'chưa lần nào'}")
    if trouble := backup_stick.backup_trouble(home, now()):
        click.echo(str(trouble))


@click.command("database", help="Cơ sở dữ liệu có bị hỏng và dựng lại lần nào không.")
@click.option("--seen", is_flag=True, help="Đã xem: thôi báo.")
@json_option
@click.pass_obj
@told
def show_database(where: Places, *, seen: bool, as_json: bool) -> None:
    """Show when the database was found broken and made anew, and by what."""
    home = open_home(where)
    if seen:
        database.mark_rebuilt_seen(home, by=who(), now=now())
    zone, found = home.config().config.time_zone, database.rebuilt(home)
    if as_json:
        print_json([{**attrs.asdict(it), "at": iso(it.at, zone)} for it in found])
        return
    for it in found:
        whole, aside = "đủ" if it.whole else "có thể thiếu", it.aside or "không có"
        click.echo(f"{iso(it.at, zone)}: dựng lại, {whole}; bản hỏng còn giữ: {aside}")
    if trouble := database.database_trouble(home):
        click.echo(str(trouble))
    elif not found:
        click.echo("Cơ sở dữ liệu chưa hỏng lần nào.")


@click.command(
    "set", help="Sửa cấu hình: các cặp KHOÁ=GIÁ TRỊ, như zones.thon-bac.title=“Thôn Bắc”; để trống là bỏ."
)
@click.argument("changes", nargs=-1, required=True, metavar="KHOÁ=GIÁ TRỊ…")
@click.pass_obj
@told
def set_config(where: Places, changes: tuple[str, ...]) -> None:
    """Change `station.toml`, keeping its comments."""
    if any("=" not in change for change in changes):
        raise click.UsageError("Viết mỗi thay đổi như KHOÁ=GIÁ TRỊ.")
    settings = [
        config_setting(key.strip(), words) for key, _, words in (change.partition("=") for change in changes)
    ]
    changed = change_settings(open_home(where), settings, by=who(), now=now())
    click.echo(SAVED if changed else "Không có gì thay đổi.")


@click.command(help="Xem máy: mạng, đồng hồ, nhiệt độ, nguồn điện, bộ nhớ, phiên bản.")
@json_option
@click.pass_obj
def machine(where: Places, *, as_json: bool) -> None:
    """Show the machine."""
    seen = look_at_machine(open_home(where), PowerWatch().look())
    if as_json:
        print_json({**attrs.asdict(seen), "zone": str(seen.zone)})
    else:
        click.echo("\n".join(f"{name}: {told}" for name, told in machine_facts(seen)))


class _Watched:
    """A stream that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream, self._tell = stream, tell

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        piece = self._stream.read(size)
        self._tell(len(piece))
        return piece


COMMANDS = (backup, restore, stick, show_database, set_config, machine)
