"""What the commands share: who asks and when, how a refusal is told, and how JSON is printed."""

import datetime as dt
import getpass
import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import click

from station.clock import Clock
from station.rules.trouble import Refused
from station.stores.written import Unreadable, read_duration

P = ParamSpec("P")
R = TypeVar("R")


class Instant(click.ParamType[dt.datetime]):
    """An ISO 8601 date or instant; without an offset it is in the station's own time."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Read it, or fail as wrong usage."""
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” không phải là ngày giờ; viết như 2026-11-23 hoặc 2026-11-23T05:00.", param, ctx)


class Duration(click.ParamType[int]):
    """A time from the beginning, or a length: `3s`, `1m20s`; in ms."""

    name = "THỜI GIAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or fail as wrong usage."""
        try:
            return read_duration(value)
        except Refused as refusal:
            self.fail(str(refusal.trouble), param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="In một giá trị JSON.")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose refusals are sentences."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refused as refusal:
            click.echo(str(refusal.trouble), err=True)
        except Unreadable as error:
            for trouble in error.troubles:
                click.echo(str(trouble), err=True)
        sys.exit(1)

    return run


def draw_code(text: str) -> None:
    """Draw the QR code of a text on the terminal, without more correction than a clean and narrow place needs."""
    import segno  # noqa: PLC0415 - the player loads all commands, and draws nothing

    segno.make(text, error="l", boost_error=False).terminal(compact=True, border=2)


def now() -> int:
    """The wall ms at which a command is given."""
    return Clock().now().wall


def who() -> str:
    """Who gives a command."""
    return f"dòng lệnh ({getpass.getuser()})"


def wall(written: dt.datetime, zone: ZoneInfo) -> int:
    """The wall ms of an instant as a person wrote it."""
    placed = written if written.tzinfo else written.replace(tzinfo=zone)
    return round(placed.timestamp() * 1000)


def words(listed: str) -> tuple[str, ...]:
    """What a person wrote with commas between."""
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def print_json(value: Any) -> None:
    """Print the one JSON value of a command."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
