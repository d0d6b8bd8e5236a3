"""A restore on a machine that was just set up: what counts as fresh, and that the station goes on as it was."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from flask.testing import FlaskClient

from station.clock import Clock
from station.desk.certificate import make_certificate
from station.desk.people import new_setup_code, set_up
from station.rules.enrolment import Enrolment
from station.stores.certificate import AUTHORITY
from station.stores.enrolment import keep_enrolment, load_enrolment
from station.stores.home import open_home, places
from tests.airing import air
from tests.rig.recorder import Recorder
from tests.rig.sticks import AVAILABLE, Sticks
from tests.rig.waiting import wait_until
from tests.running import RunningStation
from tests.web.asking import post
from web import create_app

OF_THE_PROVINCE = Enrolment("Tỉnh", "x1", "ab" * 32, 1, ("https://a/",), reports="https://a/r/", token="bimat")
PAGES = ("/nhat-ky/", "/lich/", "/thu-vien/")
SECRET = "mot hai ba bon"  # noqa: S105 - of nobody


def person(station: RunningStation, name: str = "Lan") -> str:
    """Set somebody up; gives their browser's session."""
    home, now = open_home(places(station.home)), Clock().now().wall
    return set_up(home, code=new_setup_code(home, now=now), name=name, password=SECRET, now=now)


def browser(home: Path) -> FlaskClient:
    return create_app(open_home(places(home)), Clock()).test_client()


def words_of(signed_in: FlaskClient, page: str) -> str:
    """What somebody reads there who is signed in, but for the clock."""
    answer = signed_in.get(page, follow_redirects=True)
    assert "Đăng xuất" in answer.text or "Tài khoản" in answer.text
    return re.sub(r"<[^>]+>|\d\d:\d\d:\d\d|\s+", " ", answer.text)


