"""The backup: what a dead Pi's station becomes on another one, and what is refused."""

import hashlib
import io
import resource
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest

from station.desk.backup import back_up
from station.rules.enrolment import Enrolment
from station.stores.audit import write_audit
from station.stores.enrolment import keep_enrolment
from station.stores.home import open_home, places
from tests.running import RunningStation

SAID = 'title = "Tỉnh"\n[[air]]\ndays = "daily"\nat = "05:00"\n[[rundown]]\nsay = "Xin chào."\n'


@pytest.fixture
def station(tmp_path: Path) -> RunningStation:
    """A station with a bit of everything."""
    made = RunningStation(tmp_path, device="none")
    made.add_noise(2_000)
    made.schedule("tin", 86_400, 'play = "nen"')
    (made.schedules / "templates").mkdir()
    (made.schedules / "templates" / "mau.toml").write_text('title = "Mẫu"\ntext = "Thưa bà con."\n')
    (made.home / "cach-doc.toml").write_text('"Krông Pắc" = "cơ rông pắc"\n')
    (made.home / "swap-days.toml").write_text('[[swap]]\nday = "2026-08-22"\nlike = "mon"\n')
    assert made.command("order", "commune").returncode == 0
    province = places(made.home).province
    keep_enrolment(province, Enrolment("Tỉnh", "x1", "ab" * 32, 1, ("https://a/",), token="bimat"), b"{}")
    for name in ("metadata/timestamp.json", "parts/half"):
        (province / name).parent.mkdir(exist_ok=True)
        (province / name).write_text("{}")
    (made.schedules / "province").mkdir()
    (made.schedules / "province" / "sang.toml").write_text(SAID)
    return made


_OF_THE_RESTORE = ("phục hồi", "sqlite_sequence", 'INSERT INTO "audit_end"')  # which writes a line, and seals it


def kept(home: Path) -> dict[str, str]:
    """Every file that a backup holds, by its hash; the database by what is in it."""
    files = {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
        and path.relative_to(home).parts[0] not in {"run", "tapes", "uploads", "station.db", "redo"}
    }
    return {name: digest for name, digest in files.items() if "last-good" not in name and "/parts/" not in name}


def rows(home: Path) -> list[str]:
    with sqlite3.connect(home / "station.db") as database:
        return [line for line in database.iterdump() if not any(it in line for it in _OF_THE_RESTORE)]


def test_a_restored_station_is_the_one_that_was_backed_up(station: RunningStation, tmp_path: Path):
    file = tmp_path / "sao-luu.tar"
    assert "giữ kín" in station.command("backup", str(file)).stdout
    other = RunningStation(tmp_path / "khac", device="none")
    shutil.rmtree(other.home)
    done = other.command("restore", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(other.home) == rows(station.home)
    assert kept(other.home) == kept(station.home)
    assert (other.home / "library/originals").is_dir()
    for told in (("segments",), ("timetable", "--days", "2"), ("order",), ("check",)):
        assert other.json(*told) == station.json(*told), told
    assert other.command("check").returncode == 0
    assert other.home.stat().st_mode & 0o007 == 0
    assert (other.home / "province/enrolment.json").stat().st_mode & 0o077 == 0, "it holds the station's token"
    assert not (other.home / "province/parts").exists()
    assert [it.name for it in other.home.parent.iterdir()] == ["home"]
    with other.start():
        assert other.command("play", "nen").returncode == 0
        other.aired("phat-ngay/nen")


def test_without_recordings_it_is_small_and_the_rest_is_there(station: RunningStation, tmp_path: Path):
    assert station.command("backup", str(tmp_path), "--without-recordings").returncode == 0
    (file,) = tmp_path.glob("loa-xa-*.tar")
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert {
        "station.db",
        "station.toml",
        "order.toml",
        "cach-doc.toml",
        "swap-days.toml",
        "schedules/tin.toml",
        "schedules/province/sang.toml",
        "province/enrolment.json",
        "province/metadata/timestamp.json",
    } <= {*names}
    assert not [name for name in names if name.startswith("library")]


def test_nothing_is_restored_over_a_station(station: RunningStation, tmp_path: Path):
    file = tmp_path / "sao-luu.tar"
    station.command("backup", str(file))
    before = kept(station.home), rows(station.home)
    refused = station.command("restore", str(file))
    assert refused.returncode == 1
    assert "đã có một đài" in refused.stderr
    assert (kept(station.home), rows(station.home)) == before


@pytest.mark.parametrize("harm", ["cut", "changed", "short of a file", "strange", "escaping", "of a newer version"])
def test_what_is_not_a_whole_backup_of_ours_leaves_nothing_behind(
    station: RunningStation, tmp_path: Path, harm: str
):
    file = tmp_path / "sao-luu.tar"
    station.command("backup", str(file))
    _harm(file, harm)
    place = tmp_path / "moi" / "home"
    refused = station.command("--home", str(place), "restore", str(file))
    assert refused.returncode == 1
    assert "Không có gì bị thay đổi." in refused.stderr
    assert not place.exists()
    assert list(place.parent.iterdir()) == []


def _harm(file: Path, how: str) -> None:
    content = file.read_bytes()
    match how:
        case "cut":
            file.write_bytes(content[: len(content) * 2 // 3])
        case "changed":
            at = content.index(b"Th\xc3\xb4n B\xe1\xba\xafc")
            file.write_bytes(content[:at] + b"X" + content[at + 1 :])
        case "strange":
            file.write_bytes(b"a song" * 1000)
        case "short of a file":
            _rewritten(file, lambda name: None if name == "order.toml" else name)
        case "escaping":
            _rewritten(file, lambda name: "schedules/../../ngoai.toml" if name == "order.toml" else name)
        case "of a newer version":
            _rewritten(file, lambda name: name, b'"format": 1', b'"format": 2')


def _rewritten(file: Path, rename, old: bytes = b"", new: bytes = b"") -> None:
    made = io.BytesIO()
    with tarfile.open(file) as before, tarfile.open(fileobj=made, mode="w") as after:
        for member in before:
            content = before.extractfile(member).read()
            if old:
                content = content.replace(old, new)
            if (name := rename(member.name)) is not None:
                member.name, member.size, member.pax_headers = name, len(content), {}
                after.addfile(member, io.BytesIO(content))
    file.write_bytes(made.getvalue())


def test_memory_stays_as_it_is_however_large_the_library(tmp_path: Path):
    home = open_home(places(tmp_path / "home"))
    large = home.places.home / "library" / "originals" / ("a" * 64)
    with large.open("wb") as file:
        file.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sent = sum(len(piece) for piece in back_up(home, recordings=True, by="Lan", now=0))
    assert sent > 1 << 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024, "KiB"


def test_a_backup_is_of_one_instant_while_others_write(station: RunningStation):
    home = open_home(places(station.home))
    pieces = back_up(home, recordings=False, by="Lan", now=0)
    first = next(pieces)
    with home.engine.begin() as connection:  # nobody waits for whoever downloads slowly
        write_audit(connection, 1, "Minh", "sau", "")
    database = station.home.parent / "copy.db"
    with tarfile.open(fileobj=io.BytesIO(first + b"".join(pieces))) as archive:
        database.write_bytes(archive.extractfile("station.db").read())
    with sqlite3.connect(database) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        deeds = [deed for (deed,) in copy.execute("SELECT deed FROM audit ORDER BY id DESC LIMIT 1")]
    assert deeds == ["sao lưu"]
    assert list(home.places.home.glob("*.unfinished")) == []
