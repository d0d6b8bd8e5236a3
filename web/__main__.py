"""`python -m web`: the page's own process."""

import ctypes
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import Flask
from waitress import create_server

from station.clock import Clock
from station.desk.people import is_signed_in, new_setup_code, nobody_yet
from station.desk.uploads import take_in_whole
from station.rules.trouble import Trouble
from station.stores.addresses import own_address
from station.stores.home import open_home, places
from web import pulse
from web.app import LARGEST_UPLOAD, create_app
from web.strangers import LARGEST_FORM, channel_for
from web.watching import STREAMS

THREADS = STREAMS + 16  # each stream holds one; the rest answer everything else
_POOLS = 2  # of memory: each thread gets one otherwise, which keeps for itself what one large answer took
_CONNECTIONS = 300  # a browser keeps up to six open, most of them idle


@click.command(help="Trang điều khiển.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", type=click.Path(path_type=Path))
@click.option("--host", default="0.0.0.0", help="Địa chỉ nghe; mặc định là mọi địa chỉ của máy.")  # noqa: S104 - phones reach it over the local network
@click.option("--port", type=click.IntRange(0, 65535), default=8080)
def main(home: Path | None, config: Path | None, host: str, port: int) -> None:
    """Serve the page until ended; the terminal shows the code with which the first person is set up."""
    _share_memory()
    opened, clock = open_home(places(home, config), thorough=True), Clock()
    tempfile.tempdir = str(opened.places.uploads)  # waitress and werkzeug keep there what comes
    take_in_whole(opened, now=clock.now().wall)
    server = _listen(create_app(opened, clock), host, port)
    server.channel_class = channel_for(lambda token: is_signed_in(opened, token, clock.now().wall))
    if nobody_yet(opened):
        click.echo(f"Mã thiết lập: {new_setup_code(opened, now=clock.now().wall)}")
    for address in _addresses(host):
        click.echo(f"Trang điều khiển: http://{address}:{server.effective_port}/")
    pulse.begin(_addresses(host)[0], server.effective_port, clock)
    server.run()


def _share_memory() -> None:
    """Let all threads have few pools of memory between them: a Pi has little (mallopt(3), M_ARENA_MAX)."""
    ctypes.CDLL(None).mallopt(-8, _POOLS)


def _listen(app: Flask, host: str, port: int) -> Any:
    largest = LARGEST_UPLOAD + LARGEST_FORM  # a form beside its file
    try:
        return create_server(
            app,
            host=host,
            port=port,
            ipv6=False,  # one address, one socket: a name that stands for an IPv6 address too would make two
            threads=THREADS,
            connection_limit=_CONNECTIONS,
            asyncore_use_poll=True,
            max_request_body_size=largest,
            trusted_proxy="127.0.0.1",  # nginx, which brings HTTPS, says who asked and how
            trusted_proxy_headers="x-forwarded-for x-forwarded-proto",
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as error:
        mend = "Chọn cổng khác bằng --port, hoặc địa chỉ của chính máy này bằng --host."
        raise SystemExit(str(Trouble(f"{host}:{port}", f"Không mở được ({error}).", mend=mend))) from None


def _addresses(host: str) -> list[str]:
    """Where the page can be reached: this machine, and its address on the local network if it has one."""
    if host != "0.0.0.0":  # noqa: S104 - only compared
        return [host]
    return list(dict.fromkeys(filter(None, ["127.0.0.1", own_address()])))


main()
