"""The province's server in tests: Debian's nginx with the site that the repository has, on free ports."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen

from station.stores.certificate import AUTHORITY, make_certificate
from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until

SITE = Path(__file__).parents[2] / "systemd" / "province-nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")


@frozen
class Server:
    """Its addresses, and the certificate of who vouches for the second one."""

    http: str
    https: str
    authority: Path


@contextmanager
def serving(work: Path, folder: Path) -> Iterator[Server]:
    """Serve the province's folder `work`; what nginx needs besides is kept in `folder`."""
    if not NGINX:
        pytest.skip("nginx is not installed")
    make_certificate(folder, "Tỉnh thử", ("127.0.0.1",))
    (work / "bao-cao").mkdir(exist_ok=True)
    plain, tls = free_port(), free_port()
    (folder / "nginx.conf").write_text(configuration(work, folder, plain, tls))
    server = subprocess.Popen(command(folder))
    try:
        wait_until(lambda: listens(plain))
        yield Server(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", folder / AUTHORITY)
    finally:
        server.terminate()
        server.wait(10)


def command(folder: Path, *more: str) -> list[str]:
    """How nginx is started with the configuration in `folder`."""
    options = ["-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    return [NGINX or "nginx", *options, *more]


def configuration(work: Path, folder: Path, plain: int, tls: int) -> str:
    """The site as it is installed, with the places that are put right on a server put right for a test."""
    site = re.sub(r"listen \[::\].*", "", SITE.read_text())
    for installed, here in {
        "/srv/loa-xa": str(work),
        "/etc/letsencrypt/live/loa.example.vn/fullchain.pem": f"{folder}/station.crt",
        "/etc/letsencrypt/live/loa.example.vn/privkey.pem": f"{folder}/station.key",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443": f"listen 127.0.0.1:{tls}",
    }.items():
        assert installed in site
        site = site.replace(installed, here)
    kept = "".join(f"{it}_temp_path {folder}/{it};" for it in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Where tests run as root, what a station puts is root's like everything else.
    user = "user root;" if Path(folder).owner() == "root" else ""
    return f"{user} pid {folder}/pid; events {{}} http {{ access_log off; {kept} {site} }}"
