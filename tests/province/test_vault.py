"""The backup that the province keeps: a real nginx and a real age, bad links, thieves, and a new machine."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from attrs import evolve

from station.care.recovery_key import new_key
from station.clock import Clock
from station.desk import vault
from station.desk.people import new_setup_code, set_up
from station.province.vault import OUTGOING
from station.province.vault_server import VaultServer
from station.rules.enrolment import Enrolment, to_line
from station.rules.now import DAY, HOUR
from station.rules.trouble import Refused
from station.rules.vault import PIECE, Manifest, seal_secret, sealed
from station.stores.enrolment import keep_enrolment, load_enrolment
from station.stores.home import Home, open_home, places
from station.stores.vault import LastSent, VaultFiles
from tests.airing import air
from tests.rig.children import backing_up
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until
from tests.running import RunningStation

CODE, OLD, NEW = "24169", "mat-khau-cu", "mat-khau-moi"


def htpasswd(work: Path, *tokens: tuple[str, str]) -> None:
    salt = b"12345678"
    lines = [
        f"{code}:{{SSHA}}{base64.b64encode(hashlib.sha1(token.encode() + salt).digest() + salt).decode()}\n"  # noqa: S324
        for code, token in tokens
    ]
    (work / "htpasswd").write_text("".join(lines))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    htpasswd(folder, (CODE, OLD), ("24172", "khac"))
    return folder


@pytest.fixture
def server(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProvinceServer]:
    with ProvinceServer(work, tmp_path / "nginx") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        yield server


@pytest.fixture
def station(tmp_path: Path, server: ProvinceServer) -> RunningStation:
    """A station that was used, and is enrolled with a province that takes backups."""
    made = RunningStation(tmp_path / "cu", device="none")
    home = open_home(places(made.home))
    keep_enrolment(home.places.province, enrolment(server), b"{}")
    now = Clock().now().wall
    set_up(home, code=new_setup_code(home, now=now), name="Lan", password="mot hai ba bon", now=now)
    air(home.log, now - HOUR)
    # What does not compress, so that there are some pieces.
    (home.places.satellites).mkdir()
    noise = hashlib.shake_256(b"noise").digest(4 * PIECE + 1000)
    (home.places.satellites / "thon-xa.key").write_bytes(noise)
    return made


@pytest.fixture
def home(station: RunningStation) -> Home:
    return open_home(places(station.home))


def enrolment(server: ProvinceServer, token: str = OLD) -> Enrolment:
    return Enrolment("Tỉnh", CODE, "ab" * 32, 1, (server.tree,), token=token, backups=server.backups)


def chosen(home: Home) -> str:
    """Have the station send backups; gives the key on paper."""
    key = vault.make_recovery_key(home, by="Lan", now=1)
    vault.prove_recovery_key(home, key, by="Lan", now=1)
    return key


def there(work: Path) -> dict[str, bytes]:
    folder = work / "sao-luu" / CODE
    return {it.relative_to(folder).as_posix(): it.read_bytes() for it in folder.rglob("*") if it.is_file()}


def puts(server: ProvinceServer) -> list[str]:
    done = [it for it in server.log() if it.method == "PUT" and it.status in {201, 204}]
    return [it.path.removeprefix(f"/sao-luu/{CODE}/") for it in done]


def send(home: Home, now: int | None = None) -> LastSent:
    return vault.send_backup(home, by="Lan", now=now or Clock().now().wall)


def test_a_new_machine_gets_it_back_by_paper_and_a_new_token(
    station: RunningStation, server: ProvinceServer, work: Path, tmp_path: Path
) -> None:
    prepare = [sys.executable, "-m", "station", "--home", station.home, "vault", "prepare"]
    with subprocess.Popen(prepare, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as told:
        assert told.stdin
        assert told.stdout
        sheet = ""
        while "AGE-SECRET-KEY-1" not in sheet:
            sheet = told.stdout.readline()
        told.stdin.write(sheet[:-9] + "\n" + sheet)  # not all of it, and then
        told.stdin.close()
        assert "mỗi đêm" in told.stdout.read()
    key = "".join(sheet.split())
    assert key not in "".join(it.read_text(errors="replace") for it in station.home.rglob("*") if it.is_file())
    sent = station.command("vault", "backup")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert sorted(there(work)) == ["a/000", "a/001", "a/002", "a/003", "a/004", "a/manifest"]
    shown = station.json("vault", "show")
    assert shown["good_at"]
    assert shown["trouble"] is None
    before = station.json("log"), station.json("timetable")

    htpasswd(work, (CODE, NEW))  # the dead machine's line is void
    new = RunningStation(tmp_path / "moi", device="none")
    shutil.rmtree(new.home)
    line = to_line(evolve(enrolment(server, NEW), root="cd" * 32, root_version=2))
    done = new.command("restore", "--from-province", given=f"{line}\n{sheet}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Đã phục hồi Đài thử" in done.stdout
    assert "không có bản ghi âm" in done.stdout
    assert (new.json("log"), new.json("timetable")) == before
    assert load_enrolment(new.home / "province") == enrolment(server, NEW)
    assert not (new.home / "vault").exists()
    again = new.command("vault", "backup")
    assert (again.returncode, again.stderr) == (0, ""), "it goes on for the same key"


def test_nobody_has_it_who_has_the_server(home: Home, work: Path, tmp_path: Path) -> None:
    chosen(home)
    send(home)
    whole = tmp_path / "stolen"
    whole.write_bytes(b"".join(content for name, content in sorted(there(work).items()) if "manifest" not in name))
    assert whole.read_bytes().startswith(b"age-encryption.org/v1\n-> X25519 ")
    other = tmp_path / "key"
    other.write_text(new_key())
    opened = subprocess.run(["age", "-d", "-i", other, whole], capture_output=True, check=False)
    assert opened.returncode != 0
    assert opened.stdout == b""
    stored = [it.read_bytes() for it in home.places.backup.iterdir()]
    assert not [it for it in stored if b"AGE-SECRET-KEY" in it]


def test_two_of_them_lie_there_and_the_newest_counts(home: Home, server: ProvinceServer, work: Path) -> None:
    key, now = chosen(home), Clock().now().wall
    for number in range(3):
        send(home, now + number * DAY)
    assert {it.partition("/")[0] for it in there(work)} == {"a", "b"}
    assert vault.last_sent(home).slot == "a"
    assert fetched(home, server, key).made_at == now + 2 * DAY


def fetched(home: Home, server: ProvinceServer, key: str) -> vault.Fetched:
    where = places(home.places.home.parent / "moi")
    return vault.fetch_backup(where, enrolment(server), key)


def test_a_link_that_breaks_costs_one_piece(home: Home, server: ProvinceServer) -> None:
    key = chosen(home)

    def cut(gone: int, _: int) -> None:
        if gone == 2 * PIECE:
            server.stop()

    with pytest.raises(Refused) as refused:
        vault.send_backup(home, by="Lan", now=Clock().now().wall, tell=cut)
    assert "từ chối kết nối" in str(refused.value)
    assert vault.last_sent(home).trouble
    server.start()
    sent = send(home)
    assert puts(server) == ["a/000", "a/001", "a/002", "a/003", "a/004", "a/manifest"], "none twice"
    assert sent.trouble is None
    assert not (home.places.vault / OUTGOING).exists()

    where = places(home.places.home.parent / "moi")
    with pytest.raises(Refused) as refused:
        vault.fetch_backup(where, enrolment(server), key, cut)
    assert "phần đã nhận được giữ lại" in str(refused.value)
    server.start()
    before = len(server.log())
    assert vault.fetch_backup(where, enrolment(server), key).file.stat().st_size == sent.size
    pieces = [it.path for it in server.log()[before:] if not it.path.endswith("manifest")]
    assert [it[-3:] for it in pieces] == ["002", "003", "004"]


def test_what_went_to_another_place_does_not_count(home: Home, server: ProvinceServer, work: Path) -> None:
    key = chosen(home)

    def stop_after_two(gone: int, _: int) -> None:
        if gone == 2 * PIECE:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vault.send_backup(home, by="Lan", now=Clock().now().wall, tell=stop_after_two)
    htpasswd(work, ("24172", OLD))
    moved = evolve(enrolment(server), code="24172")
    keep_enrolment(home.places.province, moved, b"{}")
    send(home)
    assert vault.fetch_backup(places(home.places.home.parent / "moi"), moved, key).doubts == ()


@pytest.mark.parametrize("harm", ["changed piece", "piece gone", "list of another", "old list"])
def test_what_a_thief_puts_there_is_not_used(home: Home, server: ProvinceServer, work: Path, harm: str) -> None:
    key, now = chosen(home), Clock().now().wall
    send(home, now)
    first = there(work)
    send(home, now + DAY)
    slot = work / "sao-luu" / CODE / "b"
    match harm:
        case "changed piece":
            (slot / "001").write_bytes(bytes(PIECE))
        case "piece gone":
            (slot / "001").unlink()
        case "list of another":  # it is for the right recipient, which is no secret
            manifest = json.loads((slot / "manifest").read_bytes().partition(b" ")[2])
            of_it = Manifest(now + 2 * DAY, manifest["size"], tuple(manifest["pieces"]))
            (slot / "manifest").write_bytes(sealed(of_it, seal_secret("AGE-SECRET-KEY-1ANOTHER")))
        case "old list":
            (slot / "manifest").write_bytes(first["a/manifest"])
    found = fetched(home, server, key)
    assert found.made_at == now, "the one before is whole"
    assert found.doubts or harm == "old list"


def test_nothing_whole_is_nothing(home: Home, server: ProvinceServer, work: Path) -> None:
    key = chosen(home)
    with pytest.raises(Refused, match="không có bản sao lưu nào của xã mã 24169"):
        fetched(home, server, key)
    send(home)
    (work / "sao-luu" / CODE / "a" / "003").unlink()
    with pytest.raises(Refused, match="thiếu hoặc bị sửa"):
        fetched(home, server, key)
    with pytest.raises(Refused, match="không do đài này làm bằng khóa ấy"):
        fetched(home, server, new_key())
    with pytest.raises(Refused, match="gõ sai hoặc thiếu chữ"):
        fetched(home, server, key[:-1] + ("Q" if key[-1] != "Q" else "P"))


def test_nothing_is_sent_before_the_key_was_read_back(home: Home, server: ProvinceServer) -> None:
    first = vault.make_recovery_key(home, by="Lan", now=1)
    with pytest.raises(Refused, match="Chưa chọn"):
        send(home)
    second = vault.make_recovery_key(home, by="Lan", now=2)
    with pytest.raises(Refused, match="không phải là khóa vừa làm"):
        vault.prove_recovery_key(home, first, by="Lan", now=3)
    vault.prove_recovery_key(home, second, by="Lan", now=4)
    send(home)
    vault.stop_sending(home, by="Lan", now=5)
    with pytest.raises(Refused, match="Chưa chọn"):
        send(home)
    assert puts(server)[-1] == "a/manifest"


def test_a_new_key_makes_a_new_backup(home: Home, server: ProvinceServer) -> None:
    chosen(home)
    server.fail(503)
    with pytest.raises(Refused, match="503"):
        send(home)
    server.behave()
    key = chosen(home)
    send(home)
    assert fetched(home, server, key).file.exists()


def test_a_province_without_a_place_is_told(home: Home, server: ProvinceServer) -> None:
    keep_enrolment(home.places.province, evolve(enrolment(server), backups=""), b"{}")
    assert not vault.vault_state(home).offered
    with pytest.raises(Refused, match="chưa có chỗ nhận"):
        vault.make_recovery_key(home, by="Lan", now=1)


def test_only_the_commune_itself_reaches_its_place_and_takes_so_much_of_it(
    server: ProvinceServer, work: Path
) -> None:
    own = VaultServer(server.backups, CODE, OLD)
    own.put("a", "000", bytes(PIECE))
    address = f"{server.backups}{CODE}/a/000"
    answers = [
        requests.get(address, auth=auth, timeout=10, verify=str(server.authority)).status_code
        for auth in (None, (CODE, "sai"), ("24172", "khac"), (CODE, OLD))
    ]
    assert answers == [401, 401, 403, 200]
    for name, size, status in (("a/000", PIECE + 1, 413), ("c/000", 1, 404), ("a/1000", 1, 404), ("a/x", 1, 404)):
        answer = requests.put(
            f"{server.backups}{CODE}/{name}",
            bytes(size),
            auth=(CODE, OLD),
            timeout=10,
            verify=str(server.authority),
        )
        assert answer.status_code == status, name
    plain = f"{server.plain_tree}sao-luu/{CODE}/a/000"
    assert requests.get(plain, auth=(CODE, OLD), timeout=10).status_code == 403, "a token goes by HTTPS only"
    deleted = requests.delete(address, auth=(CODE, OLD), timeout=10, verify=str(server.authority))
    assert deleted.status_code in {403, 405}
    assert (work / "sao-luu" / CODE / "a" / "000").stat().st_mode & 0o077 == 0


def test_what_is_not_sent_for_days_is_told(home: Home) -> None:
    assert vault.vault_trouble(home, 100 * DAY) is None
    chosen(home)
    VaultFiles(home.places.backup).note(LastSent(2 * DAY, 5, "a"))
    assert vault.vault_trouble(home, 6 * DAY - 1) is None
    trouble = vault.vault_trouble(home, 6 * DAY)
    assert trouble
    assert trouble.what == "Chưa sao lưu được về tỉnh từ ngày 03/01/1970."


def test_the_player_sends_it_by_itself_and_breaks_off_for_what_airs(
    station: RunningStation, home: Home, server: ProvinceServer
) -> None:
    station.add_noise(2_000)
    chosen(home)
    with station.start():
        wait_until(lambda: backing_up(station.home), 60, every=0.001)
        first = backing_up(station.home)
        os.kill(first, signal.SIGSTOP)  # a slow link
        assert station.command("play", "nen").returncode == 0
        wait_until(lambda: backing_up(station.home) != first, 60)
        station.aired("phat-ngay/nen")
        wait_until(lambda: vault.last_sent(home).good_at and not backing_up(station.home), 120)
        station.terminate()
    assert station.log.count("Sao lưu về tỉnh bị ngắt") == 1
    assert puts(server)[-1] == "a/manifest"
