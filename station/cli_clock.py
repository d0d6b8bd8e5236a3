"""The commands of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import click

from station.cli_shared import Instant, json_option, print_json, told, wall
from station.desk.clock import look_at_clock, set_clock
from station.rules.clock import told as told_source
from station.rules.hours import iso, local
from station.stores.home import Places, open_home


@click.group(invoke_without_command=True, help="Xem đồng hồ: giờ, ai bảo đảm, lệch bao nhiêu.")
@json_option
@click.pass_context
def clock(context: click.Context, *, as_json: bool) -> None:
    """Show the clock."""
    if context.invoked_subcommand:
        return
    home = open_home(context.obj)
    seen, zone = look_at_clock(home), home.config().config.time_zone
    if as_json:
        source = attrs.asdict(seen.source)
        since, known = (it and iso(it, zone) for it in (seen.source.since, seen.last_known))
        print_json({"now": iso(seen.wall, zone), **source, "since": since, "last_known": known})
        return
    click.echo(f"{local(seen.wall, zone):%H:%M:%S %d/%m/%Y}, {told_source(seen.source, zone)}")
    if seen.discipline.synchronised:
        click.echo(f"Lệch {abs(seen.discipline.off):.1f} ms, sai số nhiều nhất {seen.discipline.error:.0f} ms.")
    if seen.last_known is not None:
        click.echo(f"Lần cuối biết chắc giờ: {local(seen.last_known, zone):%H:%M %d/%m/%Y}")


@clock.command("set", help="Đặt giờ bằng tay, như “2026-11-26 17:00” hoặc “2026-11-26 17:00:30”.")
@click.argument("at", type=Instant())
@click.option("--by", "name", required=True, help="Tên người đặt giờ.")
@click.option("--sure", is_flag=True, help="Đúng là ngày ấy, dù cách xa lần cuối máy biết chắc giờ.")
@click.pass_obj
@told
def set_by_hand(where: Places, at: dt.datetime, name: str, *, sure: bool) -> None:
    """Set it by the hand of a named person."""
    home = open_home(where)
    zone = home.config().config.time_zone
    done = set_clock(home, wall(at, zone), by=name, sure=sure)
    click.echo(f"Đã đặt giờ từ {_said(done.before, zone)} thành {_said(done.at, zone)}.")
    battery = "Pin đồng hồ đã nhận giờ này." if done.kept else "Máy không có pin đồng hồ: mất điện là phải đặt lại."
    click.echo(battery)


def _said(instant: int, zone: ZoneInfo) -> str:
    return f"{local(instant, zone):%H:%M:%S %d/%m/%Y}"


COMMANDS = (clock,)
