"""A station that is enrolled with a province's tree."""

from pathlib import Path

import pytest

from tests.province.stations import Station
from tests.rig.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture
def station(tmp_path: Path, tree: Tree) -> Station:
    return Station(tmp_path / "home", tree)
