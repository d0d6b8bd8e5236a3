"""The commands of feeds: which are watched and how they stand, and what one of them would bring."""

from typing import Any
from zoneinfo import ZoneInfo

import attrs
import click

from station.cli_shared import json_option, print_json, told
from station.desk import feeds as desk
from station.rules.alerting.alert import Alert
from station.rules.alerting.policy import SEVERITIES
from station.rules.hours import iso, local
from station.rules.title import one_line
from station.stores.home import Places, open_home


@click.group(help="Các nguồn tin cảnh báo mà đài theo dõi.", invoke_without_command=True)
@json_option
@click.pass_context
@told
def feeds(context: click.Context, *, as_json: bool) -> None:
    """List the feeds and how they stand."""
    if context.invoked_subcommand is not None:
        return
    home = open_home(context.obj)
    listed, zone = desk.feeds(home), home.config().config.time_zone
    if as_json:
        print_json([_json(it, zone) for it in listed])
        return
    for it in listed:
        click.echo(_line(it, zone))


@feeds.command("try", help="Đọc thử một nguồn tin, xem đài sẽ làm gì; không phát và không ghi gì.")
@click.argument("name")
@json_option
@click.pass_obj
@told
def try_feed(where: Places, name: str, *, as_json: bool) -> None:
    """Read a feed once, and say what would be done with what it has."""
    home = open_home(where)
    trial, zone = desk.try_feed(home, name), home.config().config.time_zone
    if as_json:
        print_json(
            {
                "entries": trial.entries,
                "alerts": [_alert_json(it, zone) for it in trial.alerts],
                "unreadable": [attrs.asdict(it) for it in trial.unreadable],
            }
        )
        return
    click.echo(f"Nguồn tin có {trial.entries} mục; đọc được {len(trial.alerts)} bản tin.")
    for it in trial.alerts:
        click.echo(f"{local(it.alert.sent, zone):%d/%m %H:%M}  {_subject(it.alert)}: {it.why}")
    for trouble in trial.unreadable:
        click.echo(str(trouble), err=True)


def _line(listed: desk.Listed, zone: ZoneInfo) -> str:
    state = listed.state
    if state is None:
        stands = "chưa đọc lần nào"
    elif state.trouble:
        stands = f"CÓ LỖI: {state.trouble.what}"
    elif state.read_at is None:
        stands = "chưa đọc được, đài đang thử lại"
    else:
        stands = f"đọc lúc {local(state.read_at, zone):%H:%M %d/%m}, có {state.alerts_seen} mục"
    return f"{listed.name}  {listed.feed.title}: {stands}  ({listed.feed.address})"


def _json(listed: desk.Listed, zone: ZoneInfo) -> dict[str, Any]:
    state = listed.state
    return {
        "name": listed.name,
        "title": listed.feed.title,
        "address": listed.feed.address,
        "read_at": iso(state.read_at, zone) if state and state.read_at is not None else None,
        "entries": state.alerts_seen if state else 0,
        "trouble": attrs.asdict(state.trouble) if state and state.trouble else None,
    }


def _alert_json(weighed: desk.Weighed, zone: ZoneInfo) -> dict[str, Any]:
    alert = weighed.alert
    return {
        "id": alert.id,
        "sent": iso(alert.sent, zone),
        "severity": alert.severity,
        "headline": alert.headline,
        "areas": [it.description for it in alert.areas],
        "decision": weighed.decision,
        "why": weighed.why,
    }


def _subject(alert: Alert) -> str:
    areas = ", ".join(it.description for it in alert.areas)
    told = f"{alert.headline or alert.event or alert.identifier} ({SEVERITIES[alert.severity]}; {areas})"
    return one_line(told)


COMMANDS = (feeds,)
