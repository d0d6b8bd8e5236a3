"""From the province's folder to the air of a commune, and back to the province's board: every part is the real one."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from tests.rig.link import Link
from tests.rig.province_server import ProvinceServer
from tests.running import RunningStation, speech

PROVINCE = """\
name = "Tỉnh Thử"
trees = ["{tree}"]
reports = "{reports}"
[communes.24169]
name = "Xã Hương Sơn"
"""
SCHEDULE = """\
title = "Thời sự tối"
[[air]]
days = "daily"
at = "18:00"
[[rundown]]
play = "thoi-su"
"""


class Office:
    """The province's people at their computer, whose server is reached by a `link`."""

    def __init__(self, folder: Path) -> None:
        self.work, self.content = folder / "province", folder / "content"

    def does(self, *arguments: object) -> str:
        """Run `station province …`."""
        done = subprocess.run(
            [sys.executable, "-m", "station", "province", "--at", self.work, *map(str, arguments)],
            env={**os.environ, "STATION_PROVINCE_PASSPHRASE": "mot hai ba bon nam"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province with a recording and a schedule, and no addresses yet."""
    folder = tmp_path_factory.mktemp("tinh")
    office = Office(folder)
    (office.content / "tinh" / "lich").mkdir(parents=True)
    speech(office.content / "tinh" / "Thời sự.mp3", "Đây là tin của tỉnh. Kính mời bà con theo dõi.")
    (office.content / "tinh" / "lich" / "toi.toml").write_text(SCHEDULE)
    office.does("init")
    office.does("publish", office.content)
    return folder


@frozen
class World:
    """The province's office and server, a link to it, and a commune's station that is enrolled by that link."""

    office: Office
    server: ProvinceServer
    link: Link
    station: RunningStation

    def synced(self) -> tuple[int, str]:
        """The status of `station sync`, and what it complains of."""
        done = self.station.command("sync")
        return done.returncode, done.stderr


@pytest.fixture
def world(tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    office = Office(tmp_path)
    with ProvinceServer(office.work, tmp_path / "nginx") as server, Link(server.tls_port) as link:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        addresses = {"tree": link.through(server.tree), "reports": link.through(server.reports)}
        (office.work / "province.toml").write_text(PROVINCE.format(**addresses))
        with RunningStation(tmp_path / "commune", device="none") as station:
            enrolled = station.command("enrol", office.does("enrol", "24169").strip())
            assert enrolled.returncode == 0, enrolled.stderr
            yield World(office, server, link, station)


def test_a_bulletin_goes_on_air_and_the_province_hears_of_it(world: World, tmp_path: Path) -> None:
    assert world.synced() == (0, "")
    (segment,) = world.station.json("segments")
    (broadcast, *_) = world.station.json("timetable")
    assert (segment["title"], segment["state"], segment["origin"]) == ("Thời sự", "approved", "province")
    assert (broadcast["title"], broadcast["origin"], broadcast["state"]) == ("Thời sự tối", "province", "planned")

    world.station.start()
    assert world.station.command("play", "province/toi").returncode == 0
    world.station.aired("province/toi")
    assert world.synced() == (0, "")

    (report,) = world.server.arrived.rglob("*.json")
    assert "24169" in report.parts
    (record,) = json.loads(report.read_text())["records"]
    assert (record["title"], record["origin"], record["result"]) == ("Thời sự tối", "province", "aired")
    world.office.does("board", "--to", tmp_path / "board.html")
    board = (tmp_path / "board.html").read_text()
    assert "Xã Hương Sơn" in board
    assert "Thời sự tối" in board


def test_over_a_bad_link_all_comes_and_nothing_wrong(world: World) -> None:
    world.server.be_a_portal()
    status, told = world.synced()
    assert status == 1
    assert "đăng nhập" in told
    assert world.station.json("segments") == []

    world.server.behave()
    world.link.cut_each = 12_000
    while world.synced()[0]:
        assert world.link.connections < 60
    world.link.cut_each = 0
    (segment,) = world.station.json("segments")
    assert segment["state"] == "approved"
    sounds = [it for it in world.server.log() if it.path.endswith(".opus")]
    (sound,) = (world.office.work / "tree" / "targets" / "tinh").glob("*.opus")
    assert sum(it.body for it in sounds) < 2 * sound.stat().st_size
    assert len(sounds) > 1, "it was cut off and went on"


def test_a_key_that_was_lost_is_believed_no_more(world: World, tmp_path: Path) -> None:
    assert world.synced() == (0, "")
    tree, stolen = world.office.work / "tree", tmp_path / "stolen"
    shutil.copytree(tree, stolen)
    for key in ("targets", "timestamp"):
        world.office.does("revoke", key)
    assert world.synced() == (0, "")

    shutil.rmtree(tree / "metadata")
    shutil.copytree(stolen / "metadata", tree / "metadata")
    status, told = world.synced()
    assert status == 1
    assert re.search("cũ hơn", told)
    (segment,) = world.station.json("segments")
    assert segment["state"] == "approved"
