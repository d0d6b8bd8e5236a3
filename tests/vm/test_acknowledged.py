"""A station's folder against what it told: whole, and spoilt in each way that counts."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from station.desk.segments import add_segment
from station.rules.rundown import Kind
from station.stores.home import open_home
from station.stores.places import Places
from tests.vm.acknowledged import Ledger, Told, complaints
from tests.vm.image import HERE

_PERSON = "Nguyễn Thị Lan"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A station with one segment."""
    folder = tmp_path / "home"
    shutil.copytree(HERE / "home", folder)
    places = Places(
        home=folder, config=folder / "station.toml", schedules=folder / "schedules", run=tmp_path / "run"
    )
    station = open_home(places)
    add_segment(station, BytesIO(b"sound"), title="Tin 1", kind=Kind.NEWS, by=_PERSON, now=1)
    station.engine.dispose()
    return folder


def _original(home: Path) -> Path:
    (file,) = (home / "library/originals").iterdir()
    return file


def _truncate(home: Path) -> None:
    _original(home).write_bytes(b"")


def _remove(home: Path) -> None:
    _original(home).unlink()


def _break_database(home: Path) -> None:
    with (home / "station.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


def _break_config(home: Path) -> None:
    (home / "station.toml").write_text('name = "Đài th')


@pytest.mark.parametrize("spoil", [_truncate, _remove, _break_database, _break_config])
def test_what_is_spoilt_is_told(home: Path, spoil: Callable[[Path], None]):
    assert complaints(home, []) == []
    spoil(home)
    assert complaints(home, [])


def test_what_was_told_must_be_there(home: Path):
    sha256 = _original(home).name
    assert complaints(home, [Told("upload", sha256[:12], sha256, 0)]) == []
    assert complaints(home, [Told("upload", "123456789012", "", 0), Told("record", "tin:1", "aired", 0)]) == [
        "upload 123456789012 was told () and is not there",
        "record tin:1 was told (aired) and is not there",
    ]


def test_an_edit_is_as_new_as_was_told(home: Path):
    config = home / "station.toml"
    config.write_text(config.read_text().replace("Đài thử", "Đài thử 7"))
    assert complaints(home, [Told("edit", "station.toml", "7", 0)]) == []
    assert complaints(home, [Told("edit", "station.toml", "8", 0)]) == [
        "station.toml was told to be number 8 and is 7"
    ]


def test_a_ledger_keeps_when_a_thing_was_told_first(tmp_path: Path):
    ledger = Ledger(tmp_path / "told.jsonl")
    ledger.note("person", "Lan", "", 5)
    ledger.note("person", "Lan", "", 9)
    assert Ledger(tmp_path / "told.jsonl").told == [Told("person", "Lan", "", 5)]
