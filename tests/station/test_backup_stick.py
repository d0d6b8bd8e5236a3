"""The backup stick: the station's own and nobody else's, whole backups only, and never while something is on."""

import hashlib
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.care.archive import archive
from station.care.backup_stick import make_own, write_backup
from station.control.client import PlayerDown, ask
from station.control.messages import Status
from station.desk.backup_stick import backup_trouble
from station.rules.now import DAY
from station.rules.trouble import Refused
from station.stores.backups import Backups, LastBackup
from station.stores.home import open_home, places
from tests.rig.children import backing_up
from tests.rig.sticks import AVAILABLE, Sticks
from tests.rig.waiting import wait_until
from tests.running import RunningStation

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="no name spaces here")

FOLDER = "loa-xa-sao-luu"
STICK = "/mnt/usb"
OLD = "loa-xa-2026-01-01-0130.tar"


class Backed(RunningStation):
    """A station that sees sticks."""

    def __init__(self, folder: Path, sticks: Sticks) -> None:
        super().__init__(folder, device="none")
        self.sticks = sticks

    def at_stick(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [*self.sticks.before, *before, *self.line, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)

    @property
    def line(self) -> list[str]:
        return [*self.sticks.station[len(self.sticks.before) :], "--home", str(self.home)]


@pytest.fixture
def sticks() -> Iterator[Sticks]:
    with Sticks() as it:
        yield it


@pytest.fixture
def station(tmp_path: Path, sticks: Sticks) -> Backed:
    made = Backed(tmp_path, sticks)
    made.add_noise(2_000)
    return made


@pytest.fixture
def stick(station: Backed, sticks: Sticks) -> Path:
    """The station's folder on a stick of its own."""
    place = sticks.plug_in()
    assert station.at_stick("stick", "prepare", STICK).returncode == 0
    return place / FOLDER


def backups(stick: Path) -> list[str]:
    return sorted(it.name for it in stick.iterdir() if it.name != "dai.key")


def told(station: Backed) -> str:
    trouble = Backups(station.home / "backup").last().trouble
    return trouble.what if trouble else ""


def test_what_was_written_to_the_stick_makes_a_new_station_of_an_empty_machine(
    station: Backed, stick: Path, tmp_path: Path
):
    done = station.at_stick("stick", "backup")
    assert (done.returncode, done.stderr) == (0, "")
    (name,) = backups(stick)
    assert re.fullmatch(r"loa-xa-\d{4}-\d\d-\d\d-\d{4}\.tar", name)
    assert (stick / name).stat().st_mode & 0o077 == 0
    new = tmp_path / "moi"
    assert station.command("--home", str(new), "restore", str(stick / name)).returncode == 0
    assert [it["title"] for it in station.json("--home", str(new), "segments")] == ["nen"]
    assert digests(new / "library") == digests(station.home / "library")
    with sqlite3.connect(new / "station.db") as database:
        deeds = [deed for (deed,) in database.execute("SELECT deed FROM audit ORDER BY id")]
    assert deeds[-3:] == ["chọn USB sao lưu", "sao lưu", "phục hồi"]
    assert (new / "backup/stick.key").stat().st_mode & 0o077 == 0
    again = station.at_stick("--home", str(new), "stick", "backup")
    assert again.returncode == 0, "the new machine knows its stick"
    shown = station.at_stick("stick", "show", "--json").stdout
    assert f'"{STICK}"' in shown
    assert '"trouble": null' in shown


def digests(folder: Path) -> dict[str, str]:
    files = (it for it in folder.rglob("*") if it.is_file())
    return {str(it.relative_to(folder)): hashlib.sha256(it.read_bytes()).hexdigest() for it in files}


def test_a_stick_that_nobody_chose_gets_nothing_even_if_it_looks_like_one(station: Backed, sticks: Sticks):
    place = sticks.plug_in()
    (place / "anh.jpg").write_bytes(b"x")
    refused = station.at_stick("stick", "backup")
    assert refused.returncode == 1
    assert "Chưa cắm USB sao lưu nào" in refused.stderr
    (place / FOLDER).mkdir()
    (place / FOLDER / "dai.key").write_text("")
    assert station.at_stick("stick", "backup").returncode == 1
    chosen = sticks.plug_in("khac")
    assert station.at_stick("stick", "prepare", "/mnt/khac").returncode == 0
    assert station.at_stick("stick", "backup").returncode == 0
    assert len(backups(chosen / FOLDER)) == 1
    assert backups(place / FOLDER) == []
    taken = station.at_stick("stick", "prepare", STICK)
    assert taken.returncode == 1
    assert "đài khác" in taken.stderr


def test_a_folder_where_a_stick_once_was_is_no_stick(station: Backed, stick: Path, sticks: Sticks):
    mark = (stick / "dai.key").read_bytes()
    sticks.pull_out()
    left = stick.parent / FOLDER
    left.mkdir()
    (left / "dai.key").write_bytes(mark)
    assert station.at_stick("stick", "backup").returncode == 1
    assert backups(left) == []
    refused = station.at_stick("stick", "prepare", STICK)
    assert refused.returncode == 1
    assert "Không thấy USB ấy" in refused.stderr


def test_what_goes_wrong_is_told_and_the_old_ones_stay(station: Backed, stick: Path, sticks: Sticks):
    (stick / OLD).write_bytes(b"old")
    filler = stick.parent / "phim.mkv"
    filler.write_bytes(bytes(60 << 20))
    assert station.at_stick("stick", "backup").returncode == 1
    assert told(station) == "USB sao lưu đã đầy."
    filler.unlink()
    sticks.lock()
    assert station.at_stick("stick", "backup").returncode == 1
    assert told(station) == "USB sao lưu chỉ đọc được, không ghi được."
    sticks.unlock()
    large = station.home / "library/originals" / ("a" * 64)
    large.write_bytes(os.urandom(4 << 20))
    assert station.at_stick("stick", "backup", before=("prlimit", f"--fsize={2 << 20}")).returncode == 1
    assert told(station) == "USB sao lưu định dạng FAT32, không chứa được tệp trên 4 GB."
    assert backups(stick) == [OLD]
    assert (stick / OLD).read_bytes() == b"old"
    assert station.at_stick("stick", "backup").returncode == 0
    assert told(station) == ""
    assert len(backups(stick)) == 2


def test_killed_in_the_middle_it_leaves_the_old_ones_whole_and_is_swept_by_the_next(station: Backed, stick: Path):
    assert station.at_stick("stick", "backup").returncode == 0
    (first,) = backups(stick)
    before = (stick / first).read_bytes()
    original = station.home / "library/originals" / ("a" * 64)
    original.write_bytes(os.urandom(16 << 20))
    child = subprocess.Popen([*station.sticks.before, *station.line, "stick", "backup"], start_new_session=True)
    wait_until(lambda: any(it.suffix == ".unfinished" for it in stick.iterdir()), 60, every=0.001)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert [it for it in backups(stick) if it.endswith(".tar")] == [first]
    assert (stick / first).read_bytes() == before
    (stick / first).rename(stick / OLD)  # else one of the same minute would take its place
    assert station.at_stick("stick", "backup").returncode == 0
    assert [Path(it).suffix for it in backups(stick)] == [".tar", ".tar"]


def test_only_the_newest_fourteen_stay(station: Backed, stick: Path):
    for day in range(1, 21):
        (stick / f"loa-xa-2026-01-{day:02}-0130.tar").write_bytes(b"old")
    (stick / "loa-xa-cua-toi.tar").write_bytes(b"mine")
    assert station.at_stick("stick", "backup").returncode == 0
    found = backups(stick)
    assert "loa-xa-cua-toi.tar" in found
    assert found[:13] == [f"loa-xa-2026-01-{day:02}-0130.tar" for day in range(8, 21)]
    assert len(found) == 15


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_own(tmp_path, "secret")
    return tmp_path / FOLDER


def test_a_stick_that_is_pulled_out_in_the_middle_is_told(folder: Path, tmp_path: Path):
    home = open_home(places(tmp_path / "home"))

    def pack(beside: Path):
        yield from archive(home.places, "", recordings=True, beside=beside)
        folder.rename(tmp_path / "gone")

    with pytest.raises(Refused, match="rút ra"):
        write_backup(tmp_path, OLD, pack, 1)
    assert not (tmp_path / "gone" / OLD).exists()


def test_what_reads_back_otherwise_is_not_kept(folder: Path, tmp_path: Path):
    home = open_home(places(tmp_path / "home"))

    def pack(beside: Path):
        for number, piece in enumerate(archive(home.places, "", recordings=True, beside=beside)):
            yield piece if number != 1 else piece[:-1] + bytes([piece[-1] ^ 1])

    with pytest.raises(Refused, match="đọc lại không giống"):
        write_backup(tmp_path, OLD, pack, 1)
    assert backups(folder) == []


def test_a_stick_that_was_away_for_two_weeks_is_asked_for(tmp_path: Path):
    home = open_home(places(tmp_path / "home"))
    known = Backups(home.places.backup)
    assert backup_trouble(home, 100 * DAY) is None, "nobody wants any"
    known.choose(DAY)
    known.note(LastBackup(2 * DAY, 5))
    assert backup_trouble(home, 16 * DAY - 1) is None
    trouble = backup_trouble(home, 16 * DAY)
    assert trouble
    assert (trouble.what, trouble.mend) == (
        "Chưa sao lưu được vào USB từ ngày 03/01/1970.",
        "Cắm USB sao lưu vào máy.",
    )


def test_the_player_backs_up_by_itself_and_breaks_off_for_what_airs(station: Backed, stick: Path):
    with subprocess.Popen([*station.sticks.before, *station.line, "run"], stderr=subprocess.PIPE, text=True) as run:
        try:
            wait_until(lambda: answers(station), 30)
            wait_until(lambda: backing_up(station.home), 40, every=0.001)
            first = backing_up(station.home)
            assert first
            os.kill(first, signal.SIGSTOP)  # a slow stick
            assert station.command("play", "nen").returncode == 0
            wait_until(lambda: backing_up(station.home) != first, 30)
            station.aired("phat-ngay/nen")
            wait_until(lambda: Backups(station.home / "backup").last().good_at, 60)
            wait_until(lambda: not backing_up(station.home), 30)
        finally:
            run.terminate()
            said = run.communicate(timeout=30)[1]
    assert said.count("Sao lưu vào USB bị ngắt") == 1
    assert len(backups(stick)) == 1, "what was broken off is gone, too"


def answers(station: Backed) -> bool:
    try:
        return bool(ask(station.home / "run" / "station.sock", Status()))
    except PlayerDown:
        return False
