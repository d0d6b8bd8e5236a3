"""From the province's folder to the air of a commune, and back to the province's board, by the real parts."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from station.cli import main
from tests.rig.link import Link
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until, wall_ms
from tests.running import HANOI, RunningStation, speech

PROVINCE = """\
name = "Tỉnh Thử"
trees = ["{tree}"]
reports = "{reports}"
[communes.24169]
name = "Xã Hương Sơn"
"""
SCHEDULE = """\
title = "Thời sự tối"
late = "start within 20m"
[[air]]
days = "daily"
at = "{now:%H:%M}"
[[rundown]]
play = "thoi-su"
"""


class Office:
    """The province's people at their computer, whose server is reached by a `link`."""

    def __init__(self, folder: Path) -> None:
        self.work, self.content = folder / "province", folder / "content"

    def does(self, *arguments: object) -> str:
        """Run `station province …`."""
        done = run("province", "--at", self.work, *arguments)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout


def run(*arguments: object) -> Result:
    """The command line in this process: a dozen starts of Python would take longer than all else."""
    env = {"STATION_PROVINCE_PASSPHRASE": "mot hai ba bon nam"}
    return CliRunner().invoke(main, [str(it) for it in arguments], env=env)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province with a recording and a schedule, and no addresses yet."""
    folder = tmp_path_factory.mktemp("tinh")
    office, now = Office(folder), dt.datetime.fromtimestamp(wall_ms() / 1e3, HANOI)
    (office.content / "tinh" / "lich").mkdir(parents=True)
    spoken = speech(folder / "Thời sự.mp3", "Đây là tin của tỉnh. Kính mời bà con theo dõi.")
    spoken.rename(office.content / "tinh" / spoken.name)
    (office.content / "tinh" / "lich" / "toi.toml").write_text(SCHEDULE.format(now=now))
    office.work.mkdir()
    (office.work / "province.toml").write_text(PROVINCE.format(tree="https://127.0.0.1/", reports=""))
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
        done = run("--home", self.station.home, "sync")
        return done.exit_code, done.stderr


@pytest.fixture
def world(tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    office = Office(tmp_path)
    with ProvinceServer(office.work, tmp_path / "nginx") as server, Link(server.tls_port) as link:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        addresses = {"tree": link.through(server.tree), "reports": link.through(server.reports)}
        (office.work / "province.toml").write_text(PROVINCE.format(**addresses))
        with RunningStation(tmp_path / "commune", device="none") as station:
            enrolled = run("--home", station.home, "enrol", office.does("enrol", "24169").strip())
            assert enrolled.exit_code == 0, enrolled.output
            yield World(office, server, link, station)


def test_a_bulletin_goes_on_air_and_the_province_hears_of_it(world: World, tmp_path: Path) -> None:
    station = world.station.start()
    synced = station.command("sync")
    assert (synced.returncode, synced.stderr) == (0, "")
    wait_until(lambda: segment(station)["state"] == "approved", 30, every=0.5)
    (broadcast, *_) = station.json("timetable", "--days", "2")
    assert (segment(station)["title"], segment(station)["origin"]) == ("Thời sự", "province")
    assert (broadcast["title"], broadcast["origin"]) == ("Thời sự tối", "province")

    station.aired("province/toi")
    assert world.synced() == (0, "")

    (report,) = world.server.arrived.rglob("*.json")
    (record,) = json.loads(report.read_text())["records"]
    assert report.parent.name == "24169"
    assert (record["title"], record["origin"], record["result"]) == ("Thời sự tối", "province", "aired")
    board = tmp_path / "board.html"
    (row,) = json.loads(world.office.does("board", world.server.arrived, board, "--json"))["rows"]
    assert (row["code"], row["name"], row["today"]["aired"]) == ("24169", "Xã Hương Sơn", 1)
    assert "Xã Hương Sơn" in board.read_text()


def test_over_a_bad_link_all_comes_and_nothing_wrong(world: World) -> None:
    world.server.be_a_portal()
    status, told = world.synced()
    assert (status, segments(world.station)) == (1, [])
    assert "đăng nhập" in told

    world.server.behave()
    world.link.cut_each, world.link.spoiled = 12_000, set(range(0, 1_000_000, 15_000))
    while world.synced()[0]:
        assert world.link.connections < 60
    (sound,) = (world.office.work / "tree" / "targets" / "tinh").glob("*.opus")
    kept = world.station.home / "library" / "originals" / sha256(sound.read_bytes()).hexdigest()
    assert kept.read_bytes() == sound.read_bytes()
    assert [it for it in world.server.log() if it.status == 206], "it was cut off and went on"


def test_a_key_that_was_lost_is_believed_no_more(world: World, tmp_path: Path) -> None:
    assert world.synced() == (0, "")
    tree, lost = world.office.work / "tree", tmp_path / "lost"
    shutil.copytree(tree, lost)
    world.office.does("revoke", "timestamp")
    assert world.synced() == (0, "")

    shutil.copy(lost / "metadata" / "timestamp.json", tree / "metadata")
    status, told = world.synced()
    assert (status, segment(world.station)["title"]) == (1, "Thời sự")
    assert "không phải của tỉnh" in told


def segment(station: RunningStation) -> Any:
    """The one that it has."""
    (found,) = segments(station)
    return found


def segments(station: RunningStation) -> list[Any]:
    return list(json.loads(run("--home", station.home, "segments", "--json").stdout))
