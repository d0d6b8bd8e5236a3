"""The province's overview as it is now: a process beside the broker."""

import logging
import threading
from pathlib import Path

import click

from station.cli_province import Office
from station.cli_shared import told
from station.clock import Clock


@click.command(help="Theo dõi các đài trực tiếp: live.json cạnh bảng của tỉnh, và số liệu cho Prometheus.")
@click.option("--port", type=click.IntRange(1, 65535), default=9476, show_default=True, help="Cổng của /metrics.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Nơi có trang của bảng; mặc định là bang/ trong thư mục làm việc của tỉnh.",
)
@click.pass_obj
@told
def live(office: Office, port: int, folder: Path | None) -> None:
    """Follow the stations in the foreground."""
    from station.centre.live import Live  # noqa: PLC0415 - only this command needs the broker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    Live(office.work, folder or office.work / "bang", Clock()).run(port, threading.Event())
