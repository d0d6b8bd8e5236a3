"""The commands about alerts from outside: what came, and what becomes of a proposal."""

import sys
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import click

from station.cli_shared import json_option, now, print_json, told, who
from station.clock import Clock
from station.desk import alerts as desk
from station.desk.alerts import Became, PathState, Shown
from station.rules.alerting.policy import SEVERITIES
from station.rules.hours import iso, local
from station.stores.home import Places, open_home

_BECAME = {
    Became.AIRING: "đang phát",
    Became.AIRED: "đã phát",
    Became.CUT: "bị ngắt",
    Became.FAILED: "lỗi",
    Became.WAITING: "đang chờ",
    Became.CANCELLED: "đã hủy",
    Became.REPLACED: "đã thay",
    Became.DISMISSED: "bỏ qua",
    Became.REFUSED: "từ chối",
    Became.NOTED: "ghi lại",
    Became.EXPIRED: "hết hạn",
}


@click.group("alerts", invoke_without_command=True, help="Xem tin khẩn từ bên ngoài; cho phát hay bỏ qua.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, help="Bao nhiêu tin mới nhất.")
@json_option
@click.pass_context
@told
def alerts(context: click.Context, limit: int, *, as_json: bool) -> None:
    """List what came."""
    if context.invoked_subcommand:
        return
    home, clock = open_home(context.obj), Clock()
    zone = home.config().config.time_zone
    shown, path = desk.alerts(home, now(), limit), desk.path_state(home, clock.now())
    if as_json:
        print_json({"path": _path(path, zone), "alerts": [_alert(it, zone) for it in shown]})
        return
    for line in _lines(shown, path, zone):
        click.echo(line)


@alerts.command(help="Cho phát một tin đang chờ quyết định.")
@click.argument("alert")
@click.pass_obj
@told
def air(where: Places, alert: str) -> None:
    """Let a proposal be aired; answers once it is heard."""
    answer = desk.air(open_home(where), alert, by=who(), now=now())
    click.echo(answer.sentence, err=not answer.done)
    sys.exit(0 if answer.done else 1)


@alerts.command(help="Bỏ qua một tin đang chờ quyết định.")
@click.argument("alert")
@click.pass_obj
@told
def dismiss(where: Places, alert: str) -> None:
    """Let a proposal be."""
    desk.dismiss(open_home(where), alert, by=who(), now=now())
    click.echo(f"Đã bỏ qua tin {alert}.")


COMMANDS = (alerts,)


def _alert(shown: Shown, zone: ZoneInfo) -> dict[str, Any]:
    """An alert: instants in ISO 8601; what was refused unread has no `event`, `headline` and so on."""
    kept, alert = shown.kept, shown.kept.alert
    return {
        "id": kept.id,
        "origin": kept.origin,
        "sender": kept.sender,
        "sender_title": kept.sender_title,
        "way": kept.way,
        "sent": iso(kept.sent, zone),
        "expires": iso(kept.expires, zone),
        "received": iso(kept.received_at, zone),
        "status": alert and alert.status,
        "type": alert and alert.kind,
        "severity": alert and alert.severity,
        "event": alert and alert.event,
        "headline": alert and alert.headline,
        "description": alert and alert.description,
        "instruction": alert and alert.instruction,
        "areas": [it.description for it in alert.areas] if alert else [],
        "has_sound": kept.sound is not None,
        "decision": kept.decision,
        "reason": kept.reason,
        "became": shown.became,
        "ended_by": kept.ended_by,
        "aired_by": kept.aired_by,
        "broadcasts": [it.key for it in shown.records],
    }


def _path(path: PathState, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "tested": None if path.tested_at is None else iso(path.tested_at, zone),
        "trouble": path.trouble and attrs.asdict(path.trouble),
    }


def _lines(shown: tuple[Shown, ...], path: PathState, zone: ZoneInfo) -> Iterator[str]:
    for it in shown:
        alert = it.kept.alert
        what = f"{SEVERITIES[alert.severity]}: {alert.headline or alert.event}" if alert else ""
        came = f"{local(it.kept.received_at, zone):%d/%m %H:%M:%S}"
        told = f"{it.kept.sender_title} {what}".strip()
        yield f"{it.kept.id}  {came}  {_BECAME[it.became]:9}  {told}  {it.kept.reason}"
    if not shown:
        yield "Chưa có tin khẩn nào từ bên ngoài."
    if path.trouble:
        yield str(path.trouble)
