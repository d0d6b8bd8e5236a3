"""Who brings a tree of files over a link: the station, rsync and rclone, each used as a careful person would.

All three fetch the same files. The station's are signed and come by HTTPS; rclone gets them by HTTPS too, from a
listing in the same nginx; rsync from its own daemon, without TLS, of which it has none.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from station.stores.enrolment import keep_enrolment
from station.stores.places import places
from tests.bench.depot import Depot
from tests.bench.measured import Begun
from tests.rig.ports import LOOPBACK, Host, free_port
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until

_LISTING = """\
server {{
    listen {address}:{port} ssl;
    ssl_certificate {own}/station.crt;
    ssl_certificate_key {own}/station.key;
    root {root};
    gzip on;
    autoindex on;
}}
"""
_RSYNCD = """\
pid file = {own}/rsyncd.pid
log file = {own}/rsyncd.log
use chroot = no
[tree]
path = {root}
"""


class Courier:
    """Its server listens at `port`; `command` brings into `place` what is there and not yet here.

    That ends with status 0 once all is here, and may be begun again where it could not.
    """

    name: str

    def __init__(self, port: int) -> None:
        self.port = port

    def command(self, place: Path, address: str, port: int) -> list[object]:
        raise NotImplementedError


class Station(Courier):
    """`station sync` of a station that is enrolled and whose player does not run."""

    name = "Loa xã"

    def __init__(self, port: int, depot: Depot) -> None:
        super().__init__(port)
        self._depot = depot

    def command(self, place: Path, address: str, port: int) -> list[object]:
        enrolment = self._depot.enrolment(f"https://{address}:{port}/")
        keep_enrolment(places(place).province, enrolment, self._depot.root)
        return [sys.executable, "-m", "station", "--home", place, "sync"]


class Rsync(Courier):
    """What was cut off is kept aside, and is what the next time begins with."""

    name = "rsync"

    def command(self, place: Path, address: str, port: int) -> list[object]:
        kept = ("--partial-dir=.partial", "--timeout=60", "--contimeout=30")
        return ["rsync", "--recursive", "--times", "--delete", *kept, f"rsync://{address}:{port}/tree/", place]


class Rclone(Courier):
    """It reads a listing and asks for each file's size; names hold the hash of what is in them."""

    name = "rclone"
    _believed = ("--size-only",)

    def __init__(self, port: int, authority: Path) -> None:
        super().__init__(port)
        self._authority = authority

    def command(self, place: Path, address: str, port: int) -> list[object]:
        there = (f"--http-url=https://{address}:{port}/", f"--ca-cert={self._authority}")
        return ["rclone", "sync", "--config=", "--transfers=1", *self._believed, *there, ":http:", place]


class CarelessRclone(Rclone):
    """It believes that what is called the same is the same, and so takes what was left of a file for all of it."""

    name = "rclone by names"
    _believed = ("--http-no-head", "--ignore-existing")


@frozen
class Province:
    """What is published, the nginx that serves it, and who brings it."""

    depot: Depot
    server: ProvinceServer
    couriers: tuple[Courier, ...]
    folder: Path
    _host: Host = field(default=LOOPBACK)

    def begin(self, courier: Courier, place: Path, port: int = 0, station: Host = LOOPBACK) -> Begun:
        """Have it bring what is new into `place`, by a link that is at `port`."""
        place.mkdir(parents=True, exist_ok=True)
        command = courier.command(place, self._host.address, port or courier.port)
        trusted = {"REQUESTS_CA_BUNDLE": str(self.server.authority)}
        return Begun.begin([*station.inside, *command], trusted, self.folder / f"{courier.name}.log")


@contextmanager
def province(
    folder: Path, contents: dict[str, bytes], host: Host = LOOPBACK, workers: int = 1
) -> Iterator[Province]:
    """A province that has published these files."""
    folder.mkdir(parents=True)
    depot = Depot(folder, {it.partition("/")[0] for it in contents})
    depot.publish(contents)
    own, listed = folder / "nginx", free_port()
    site = _LISTING.format(address=host.address, port=listed, own=own, root=depot.signed)
    with (
        _daemon(depot.plain, folder / "rsyncd", host) as copied,
        ProvinceServer(depot.work, own, host=host, workers=workers, beside=site) as server,
    ):
        peers = (Rsync(copied), Rclone(listed, server.authority), CarelessRclone(listed, server.authority))
        couriers = (Station(server.tls_port, depot), *peers)
        yield Province(depot, server, couriers, folder, host)


@contextmanager
def _daemon(files: Path, own: Path, host: Host) -> Iterator[int]:
    own.mkdir()
    (own / "rsyncd.conf").write_text(_RSYNCD.format(own=own, root=files))
    port = free_port()
    served = ["rsync", "--daemon", "--no-detach", f"--config={own}/rsyncd.conf", f"--address={host.address}"]
    daemon = subprocess.Popen([*host.inside, *served, f"--port={port}"])
    try:
        wait_until((own / "rsyncd.pid").exists)
        yield port
    finally:
        daemon.terminate()
        daemon.wait(10)
