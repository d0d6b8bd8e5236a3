"""What the project promises of itself: pins that fit and name no host, units that systemd accepts."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from station.notify import FEED_EVERY

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN_FILES = {
    "requirements.txt": PROJECT["dependencies"],
    "tests/requirements.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"],
}
UNITS = sorted((ROOT / "systemd").glob("*.service"))


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


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    # The program is not at its installed place in a checkout; everything else is taken as it stands.
    runnable = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(runnable)
    verdict = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (verdict.returncode, verdict.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_setting_of_a_unit_says_why(unit: Path) -> None:
    """No setting begins a paragraph: a comment does, and speaks for what follows it."""
    paragraphs = unit.read_text().strip().split("\n\n")
    begins = [next(line for line in it.splitlines() if not line.startswith("[")) for it in paragraphs]
    assert [line for line in begins if not line.startswith(("#", "Description="))] == []


def test_the_player_never_gives_up_and_switches_off_when_it_ends() -> None:
    unit = (ROOT / "systemd" / "station.service").read_text()
    for line in ("StartLimitIntervalSec=0", "Restart=always", "Type=notify"):
        assert line in unit.splitlines()
    assert re.search(r"^ExecStopPost=\S+/python -m station.air.off$", unit, re.MULTILINE)
    (watchdog,) = re.findall(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert int(watchdog) * 1000 >= 4 * FEED_EVERY, "a turn of the loop may take a while"


def test_a_player_carries_nothing_of_the_province_s_office_nor_of_its_link() -> None:
    program = "import sys, station.cli, station.service; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert not {"tuf", "securesystemslib", "cryptography", "requests", "segno"} & set(loaded.split())
