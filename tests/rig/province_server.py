"""A real nginx of our own as the province's server: the signed tree, reports by WebDAV, and every way to fail."""

import hashlib
import json
import os
import pwd
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from attrs import frozen

from tests.rig.authority import make_authority
from tests.rig.ports import LOOPBACK, Host, free_port, listens
from tests.rig.waiting import wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
PORTAL = "<!doctype html><title>Wi-Fi</title><p>Xin mời đăng nhập để dùng mạng.</p>"

_FORMAT = (
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
    types {{ application/json json; text/plain txt; audio/ogg opus; }}
    default_type application/octet-stream;
    sendfile on;
    log_format told escape=json '{told}';
    access_log {own}/access.log told;
    limit_req_zone $binary_remote_addr zone=few:1m rate=1r/s;
    {places}
    server {{ listen {address}:{marks}; return 204; }}
    {site}
}}
"""
_SITE = """\
server {
    listen 80;
    listen 443 ssl;
    ssl_certificate     /etc/loa-xa/server.crt;
    ssl_certificate_key /etc/loa-xa/server.key;
    ssl_session_cache   shared:province:1m;
    gzip on;
    gzip_types application/json;
    gzip_min_length 500;
    location /loa-xa/ { alias /srv/loa-xa/tree/; }
    location ~ ^/bao-cao/(?<code>[a-z0-9-]+)/ {
        auth_basic "bao cao";
        auth_basic_user_file /etc/loa-xa/stations;
        if ($remote_user != $code) { return 403; }
        root /srv/loa-xa/reports;
        rewrite ^/bao-cao/(.*)$ /$1 break;
        client_max_body_size 1m;
        create_full_put_path on;
        dav_methods PUT;
    }
}
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
    """nginx with `tree` at `/loa-xa/`, while entered; its port stays the same when it is stopped and started.

    `stations` are the tokens by the communes' codes; what they put arrives in `arrived`.
    """

    def __init__(
        self,
        folder: Path,
        tree: Path,
        stations: Mapping[str, str] | None = None,
        host: Host = LOOPBACK,
        workers: int = 1,
    ) -> None:
        self._own = folder / "nginx"
        self._own.mkdir()
        self.arrived = folder / "arrived"
        self.arrived.mkdir()
        self.authority = make_authority(self._own, host.address)
        self._tree, self._address, self._inside, self._workers = tree, host.address, host.inside, workers
        self.tls_port, self.plain_port, self._marks = free_port(), free_port(), free_port()
        self._behaviour = ""
        self._process: subprocess.Popen[bytes] | None = None
        self.admit(stations or {})

    @property
    def tree(self) -> str:
        """Where the tree is."""
        return f"https://{self._address}:{self.tls_port}/loa-xa/"

    @property
    def reports(self) -> str:
        """Where reports go."""
        return f"https://{self._address}:{self.tls_port}/bao-cao/"

    @property
    def plain_tree(self) -> str:
        """Where the tree is without TLS, as it may be: it is its signatures that are believed."""
        return f"http://{self._address}:{self.plain_port}/loa-xa/"

    def admit(self, stations: Mapping[str, str]) -> None:
        """Know these stations, and no others, by their tokens."""
        lines = (f"{code}:{{SHA}}{_sha1(token)}\n" for code, token in stations.items())
        (self._own / "stations").write_text("".join(lines))

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert NGINX, "nginx is not installed"
        configuration = self._own / "nginx.conf"
        configuration.write_text(self._configuration())
        command = [*self._inside, NGINX, "-e", self._own / "error.log", "-c", configuration, "-g", "daemon off;"]
        self._process = subprocess.Popen(command)
        wait_until(self._is_up, 10)

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
        if self._process is not None and not self._inside:
            before = path.read_bytes().count(b"\n")
            urlopen(f"http://{self._address}:{self._marks}/mark/{before}", timeout=10).close()
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

    def _configuration(self) -> str:
        site = _SITE
        for installed, here in {
            "server {\n": f"server {{\n{self._behaviour}\n",
            "listen 80;": f"listen {self._address}:{self.plain_port};",
            "listen 443 ssl;": f"listen {self._address}:{self.tls_port} ssl;",
            "/etc/loa-xa/": f"{self._own}/",
            "/srv/loa-xa/tree/": f"{self._tree}/",
            "/srv/loa-xa/reports": f"{self.arrived}",
        }.items():
            assert installed in site
            site = site.replace(installed, here)
        kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return _WHOLE.format(
            user=f"user {pwd.getpwuid(0).pw_name};" if os.getuid() == 0 else "",  # else it may not read our folders
            own=self._own,
            workers=self._workers,
            told=_FORMAT,
            places=" ".join(f"{it}_temp_path {self._own}/{it};" for it in kept),
            address=self._address,
            marks=self._marks,
            site=site,
        )

    def _is_up(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise AssertionError((self._own / "error.log").read_text())
        if not self._inside:
            return listens(self.tls_port)
        asked = ("ss", "-Hltn", "sport", "=", f":{self.tls_port}")
        return bool(subprocess.run([*self._inside, *asked], check=True, capture_output=True).stdout)


def _sha1(token: str) -> str:
    return b64encode(hashlib.sha1(token.encode(), usedforsecurity=False).digest()).decode()
