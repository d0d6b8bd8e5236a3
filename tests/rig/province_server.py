"""A real nginx of our own as the province's server: the signed tree, reports by WebDAV, and every way to fail."""

import json
import os
import subprocess
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from attrs import frozen

from station.stores.certificate import AUTHORITY, CERTIFICATE, KEY, make_certificate
from tests.rig.ports import LOOPBACK, Host, free_port, listens
from tests.rig.sites import NGINX, kept_in, site
from tests.rig.waiting import wait_until

PORTAL = "<!doctype html><title>Wi-Fi</title><p>Xin mời đăng nhập để dùng mạng.</p>"

_TOLD = (
    '{"method":"$request_method","path":"$request_uri","status":$status,"sent":$bytes_sent,"body":$body_bytes_sent,'
    '"received":$request_length,"span":"$http_range","etag":"$http_if_none_match","who":"$remote_user"}'
)
_WHOLE = """\
{user}
pid {own}/nginx.pid;
error_log {own}/error.log;
worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
    log_format told escape=json '{told}';
    access_log {own}/access.log told;
    limit_req_zone $binary_remote_addr zone=few:1m rate=1r/s;
    {places}
    server {{ listen {address}:{marks}; return 204; }}
    {site}
    {beside}
}}
"""


@frozen
class Asked:
    """A request that was answered: `sent` and `received` are bytes in all, `body` what followed the answer's head.

    `span` is the `Range` that was asked for, `etag` the `If-None-Match`, `who` the station that gave its token.
    """

    method: str
    path: str
    status: int
    sent: int
    body: int
    received: int
    span: str
    etag: str
    who: str


class ProvinceServer:
    """nginx with the site that the repository has, while entered, for the province's folder `work`.

    That holds `tree`, `htpasswd` and, of what stations put, `bao-cao`. What nginx needs besides is in `own`, a
    folder that is made. The ports stay the same when it is stopped and started. Another site may stand `beside`.
    """

    def __init__(self, work: Path, own: Path, *, host: Host = LOOPBACK, workers: int = 1, beside: str = "") -> None:
        own.mkdir()
        self.arrived = work / "bao-cao"
        self.arrived.mkdir(parents=True, exist_ok=True)
        make_certificate(own, "Tỉnh thử", (host.address,))
        self.authority = own / AUTHORITY
        self._work, self._own, self._host, self._workers = work, own, host, workers
        self.tls_port, self.plain_port, self._marks = free_port(), free_port(), free_port()
        self._beside, self._behaviour = beside, ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def tree(self) -> str:
        """Where the tree is."""
        return f"https://{self._host.address}:{self.tls_port}/"

    @property
    def plain_tree(self) -> str:
        """Where the tree is without TLS, as it may be: it is its signatures that are believed."""
        return f"http://{self._host.address}:{self.plain_port}/"

    @property
    def reports(self) -> str:
        """Where reports go."""
        return f"{self.tree}bao-cao/"

    @property
    def backups(self) -> str:
        """Where encrypted backups go."""
        return f"{self.tree}sao-luu/"

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert NGINX, "nginx is not installed"
        self._configuration.write_text(self._configured())
        self._process = subprocess.Popen(self._command())
        wait_until(self._is_up, 10)

    def verdict(self) -> str:
        """What nginx says of the site."""
        return subprocess.run(self._command("-t"), capture_output=True, text=True, check=False).stderr

    def stop(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def behave(self) -> None:
        """Serve as it should, from now on."""
        self._behave("")

    def answer_slowly(self, bytes_per_second: int) -> None:
        """Send each answer that slowly."""
        self._behave(f"limit_rate {bytes_per_second};")

    def allow_few(self, at_once: int = 2) -> None:
        """Refuse, with status 429, what exceeds one request a second and so many more at once."""
        self._behave(f"limit_req zone=few burst={at_once} nodelay; limit_req_status 429;")

    def fail(self, status: int = 503) -> None:
        """Answer everything with that status."""
        self._behave(f"return {status};")

    def be_a_portal(self) -> None:
        """Answer everything with status 200 and a page in HTML, as Wi-Fi does that wants people to sign in."""
        self._behave(f"types {{}} default_type text/html; return 200 '{PORTAL}';")

    def log(self) -> list[Asked]:
        """All that was asked so far, in the order in which it was answered."""
        path = self._own / "access.log"
        if self._process is not None and not self._host.inside:
            before = path.read_bytes().count(b"\n")
            urlopen(f"http://{self._host.address}:{self._marks}/mark/{before}", timeout=10).close()
            wait_until(lambda: f'"path":"/mark/{before}"' in path.read_text())
        lines = path.read_text().splitlines() if path.exists() else []
        return [it for it in (Asked(**json.loads(line)) for line in lines) if not it.path.startswith("/mark/")]

    def processes(self) -> list[int]:
        """The ids of its processes, the master's first."""
        assert self._process
        master = int((self._own / "nginx.pid").read_text())
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [master, *(int(it) for it in children.split())]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _behave(self, behaviour: str) -> None:
        self._behaviour = behaviour
        if self._process is not None:
            self.stop()
            self.start()

    @property
    def _configuration(self) -> Path:
        return self._own / "nginx.conf"

    def _command(self, *more: str) -> list[str | Path]:
        options = ("-e", self._own / "error.log", "-c", self._configuration, "-g", "daemon off;")
        return [*self._host.inside, NGINX or "nginx", *options, *more]

    def _configured(self) -> str:
        """All that nginx is told: the site as it is installed, and what it is to do wrong."""
        put_right = {
            "server {\n": f"server {{\n{self._behaviour}\n",
            "listen 80;": f"listen {self._host.address}:{self.plain_port};",
            "listen 443 ssl;": f"listen {self._host.address}:{self.tls_port} ssl;",
            "/etc/letsencrypt/live/loa.example.vn/fullchain.pem": f"{self._own}/{CERTIFICATE}",
            "/etc/letsencrypt/live/loa.example.vn/privkey.pem": f"{self._own}/{KEY}",
            "/srv/loa-xa": f"{self._work}",
        }
        return _WHOLE.format(
            user="user root;" if os.getuid() == 0 else "",  # else it may not read the folders of a test
            own=self._own,
            workers=self._workers,
            told=_TOLD,
            places=kept_in(self._own),
            address=self._host.address,
            marks=self._marks,
            site=site("province-nginx.conf", put_right),
            beside=self._beside,
        )

    def _is_up(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise AssertionError((self._own / "error.log").read_text())
        if not self._host.inside:
            return listens(self.tls_port)
        asked = ("ss", "-Hltn", "sport", "=", f":{self.tls_port}")
        return bool(subprocess.run([*self._host.inside, *asked], check=True, capture_output=True).stdout)
