"""The commands of a satellite, a Pi beside loudspeakers far from the station, and of pairing the two."""

import logging
import sys

import click

from station.cli_shared import now, told, who
from station.clock import Clock
from station.desk.satellites import pair as share
from station.stores.home import Places, open_home
from station.stores.satellites import PORT, own_secret


@click.group(help="Máy vệ tinh: Pi ở cụm loa xa, bật tắt tăng âm theo lời đài.")
def satellite() -> None:
    """Hold the commands together."""


@satellite.command(help="Chạy máy vệ tinh.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.pass_obj
@told
def run(where: Places, port: int) -> None:
    """Be a satellite, in the foreground."""
    from station.air import satellite as agent  # noqa: PLC0415 - GPIO is the satellite's alone

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    agent.run(where, port, Clock())


@satellite.command(help="In khóa của máy vệ tinh này, để ghép nó với đài.")
@click.pass_obj
def secret(where: Places) -> None:
    """Print the secret of this satellite."""
    click.echo(own_secret(where.home).hex())


@satellite.command(help="Trên máy của đài: ghép với máy vệ tinh PI; khóa của nó được hỏi, để không lưu lại đâu.")
@click.argument("pi")
@click.pass_obj
@told
def pair(where: Places, pi: str) -> None:
    """Pair the station with a satellite."""
    written = click.prompt("Khóa", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    share(open_home(where), pi, written, by=who(), now=now())
    click.echo(f"Đã ghép với máy “{pi}”.")
