"""A real mosquitto of our own as the province's broker, by the configuration that the repository has."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from station.centre.broker_accounts import FILE, PROVINCE, hashed, set_account
from station.stores.certificate import AUTHORITY, CERTIFICATE, KEY, make_certificate
from tests.rig.ports import free_port, listens
from tests.rig.waiting import wait_until

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
PASSWORD = "tinh-noi-voi-cac-xa"  # noqa: S105 - of a test's own broker

# What Debian's own /etc/mosquitto/mosquitto.conf says, which must not be said again.
_DEBIANS = """\
user root
persistence true
persistence_location {own}/
include_dir {own}/conf.d
"""
_SHIPPED = Path(__file__).parents[2] / "systemd"


class Broker:
    """mosquitto while entered, for the province's folder `work` that has its accounts; its own files are in `own`.

    The ports stay the same when it is stopped and started. The province's account has the password `PASSWORD`.
    """

    def __init__(self, work: Path, own: Path) -> None:
        own.mkdir()
        make_certificate(own, "Tỉnh thử", ("127.0.0.1",))
        work.mkdir(parents=True, exist_ok=True)
        set_account(work, PROVINCE, PASSWORD)
        self.authority = own / AUTHORITY
        self.port, self.plain_port = free_port(), free_port()
        self._work, self._own = work, own
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it is, by TLS; `authority` vouches for it."""
        return f"mqtts://127.0.0.1:{self.port}"

    @property
    def plain_address(self) -> str:
        """Where it is without TLS."""
        return f"mqtt://127.0.0.1:{self.plain_port}"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process
        return self._process.pid

    def add(self, name: str, password: str) -> None:
        """Add an account, which it knows after `reload` or its next start."""
        set_account(self._work, name, password)

    def add_all(self, passwords: Mapping[str, str]) -> None:
        """Add very many accounts, in one go."""
        with (self._work / FILE).open("a") as file:
            file.writelines(f"{name}:{hashed(password)}\n" for name, password in passwords.items())

    def reload(self) -> None:
        """Have it read its accounts anew."""
        assert self._process
        self._process.send_signal(1)

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert MOSQUITTO, "mosquitto is not installed"
        configuration = self._own / "mosquitto.conf"
        configuration.write_text(_DEBIANS.format(own=self._own))
        (self._own / "conf.d").mkdir(exist_ok=True)
        (self._own / "conf.d" / "loa-xa.conf").write_text(self._configured())
        with (self._own / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", configuration], stdout=log, stderr=log)
        wait_until(lambda: listens(self.port) and listens(self.plain_port), 10)

    def stop(self) -> None:
        """End it as a server's restart does: what is retained is kept."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    @property
    def log(self) -> str:
        """What it said."""
        return (self._own / "mosquitto.log").read_text()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configured(self) -> str:
        written = (_SHIPPED / "province-mosquitto.conf").read_text()
        put_right = {
            "listener 8883\n": f"listener {self.port} 127.0.0.1\n",
            "/etc/mosquitto/certs/fullchain.pem": f"{self._own / CERTIFICATE}",
            "/etc/mosquitto/certs/privkey.pem": f"{self._own / KEY}",
            "/srv/loa-xa/broker-passwd": f"{self._work / FILE}",
            "/etc/mosquitto/loa-xa.acl": f"{_SHIPPED / 'province-mosquitto.acl'}",
        }
        for installed, here in put_right.items():
            assert installed in written
            written = written.replace(installed, here)
        return f"{written}\nlistener {self.plain_port} 127.0.0.1\n"
