"""What the project promises of itself: pins that fit and name no host, and a player that is light."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN_FILES = {
    "requirements.txt": PROJECT["dependencies"],
    "tests/requirements.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"],
}


def pins(file: str) -> dict[str, set[str]]:
    """The versions that `file` pins of each package; more than one where Python's version decides."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.+!]+)", (ROOT / file).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("file", PIN_FILES)
def test_pins_are_what_the_project_asks_for(file: str) -> None:
    pinned = pins(file)
    for wanted in map(Requirement, PIN_FILES[file]):
        versions = pinned[canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(version) for version in versions), wanted


def test_tests_run_on_what_the_station_runs_on() -> None:
    tested = pins("tests/requirements.txt")
    assert {name: tested[name] for name in pins("requirements.txt")} == pins("requirements.txt")


@pytest.mark.parametrize("file", PIN_FILES)
def test_every_pin_has_hashes(file: str) -> None:
    text = (ROOT / file).read_text()
    entries = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert [it.splitlines()[0] for it in entries if "--hash=sha256:" not in it] == []


@pytest.mark.parametrize("file", PIN_FILES)
def test_pins_name_no_host_and_no_path_of_a_machine(file: str) -> None:
    asked = "\n".join(line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#"))
    assert not re.search(r"://|--(extra-)?index|--find-links|(^|\s)/\w", asked)


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert [name for name in pins("requirements.txt") if name not in explained] == []


def test_a_player_carries_nothing_of_the_province_s_office_nor_of_its_link() -> None:
    program = "import sys, station.cli, station.service; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert not {"tuf", "securesystemslib", "cryptography", "requests", "segno"} & set(loaded.split())