@contextmanager
def page_of(station: RunningStation) -> Iterator[None]:
    """The page's own process, while it serves."""
    page = [sys.executable, "-m", "web", "--home", station.home, "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(page, stdout=subprocess.PIPE) as serving:
        assert serving.stdout
        assert serving.stdout.readline()
        yield
        serving.terminate()


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[..., RunningStation]:
    """A station that was just installed: its stores are made, the page waits for the first person."""

    def made(name: str = "moi") -> RunningStation:
        new = RunningStation(tmp_path / name)
        shutil.rmtree(new.home)
        home = open_home(places(new.home))
        home.heartbeat.beat(Clock().now().wall)
        new_setup_code(home, now=Clock().now().wall)
        create_app(home, Clock())
        home.engine.dispose()
        return new

    return made


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> RunningStation:
    made = RunningStation(tmp_path_factory.mktemp("cu"), device="none")
    made.add_noise(2_000)
    keep_enrolment(places(made.home).province, OF_THE_PROVINCE, b"{}")
    return made


@pytest.fixture(scope="module")
def backup(station: RunningStation) -> Path:
    file = station.home.parent / "sao-luu.tar"
    assert station.command("backup", str(file)).returncode == 0
    return file


@pytest.mark.sound
def test_a_new_machine_goes_on_where_the_dead_one_stopped_and_is_heard(
    tmp_path: Path, fresh: Callable[..., RunningStation], recorder: Recorder
):
    old = RunningStation(tmp_path / "cu")
    old.add_noise(6_000)
    person(old)
    keep_enrolment(places(old.home).province, OF_THE_PROVINCE, b"{}")
    asleep = 'title = "Trưa"\nzones = ["all"]\nenabled = false\n[[air]]\ndays = "daily"\nat = "11:30"\n'
    asleep += '[[rundown]]\nplay = "nen"\n'
    (old.home / "schedules" / "trua.toml").write_text(asleep)
    (old.home / "satellites").mkdir()
    (old.home / "satellites" / "thon-xa.key").write_text("bí mật của trạm con")
    make_certificate(open_home(places(old.home)), ("truyenthanh.local",), by="Lan", now=Clock().now().wall)
    with old.start():
        assert old.command("play", "nen", "--zones", "bac").returncode == 0
        old.aired("phat-ngay/nen")
        assert old.terminate() == 0
    before = browser(old.home)
    assert post(before, "/dang-nhap", "/dang-nhap", name="Lan", password=SECRET).status_code == 302
    file = tmp_path / "sao-luu.tar"
    assert old.command("backup", str(file)).returncode == 0

    new = fresh()
    done = new.command("restore", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Đã phục hồi Đài thử như lúc" in done.stdout
    assert "Wi-Fi" in done.stdout, "it says what is not in a backup"
    for told in (("segments",), ("timetable",), ("log",), ("check",)):
        assert new.json(*told) == old.json(*told), told
    assert new.results() == [("phat-ngay/nen", "aired")]
    for name in ("satellites/thon-xa.key", f"tls/{AUTHORITY}", "page.key", "province/enrolment.json"):
        assert (new.home / name).read_bytes() == (old.home / name).read_bytes(), name
    assert (new.home / "tls/authority.key").stat().st_mode & 0o077 == 0
    after = browser(new.home)
    after._cookies = before._cookies  # of the phone that was signed in
    for page in PAGES:
        assert words_of(after, page) == words_of(before, page)
    with new.start():
        start = new.schedule("ban-tin", 14, 'play = "nen"')
        wait_until(lambda: [it for it in new.status()["next"] if it["ready"]], 12)
        (tape,) = (new.home / "tapes").glob("*.wav")
        programme = np.frombuffer(tape.read_bytes()[44:], np.int16)[24_000:-24_000]
        end = start + len(programme) / 48
        new.aired("ban-tin")
        wait_until(lambda: recorder.heard_until(end + 500))
    found = recorder.recording.between(start - 1000, end + 400).find(programme)
    assert abs(found.start - start) < 50
    assert found.missing == 0


def test_a_station_that_anybody_used_is_not_fresh(backup: Path, fresh: Callable[..., RunningStation]):
    for number, use in enumerate((person, aired, added)):
        used = fresh(f"{number}")
        use(used)
        refused = used.command("restore", str(backup))
        assert refused.returncode == 1
        assert "đã có một đài" in refused.stderr
        assert f"sudo mv {used.home}" in refused.stderr, "and the way out"
    used.home.rename(used.home.with_name("home.cu"))
    assert used.command("restore", str(backup)).returncode == 0, "it leads on"


def aired(station: RunningStation) -> None:
    air(open_home(places(station.home)).log, 0, result="missed")


def added(station: RunningStation) -> None:
    station.add_noise(500)


def test_a_library_whose_database_is_gone_is_no_fresh_home(backup: Path, fresh: Callable[..., RunningStation]):
    station = fresh()
    added(station)
    (station.home / "station.db").unlink()
    assert station.command("restore", str(backup)).returncode == 1
    assert list((station.home / "library/originals").iterdir())


def test_nothing_is_put_under_a_running_player_or_page(backup: Path, fresh: Callable[..., RunningStation]):
    new = fresh()
    with new.start():
        refused = new.command("restore", str(backup))
        assert refused.returncode == 1
        assert "Đài đang chạy" in refused.stderr
        assert new.json("segments") == []
        new.terminate()
    with page_of(new):
        assert "Đài đang chạy" in new.command("restore", str(backup)).stderr
    assert new.command("restore", str(backup)).returncode == 0


def test_killed_in_the_middle_it_is_begun_anew(backup: Path, fresh: Callable[..., RunningStation], tmp_path: Path):
    new, half = fresh(), tmp_path / "half"
    os.mkfifo(half)
    command = [sys.executable, "-m", "station", "--home", new.home, "restore", half]
    restoring = subprocess.Popen(command, start_new_session=True)
    with half.open("wb", buffering=0) as pipe:
        pipe.write(backup.read_bytes()[: backup.stat().st_size // 2])
        wait_until((new.home / ".restoring/station.db").exists, 30)
        os.killpg(restoring.pid, signal.SIGKILL)
        restoring.wait()
    assert new.json("segments") == []
    assert new.command("restore", str(backup)).returncode == 0
    assert [it["title"] for it in new.json("segments")] == ["nen"]
    assert not (new.home / ".restoring").exists()


def test_a_new_token_goes_on_and_what_is_believed_stays(backup: Path, fresh: Callable[..., RunningStation]):
    new = fresh()
    folder = places(new.home).province
    renewed = evolve(OF_THE_PROVINCE, root="cd" * 32, root_version=2, trees=("https://b/",), token="moi")
    keep_enrolment(folder, renewed, b"{}")
    assert new.command("restore", str(backup)).returncode == 0
    known = load_enrolment(folder)
    assert known == evolve(OF_THE_PROVINCE, trees=("https://b/",), token="moi")
    assert (folder / "enrolment.json").stat().st_mode & 0o077 == 0


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that another account can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_what_root_restores_is_its_owners(backup: Path, elsewhere: Path):
    home = elsewhere / "home"
    home.mkdir(mode=0o750)
    os.chown(home, 65534, 65534)
    backup.chmod(0o600)
    command = [sys.executable, "-m", "station", "--home", home, "restore", backup]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    owners = {(it.stat().st_uid, it.stat().st_gid) for it in (home, *home.rglob("*"))}
    assert owners == {(65534, 65534)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_what_root_backs_up_into_a_persons_folder_is_that_persons(elsewhere: Path):
    station, theirs = RunningStation(elsewhere / "dai", device="none"), elsewhere / "ky-thuat"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 12345, 12345)
    for it in (station.home, *station.home.rglob("*")):
        os.chown(it, 65534, 65534)
    command = [sys.executable, "-m", "station", "--home", station.home, "backup", theirs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (made,) = theirs.iterdir()
    assert (made.stat().st_uid, made.stat().st_gid, made.stat().st_mode & 0o777) == (12345, 12345, 0o600)
    assert {it.stat().st_uid for it in (station.home, *station.home.rglob("*"))} == {65534}


@pytest.mark.skipif(not AVAILABLE, reason="no name spaces here")
def test_without_a_file_it_takes_the_newest_whole_one_of_the_sticks(
    backup: Path, fresh: Callable[..., RunningStation]
):
    with Sticks() as sticks:
        new = fresh()
        command = [*sticks.station, "--home", str(new.home), "restore"]

        def restored() -> subprocess.CompletedProcess[str]:
            return subprocess.run(command, capture_output=True, text=True, check=False)

        assert "Không có bản sao lưu nào trên USB" in restored().stderr
        one, two = (sticks.plug_in(name) / "loa-xa-sao-luu" for name in ("mot", "hai"))
        for folder in (one, two):
            folder.mkdir()
        shutil.copy(backup, one / "loa-xa-2026-11-20-0130.tar")
        (two / "loa-xa-2026-11-21-0130.tar").write_bytes(backup.read_bytes()[:-5000])
        done = restored()
        assert done.returncode == 0, done.stderr
        assert "loa-xa-2026-11-21-0130.tar" in done.stderr
        assert "hỏng" in done.stderr
        assert [it["title"] for it in new.json("segments")] == ["nen"]
