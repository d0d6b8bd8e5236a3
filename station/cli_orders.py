"""The commands that act on the running player; each answers, once it is true, with a sentence of what happened."""

import sys
from pathlib import Path

import click

from station.cli_library import add_one
from station.cli_shared import json_option, now, print_json, told, who, words
from station.control.messages import Answer
from station.desk import orders
from station.rules.approval import State
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.config import MOST_REPEATS
from station.stores.home import Home, Places, open_home

_zones = click.option(
    "--zones", default="", metavar="A,B", help="Các cụm loa, cách nhau bằng dấu phẩy; mặc định là tất cả."
)
_override = click.option(
    "--override", default="", metavar="REASON", help="Phát cả ngoài khung giờ, vì lý do này (được ghi lại)."
)


@click.command(help="Phát ngay một mục hoặc một chương trình.")
@click.argument("name")
@_zones
@_override
@click.pass_obj
@told
def play(where: Places, name: str, zones: str, override: str) -> None:
    """Put a segment or a schedule on air now."""
    _say(orders.play(open_home(where), name, zones=words(zones), override=override, by=who(), now=now()))


@click.command(help="Phát khẩn cấp: một tệp, một mục đã duyệt, hoặc nội dung để máy đọc.")
@click.argument("message", required=False, metavar="[FILE|SEGMENT]")
@click.option("--say", "text", metavar="TEXT", help="Nội dung để máy đọc.")
@_zones
@click.option("--repeat", type=click.IntRange(1, MOST_REPEATS), help="Phát mấy lần; mặc định theo station.toml.")
@click.pass_obj
@told
def emergency(where: Places, message: str | None, text: str | None, zones: str, repeat: int | None) -> None:
    """Interrupt everything with a recorded message or a spoken one."""
    if bool(message) == bool(text):
        raise click.UsageError("Nêu một tệp, một mục đã duyệt, hoặc --say “nội dung”.")
    home = open_home(where)
    segment = _segment(home, message) if message else ""
    _say(
        orders.emergency(
            home, segment=segment, text=text or "", zones=words(zones), repeats=repeat, by=who(), now=now()
        )
    )


@click.command(help="Phát trực tiếp từ micro của đài, cho đến khi dừng phát.")
@click.argument("microphone", required=False)
@_zones
@click.option("--emergency", "urgent", is_flag=True, help="Ngắt mọi chương trình khác.")
@_override
@click.pass_obj
@told
def live(where: Places, microphone: str | None, zones: str, override: str, *, urgent: bool) -> None:
    """Speak into a microphone of the station."""
    home = open_home(where)
    source = f"microphone:{microphone or _first_microphone(home)}"
    _say(orders.live(home, source, zones=words(zones), urgent=urgent, override=override, by=who(), now=now()))


@click.command("test", help="Thử một cụm loa: bật tăng âm, phát vài giây rồi tắt.")
@click.argument("zone")
@_override
@click.pass_obj
@told
def try_zone(where: Places, zone: str, override: str) -> None:
    """Sound a few seconds in one zone."""
    _say(orders.try_zone(open_home(where), zone, override=override, by=who(), now=now()))


@click.command(help="Dừng phát ngay.")
@click.pass_obj
@told
def stop(where: Places) -> None:
    """Be silent now."""
    _say(orders.stop(open_home(where), by=who(), now=now()))


@click.command(help="Tắt riêng một cụm loa, dù phát gì, cho đến khi cho phát lại.")
@click.argument("zone")
@click.pass_obj
@told
def mute(where: Places, zone: str) -> None:
    """Keep a zone off."""
    _say(orders.mute(open_home(where), zone, muted=True, by=who(), now=now()))


@click.command(help="Cho một cụm loa đã tắt riêng phát lại.")
@click.argument("zone")
@click.pass_obj
@told
def unmute(where: Places, zone: str) -> None:
    """Let a zone sound again."""
    _say(orders.mute(open_home(where), zone, muted=False, by=who(), now=now()))


@click.command(help="Khởi động lại máy phát để áp dụng cấu hình mới; không làm khi đang phát.")
@click.pass_obj
@told
def restart(where: Places) -> None:
    """Have the player begin anew."""
    _say(orders.restart(open_home(where), by=who(), now=now()))


@click.command(help="Liệt kê các ngõ ra âm thanh mà máy phát dùng được.")
@json_option
@click.pass_obj
@told
def outputs(where: Places, *, as_json: bool) -> None:
    """List what `audio.device` may name on this machine."""
    found = orders.sound_outputs(open_home(where))
    if as_json:
        print_json(found)
        return
    for it in found:
        click.echo("  ".join(filter(None, (it["device"], it["title"], it["missing"]))))


COMMANDS = (play, emergency, live, try_zone, stop, mute, unmute, restart, outputs)


def _segment(home: Home, message: str) -> str:
    """The segment that is meant; a file is taken in first, approved by who orders it. Raises `Refused`."""
    file = Path(message)
    if not file.is_file():
        return message
    taken = add_one(home, file, file.stem, Kind.NOTICE, approve=True)
    if taken.state is State.REFUSED:
        raise Refused(Trouble("", taken.refusal or "", mend="Hoặc dùng --say để máy đọc nội dung."))
    return taken.id


def _first_microphone(home: Home) -> str:
    for name in home.config().config.microphones:
        return name
    mend = "Khai báo micro trong station.toml, mục [microphones]."
    raise Refused(Trouble("", "Đài chưa có micro nào.", mend=mend))


def _say(answer: Answer) -> None:
    click.echo(answer.sentence, err=not answer.done)
    sys.exit(0 if answer.done else 1)
