"""A release on its whole way: published by the province's command, brought by synchronising, installed by root."""

from pathlib import Path

import pytest
from attrs import frozen

from station.clock import Clock
from station.province.sync import synchronise
from station.rules.enrolment import from_line
from station.stores.enrolment import keep_enrolment
from station.stores.home import Home, open_home
from station.stores.places import places
from station.stores.update_notes import Stage
from tests.centre.office import Office
from tests.province.stations import Folder
from tests.rig.waiting import wall_ms
from tests.updates.conftest import Machine
from tests.updates.releases import NEW, packed, release, sha256


@frozen
class Enrolled:
    """A commune's station."""

    home: Home
    clock: Clock

    @property
    def province(self) -> Path:
        return self.home.places.province


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung", round(wall_ms()) - 60_000)
    office.prepare()
    return office


def put(office: Office, group: str, name: str, content: bytes) -> None:
    folder = office.content / group / "ban-cap-nhat"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def enrolled(office: Office, folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine of a commune that took the office's line, and was told to believe it."""
    line = next(it for it in office.does("enrol", code).stdout.split() if it.startswith("loaxa1:"))
    station = Enrolled(open_home(places(folder / "home")), Clock(always_trusted=True))
    keep_enrolment(station.province, from_line(line), office.tree.root_content())
    machine = Machine(folder, station)
    monkeypatch.setenv("TRACE", str(machine.trace))
    machine.believe()
    assert synchronise(station.home, station.clock, sources=[Folder(office.tree.folder)]).trouble is None
    return machine


def test_one_commune_first_and_then_everyone(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    content = release(ballast=2)
    put(office, "xa-24169", f"loa-xa-{NEW}.tar", content)
    (told,) = office.publish()["new"]
    assert (told["path"], told["title"], told["sha256"]) == (
        "xa-24169/loa-xa.tar",
        f"Loa xã {NEW}",
        sha256(content),
    )
    first = enrolled(office, tmp_path / "first", "24169", monkeypatch)
    assert first.asked(sha256(content)).stage is Stage.UPDATED
    assert first.installed == [NEW]
    other = enrolled(office, tmp_path / "other", "24172", monkeypatch)
    assert other.asked(sha256(content)).stage is Stage.REFUSED
    (office.content / "xa-24169" / "ban-cap-nhat").rename(office.content / "xa-24169" / "khac")
    (office.content / "tinh").mkdir()
    (office.content / "xa-24169" / "khac").rename(office.content / "tinh" / "ban-cap-nhat")
    told = office.publish()
    assert ([it["path"] for it in told["new"]], told["gone"]) == (["tinh/loa-xa.tar"], ["xa-24169/loa-xa.tar"])
    synchronise(other.station.home, other.station.clock, sources=[Folder(office.tree.folder)])
    assert other.asked(sha256(content)).stage is Stage.UPDATED
    assert other.installed == [NEW]


def test_what_is_no_release_or_one_too_many_is_refused_and_nothing_is_published(office: Office):
    put(office, "tinh", "a.tar", release("1.0.0"))
    before = office.files()
    put(office, "tinh", "b.tar", release("1.1.0"))
    put(office, "xa-24169", "c.tar", packed({"a": b"b"}))
    put(office, "xa-24172", "c.tar", b"no archive")
    told = office.refuses("publish", str(office.content))
    assert "tinh/ban-cap-nhat/a.tar, tinh/ban-cap-nhat/b.tar: Hai tệp cùng tên “loa-xa”." in told
    assert "xa-24169/ban-cap-nhat/c.tar: Tệp này không phải là một bản Loa xã." in told
    assert "xa-24172/ban-cap-nhat/c.tar: Tệp này không phải là một bản Loa xã." in told
    assert office.files() == before
