"""A station that is enrolled with a tree, and a province's office with who looks at what it publishes."""

from pathlib import Path

import pytest

from tests.province.office import Client, Office
from tests.province.stations import Station
from tests.rig.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture
def station(tmp_path: Path, tree: Tree) -> Station:
    return Station(tmp_path / "home", tree)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung")
    office.prepare()
    return office


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Client:
    return Client(tmp_path / "client", office)
