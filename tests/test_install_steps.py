"""The steps of the permanent install, each by itself; `python -m tests.install` does all of it in a system."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def step(program: str, *, tree: Path = ROOT, status: int = 0) -> subprocess.CompletedProcess[str]:
    """What lines of shell say that use the functions of `tree`'s install.sh."""
    script = f'source "{tree}/install.sh"; LOG=/dev/null; {program}'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files of a version, copied as an install copies them, into a folder whose name needs quoting."""
    copy = tmp_path / "Loa xã"
    step(f'copy_tree "$CHECKOUT" "{copy}"')
    return copy


def name(tree: Path) -> str:
    return step('name_of_version "$CHECKOUT"', tree=tree).stdout.strip()


def test_a_version_has_all_that_runs_and_nothing_else(tree: Path) -> None:
    assert {it.name for it in tree.iterdir()} == {
        *("CHANGELOG.md", "LICENSE", "README.md", "docs", "install.sh", "pyproject.toml", "requirements.txt"),
        *("schedules", "station", "systemd", "web"),
    }
    assert [it.name for it in (tree / "docs").iterdir()] == ["so-tay"]
    for room in ("station", "web", "systemd"):
        made = shutil.ignore_patterns("__pycache__")
        wanted = {
            Path(at) / it for at, _, files in os.walk(ROOT / room) for it in files if not made(at, [Path(at).name])
        }
        assert {it.relative_to(ROOT) for it in wanted} == {
            it.relative_to(tree) for it in (tree / room).rglob("*") if it.is_file()
        }
    assert os.access(tree / "systemd" / "command", os.X_OK)


def test_a_version_is_called_by_its_files(tree: Path) -> None:
    first = name(tree)
    assert re.fullmatch(r"0\.\d+\.\d+-[0-9a-f]{8}", first)
    (tree / "station" / "__pycache__").mkdir()
    (tree / "station" / "__pycache__" / "cli.pyc").write_bytes(b"made by running it")
    (tree / "notes.txt").write_text("no part of it")
    assert name(tree) == first
    (tree / "web" / "static" / "more.js").write_text("")
    assert name(tree) != first


def test_every_file_that_is_put_into_the_system_is_there() -> None:
    rows = step('printf "%s\n" "${SYSTEM_FILES[@]}"').stdout.splitlines()
    assert len(rows) >= 8
    for source, destination, _ in map(str.split, rows):
        assert (ROOT / "systemd" / source).is_file(), source
        assert destination.startswith("/")


def test_the_units_are_those_of_a_station() -> None:
    units = step('units_of "$CHECKOUT"').stdout.split()
    assert {"station.service", "station-web.service", "station-settle.service", "station-stick@.service"} <= set(
        units
    )
    assert not [it for it in units if "province" in it or "satellite" in it]


def test_a_file_is_put_whole_taken_up_only_when_it_changed_and_taken_away(tmp_path: Path) -> None:
    source, there = tmp_path / "source", tmp_path / "etc" / "deep" / "loa-xa.conf"
    source.write_text("one")
    put = f'put_file "{source}" "{there}"'
    step(put)
    assert there.read_text() == "one"
    step(put, status=1)
    source.write_text("two")
    step(put)
    assert [it.read_text() for it in there.parent.iterdir()] == ["two"]
    source.unlink()
    step(put)
    assert not there.exists()
    step(put, status=1)


@pytest.fixture
def bundle(tree: Path) -> Path:
    """A small bundle for this machine, with one wheel and one package that are none."""
    for folder in ("wheels", "debs"):
        (tree / "bundle" / folder).mkdir(parents=True)
    (tree / "bundle" / "wheels" / "some.whl").write_bytes(b"a wheel")
    package = tree.parent / "package" / "DEBIAN"
    package.mkdir(parents=True)
    control = (
        "Package: loa-xa-test\nVersion: 1.2\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: none\n"
    )
    (package / "control").write_text(control)
    made = tree / "bundle" / "debs" / "loa-xa-test_1.2_all.deb"
    subprocess.run(["dpkg-deb", "--build", package.parent, made], check=True, capture_output=True)
    step(
        'kind_of_machine >"$CHECKOUT/$NOTE"; index_debs "$CHECKOUT/bundle/debs"; seal_bundle "$CHECKOUT"', tree=tree
    )
    return tree


def test_a_bundle_that_is_whole_is_taken(bundle: Path) -> None:
    assert "Kiểm tra gói" in step("check_bundle", tree=bundle).stdout


def test_apt_finds_the_packages_of_a_bundle(bundle: Path, tmp_path: Path) -> None:
    # apt's own folders are this test's, so that it asks nothing of the machine.
    own = f'-o Dir::State="{tmp_path}" -o Dir::Cache="{tmp_path}" -o Dir::State::status=/dev/null'
    asked = f'{own} "${{APT_SOURCE[@]}}"'
    program = f'use_bundle "{tmp_path}/apt"; apt-get {asked} update && apt-cache {asked} policy loa-xa-test'
    assert "Candidate: 1.2" in step(program, tree=bundle).stdout


@pytest.mark.parametrize("file", ["bundle/wheels/some.whl", "bundle/debs/Packages", "station/clock.py"])
def test_a_bundle_that_was_damaged_is_refused(bundle: Path, file: str) -> None:
    with (bundle / file).open("ab") as damaged:
        damaged.write(b" ")
    assert "gói bị hỏng" in step("check_bundle", tree=bundle, status=1).stderr


def test_a_bundle_for_another_machine_is_refused_before_anything_is_read(bundle: Path) -> None:
    kind = bundle / "bundle" / "kind"
    own = kind.read_text().strip()
    kind.write_text(re.sub(r"Python .*", "Python 3.99", own))
    said = step("check_bundle", tree=bundle, status=1).stderr
    assert "Python 3.99" in said
    assert own in said


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "phim.mp4"
    file.write_bytes(b"no tar")
    assert "không phải là gói ngoại tuyến" in step(f'install_from "{file}"', status=1).stderr
    assert "không có tệp" in step(f'install_from "{tmp_path}/none.tar"', status=1).stderr


def test_says_how_it_is_used() -> None:
    told = subprocess.run([ROOT / "install.sh", "--help"], capture_output=True, text=True, check=True).stdout
    for way in ("sudo ./install.sh ", "--offline", "--bundle", "--uninstall", "--try"):
        assert way in told
    assert subprocess.run([ROOT / "install.sh", "--wrong"], capture_output=True, check=False).returncode == 2
