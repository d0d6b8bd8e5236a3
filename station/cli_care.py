"""The commands that care for the machine: backup, its sticks, and restore."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import attrs
import click

from station.care.archive import NotWhole
from station.care.power import PowerWatch
from station.care.services import as_owner, hand_over
from station.cli_shared import json_option, now, print_json, told, who
from station.desk import backup as desk
from station.desk import backup_stick, database, vault
from station.desk.machine import look_at_machine, machine_facts
from station.desk.settings import SAVED, change_settings
from station.durable import keep, unfinished
from station.rules.enrolment import from_line
from station.rules.hours import HANOI, iso, local
from station.rules.trouble import Refused
from station.rules.vault import grouped
from station.stores.backups import LastBackup
from station.stores.config_edit import config_setting
from station.stores.enrolment import load_enrolment
from station.stores.home import Places, open_home
from station.stores.vault import LastSent

_NOT_RESTORED = (
    "Không nằm trong bản sao lưu: tên máy, mạng và Wi-Fi, loại card âm thanh và đồng hồ khai trong hệ điều hành, "
    "nhật ký hệ điều hành. Băng phát được làm lại khi máy phát chạy. Thử từng cụm loa trước giờ phát."
)


@click.command(help="Sao lưu cả đài vào một tệp; FILE là tệp hoặc thư mục.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-recordings", is_flag=True, help="Không kèm bản ghi âm: tệp nhỏ, nhưng phải tải lại chúng.")
@click.pass_obj
@told
def backup(where: Places, file: Path, *, without_recordings: bool) -> None:
    """Write one file with all that a dead Pi needs; it is whole or not there."""
    recordings = not without_recordings
    with as_owner(where.home):
        home = open_home(where)
        name, total = desk.backup_name(home, now()), desk.backup_size(home, recordings=recordings)
        pieces = desk.back_up(home, recordings=recordings, by=who(), now=now())
    place = (file / name if file.is_dir() else file).absolute()
    with unfinished(place.parent) as made, click.progressbar(length=total, label="Sao lưu") as bar:
        with as_owner(where.home):
            for piece in pieces:
                made.stream.write(piece)
                bar.update(len(piece))
        hand_over(made.stream.fileno(), place.parent)
        keep(made, place)
    click.echo(f"Đã sao lưu vào {place}. Tệp có tên và mật khẩu (đã băm) của mọi người dùng: giữ kín.")


@click.command(help="Phục hồi vào máy mới cài: từ tệp FILE, hay bản mới nhất trên USB đang cắm. Chạy bằng sudo.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--from-province", is_flag=True, help="Từ bản tỉnh giữ hộ; hỏi dòng ghi danh và khóa phục hồi.")
@click.pass_obj
@told
def restore(where: Places, file: Path | None, *, from_province: bool) -> None:
    """Make a fresh home what a backup holds: whole, or not at all."""
    if from_province:
        _restore_from_province(where)
        return
    chosen = (file,) if file else backup_stick.backups_at_hand()
    if not chosen:
        raise Refused(backup_stick.NONE_AT_HAND)
    for backup in chosen:
        try:
            _restore_file(where, backup)
            break
        except NotWhole as refusal:
            if backup == chosen[-1]:
                raise
            click.echo(f"{backup}: {refusal.trouble} Thử bản trước đó.", err=True)


def _restore_from_province(where: Places) -> None:
    enrolment = load_enrolment(where.province) or from_line(_asked("Dòng ghi danh mới của tỉnh"))
    key = _asked("Khóa phục hồi")
    with click.progressbar(length=1, label="Nhận từ tỉnh") as bar:
        fetched = vault.fetch_backup(where, enrolment, key, _shown_by(bar))
    click.echo(f"Bản ở tỉnh làm lúc {local(fetched.made_at, HANOI):%H:%M %d/%m/%Y}.")
    for doubt in fetched.doubts:
        click.echo(doubt, err=True)
    click.echo("Nếu đài cũ còn chạy lâu sau lúc ấy, hỏi tỉnh: có thể bản mới đã bị thay bằng bản cũ.")
    done = vault.restore_fetched(where, fetched, enrolment, key, by=who(), now=now())
    _tell_restored(where, done)
    click.echo("Bản ở tỉnh không có bản ghi âm: tải lại chúng, hoặc chờ tỉnh gửi lại.")


def _restore_file(where: Places, file: Path) -> None:
    total = file.stat().st_size
    with file.open("rb") as stream, click.progressbar(length=total, label=f"Phục hồi từ {file}") as bar:
        done = desk.restore(where, _Watched(stream, bar.update), file.name, by=who(), now=now())
    _tell_restored(where, done)


def _tell_restored(where: Places, done: desk.Restored) -> None:
    click.echo(f"Đã phục hồi {done.name} như lúc {done.made} vào {where.home}.")
    click.echo(_NOT_RESTORED)


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
    last = _last_json(state.last, zone)
    if as_json:
        print_json({"own": [*map(str, state.own)], "others": [*map(str, state.others)], **last})
        return
    for found in (*state.own, *state.others):
        click.echo(f"{found}: {'USB sao lưu của đài' if found in state.own else 'chưa được chọn'}")
    click.echo(f"Lần sao lưu vào USB sau cùng: {last['good_at'] or 'chưa lần nào'}")
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


@click.group("vault", help="Bản sao lưu mã hóa ở tỉnh: tỉnh giữ hộ, không đọc được.")
def vault_group() -> None:
    """What is done with the backup at the province."""


@vault_group.command("prepare", help="Làm khóa phục hồi, hiện một lần để chép ra giấy, rồi gõ lại để bắt đầu.")
@click.pass_obj
@told
def prepare_vault(where: Places) -> None:
    """Make a recovery key, have it read back, and begin."""
    home = open_home(where)
    key = vault.make_recovery_key(home, by=who(), now=now())
    click.echo(f"Khóa phục hồi của {home.config().config.name}:\n\n    {grouped(key)}\n")
    click.echo("Chép ra giấy, cất nơi khác với máy. Mất khóa thì không ai, kể cả tỉnh, mở được bản sao lưu.")
    click.echo("Ai có khóa và bản sao lưu là có cả đài: giữ kín. Chép xong, gõ lại từ tờ giấy.")
    while True:
        typed = click.prompt("Gõ lại khóa", err=True)
        try:
            vault.prove_recovery_key(home, typed, by=who(), now=now())
            break
        except Refused as refusal:
            click.echo(str(refusal.trouble), err=True)
    click.clear()
    click.echo("Từ nay mỗi đêm đài gửi bản sao lưu mã hóa về tỉnh.")


@vault_group.command("backup", help="Gửi ngay bản sao lưu về tỉnh, hay gửi tiếp bản đang dở (máy phát tự chạy).")
@click.pass_obj
@told
def backup_to_vault(where: Places) -> None:
    """Send a backup."""
    with click.progressbar(length=1, label="Gửi về tỉnh") as bar:
        sent = vault.send_backup(open_home(where), by=who(), now=now(), tell=_shown_by(bar))
    click.echo(f"Đã gửi về tỉnh {sent.size / 1e6:.1f} MB.".replace(".", ",", 1))


@vault_group.command("stop", help="Thôi gửi; bản đã gửi vẫn nằm ở tỉnh, vẫn không ai đọc được.")
@click.pass_obj
@told
def stop_vault(where: Places) -> None:
    """Send no more."""
    vault.stop_sending(open_home(where), by=who(), now=now())
    click.echo("Đài thôi gửi bản sao lưu về tỉnh.")


@vault_group.command("show", help="Xem đài có gửi về tỉnh không, và lần sau cùng.")
@json_option
@click.pass_obj
def show_vault(where: Places, *, as_json: bool) -> None:
    """Show how it is, and how the last one went."""
    home = open_home(where)
    state, zone = vault.vault_state(home), home.config().config.time_zone
    last = _last_json(state.last, zone)
    if as_json:
        print_json({"offered": state.offered, "chosen": state.chosen_at is not None, **last})
        return
    click.echo("Đài gửi bản sao lưu về tỉnh mỗi đêm." if state.chosen_at else "Đài không gửi bản sao lưu về tỉnh.")
    click.echo(f"Lần gửi sau cùng: {last['good_at'] or 'chưa lần nào'}")
    if state.last.trouble:
        click.echo(str(state.last.trouble))


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


def _asked(what: str) -> str:
    """What a person types, so that it lies in no history."""
    return str(click.prompt(what, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline()


def _shown_by(bar: Any) -> Callable[[int, int], None]:
    def tell(gone: int, total: int) -> None:
        bar.length = total
        bar.update(gone - bar.pos)

    return tell


def _last_json(last: LastBackup | LastSent, zone: ZoneInfo) -> dict[str, Any]:
    """How the last backup of a way went."""
    trouble = last.trouble and attrs.asdict(last.trouble)
    return {"good_at": last.good_at and iso(last.good_at, zone), "size": last.size, "trouble": trouble}


class _Watched:
    """A stream that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream, self._tell = stream, tell

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        piece = self._stream.read(size)
        self._tell(len(piece))
        return piece


COMMANDS = (backup, restore, stick, vault_group, show_database, set_config, machine)
