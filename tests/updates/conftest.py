"""A station of commune 00001 that is enrolled with a province's tree, and the root of its machine."""

from pathlib import Path

import pytest

from station.care.installing import listened_to
from station.desk.updating import Ground, believe
from station.stores.enrolment import load_enrolment
from station.stores.update_notes import News, request_update
from station.updater import answer_request
from tests.province.stations import Station
from tests.rig.tree import Tree


class Machine:
    """What root does on the station's machine; the installers of releases note in `trace` that they ran."""

    def __init__(self, folder: Path, station: Station) -> None:
        self.station, self.trace = station, folder / "trace"
        self.ground = Ground(station.home.places, folder / "root", folder / "etc" / "province-root")

    def believe(self) -> None:
        """A person confirms the province with which the station is enrolled."""
        enrolment = load_enrolment(self.station.province)
        assert enrolment
        believe(self.ground, enrolment)

    def asked(self, sha256: str) -> News:
        """What comes of a request as the page writes it."""
        request_update(self.station.home.places.run, sha256)
        return self.answer()

    def answer(self) -> News:
        return answer_request(self.ground, listened_to, self.station.clock)

    @property
    def installed(self) -> list[str]:
        """The versions whose installer ran, from whole trees in root's own folder and without arguments."""
        lines = self.trace.read_text().splitlines() if self.trace.exists() else []
        assert all(it.startswith(f"{self.ground.work}/tree") for it in lines[1::3])
        assert all(it == "0" for it in lines[2::3])
        return lines[::3]

    @property
    def left(self) -> set[str]:
        """What is left of a release in root's folder."""
        return {it.name for it in self.ground.work.iterdir()} - {"province", "run", ".lock"}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture
def station(tmp_path: Path, tree: Tree) -> Station:
    return Station(tmp_path / "home", tree)


@pytest.fixture
def machine(tmp_path: Path, station: Station, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path, station)
    monkeypatch.setenv("TRACE", str(machine.trace))
    machine.believe()
    return machine
