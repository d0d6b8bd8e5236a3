"""All of it, real: a province's office, its server and broker, and a commune's station that is enrolled there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from attrs import frozen

from station.centre.broker_accounts import PROVINCE
from tests.rig.broker import PASSWORD, Broker
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation

CODE = "24169"
_PROVINCE = """\
name = "Tỉnh Thử"
trees = ["{tree}"]
reports = "{reports}"
[push]
address = "{broker}"
ca = "broker-ca.pem"
[communes.24169]
name = "Xã Hương Sơn"
areas = ["mien-nui"]
"""
FLOOD = (
    *("--sender", "pctt", "--event", "Lũ quét", "--severity", "Extreme", "--lasting", "1h"),
    *("--headline", "Lũ quét đang về theo suối. Bà con lên chỗ cao ngay."),
)


@frozen
class World:
    """The province's folder `work`, its server and broker, and the station, which is not running yet."""

    work: Path
    server: ProvinceServer
    broker: Broker
    station: RunningStation

    def does(self, *arguments: object, given: str = "") -> str:
        """What `station province …` prints."""
        command = [sys.executable, "-m", "station", "province", "--at", self.work, *arguments]
        env = {**os.environ, "STATION_PROVINCE_PASSPHRASE": "mot hai ba bon nam"}
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Run the station, until it listens at the broker."""
        self.station.start()
        wait_until(lambda: (self.station.status()["listening"] or {}).get("connected"), 60, every=0.2)


@contextmanager
def world(folder: Path, config: str = CONFIG, device: str = "none") -> Iterator[World]:
    """A province with a sender for everything, one for silent tests, and one commune, in a folder of its own."""
    work = folder / "province"
    (folder / "content" / "tinh").mkdir(parents=True)
    work.mkdir()
    with (
        ProvinceServer(work, folder / "nginx") as server,
        Broker(work, folder / "mosquitto") as broker,
        RunningStation(folder / "commune", config, device) as station,
        patch.dict(os.environ, REQUESTS_CA_BUNDLE=str(server.authority)),
    ):
        its = World(work, server, broker, station)
        (work / "broker-ca.pem").write_text(broker.authority.read_text())
        addresses = {"tree": server.tree, "reports": server.reports, "broker": broker.address}
        (work / "province.toml").write_text(_PROVINCE.format(**addresses))
        its.does("init")
        (work / "keys" / "broker-password").write_text(PASSWORD)
        broker.add(PROVINCE, PASSWORD)
        its.does("publish", folder / "content")
        its.does("sender", "pctt", "--title", "Ban Chỉ huy PCTT tỉnh", "--level", "Extreme")
        its.does("sender", "thu", "--title", "Thử đường truyền", "--level", "Test")
        enrolled = station.command("enrol", its.does("enrol", CODE).strip())
        assert enrolled.returncode == 0, enrolled.stderr
        broker.reload()
        synced = station.command("sync")
        assert synced.returncode == 0, synced.stderr
        yield its
