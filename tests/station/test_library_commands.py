"""The library from the command line, and what becomes of it when there is too little room."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from station.desk.space import let_originals_go
from station.desk.timetable import read_plan
from station.stores.database import audit
from station.stores.home import Home, open_home, places
from tests.rig.waiting import wall_ms
from tests.running import CONFIG, RunningStation

QUOTA = 100  # MB, the least that a station may have
JUNK = 30_000_000  # bytes: three such recordings are within the quota, four are not


@pytest.fixture
def station(tmp_path: Path) -> RunningStation:
    return RunningStation(tmp_path, f"{CONFIG}[library]\noriginals = {QUOTA}\n", device="none")


@pytest.fixture
def home(station: RunningStation) -> Home:
    return open_home(places(station.home))


def add(station: RunningStation, name: str, *flags: str, junk: int = 0) -> None:
    """Take two seconds of a tone into the library, from a file that is larger than its sound by `junk` bytes."""
    file = station.home.parent / f"{name}.wav"
    sound = ["-f", "lavfi", "-i", "sine=440:d=2", "-metadata", f"title={name}"]
    subprocess.run(["ffmpeg", "-v", "error", *sound, file], check=True)
    with file.open("r+b") as wav:
        wav.seek(0, 2)
        wav.write(b"JUNK" + junk.to_bytes(4, "little"))
        wav.truncate(wav.tell() + junk)
    done = station.command("add", str(file), *flags)
    assert done.returncode == 0, done.stderr


def files(station: RunningStation, folder: str) -> set[str]:
    return {it.name for it in (station.home / "library" / folder).iterdir()}


def test_removes_a_segment_and_its_files_unless_a_schedule_plays_it(station: RunningStation) -> None:
    add(station, "tin")
    station.schedule("sang", 3_600, 'play = "tin"')
    refused = station.command("remove", "tin")
    assert refused.returncode == 1
    assert "đang dùng mục này" in refused.stderr
    assert len(files(station, "originals")) == len(files(station, "ready")) == 1

    (station.schedules / "sang.toml").unlink()
    removed = station.command("remove", "tin")
    assert removed.returncode == 0, removed.stderr
    assert station.json("segments") == []
    assert files(station, "originals") == files(station, "ready") == set()
    assert "Không có mục này" in station.command("remove", "tin").stderr


def test_beyond_the_quota_the_oldest_original_goes_that_nothing_needs(station: RunningStation, home: Home) -> None:
    for name in ("dang-phat", "cho-duyet", "cu-nhat", "moi-hon"):
        add(station, name, *(() if name == "cho-duyet" else ("--approve",)), junk=JUNK)
    station.schedule("sang", 3_600, 'play = "dang-phat"')
    kept = {it.name: it for it in home.library.segments()}

    let_originals_go(home, read_plan(home), wall_ms())
    oldest = kept["cu-nhat"]
    assert files(station, "originals") == {it.original for it in kept.values()} - {oldest.original}
    assert home.library.verify(oldest.ready or "", "").is_file(), "what it became is heard as before"
    with home.engine.connect() as connection:
        told = connection.execute(select(audit.c.subject).where(audit.c.deed == "bỏ bản gốc")).scalars().all()
    assert told == [f"{oldest.id} {oldest.title}"]
    assert "Bản gốc" in station.command("edit", oldest.name, "--start", "1s").stderr
