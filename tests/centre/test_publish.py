"""`station province publish`: what a folder holds is what python-tuf's own client gets, and no more changes."""

import subprocess
import sys
from pathlib import Path

import pytest
from tuf.api.metadata import Root, TargetFile
from tuf.ngclient import Urllib3Fetcher

from station.audio.filters import loudness
from station.centre.keys import Keys
from station.centre.published_tree import Current
from station.centre.signing import Signing, Wanted
from station.rules.now import DAY, SECOND
from station.rules.offer import read_offer
from station.rules.rundown import Kind
from station.rules.trouble import Refused
from tests.centre.office import PASSPHRASE, SCHEDULE, Client, Office, copied, killed_at, plain, sound
from tests.rig.province_server import ProvinceServer


def current(office: Office) -> Current:
    found = office.tree.current()
    assert found
    return found


def test_a_station_gets_what_the_folder_holds(office: Office, client: Client) -> None:
    sound(office.content / "tinh" / "Thời sự sáng.mp3")
    office.write(
        "tinh/Thời sự sáng.toml",
        'kind = "feature"\nfield = "health"\nsource = "Đài tỉnh"\nresponsible = "Lan"\n'
        'valid_from = 2026-11-20\nvalid_until = "2027-01-31"\n',
    )
    office.write("tinh/lich/sang.toml", SCHEDULE.format(play="thoi-su-sang"))
    office.write("vung-mien-nui/Sạt lở.txt", "Đề phòng sạt lở.")
    office.write("xa-24169/hop.txt", "\ufeffMời bà con họp.\r\nĐúng giờ.")
    told = office.publish()
    assert [it["path"] for it in told["new"]] == [
        "tinh/sang.toml",
        "tinh/thoi-su-sang.opus",
        "vung-mien-nui/sat-lo.txt",
        "xa-24169/hop.txt",
    ]
    seen = client.sees()
    assert {path: it.communes for path, it in seen.items()} == {
        "tinh/sang.toml": None,
        "tinh/thoi-su-sang.opus": None,
        "vung-mien-nui/sat-lo.txt": ("24169",),
        "xa-24169/hop.txt": ("24169",),
    }
    assert seen["xa-24169/hop.txt"].content == "Mời bà con họp.\nĐúng giờ.\n".encode()
    offers = {path: read_offer(path, len(it.content), {"sha256": "a" * 64}, it.custom) for path, it in seen.items()}
    news = offers["tinh/thoi-su-sang.opus"]
    assert (news.title, news.kind, news.facts.field) == ("Thời sự sáng", Kind.FEATURE, "health")
    assert (news.facts.source, news.facts.responsible) == ("Đài tỉnh", "Lan")
    hanoi = 7 * 3600 * SECOND
    assert news.facts.valid_from == 1_795_132_800_000 - hanoi, "2026-11-20 00:00 UTC, seven hours earlier"
    assert news.facts.valid_until == 1_801_440_000_000 - hanoi, "and the 31st counts"
    notice = offers["vung-mien-nui/sat-lo.txt"]
    assert (notice.kind, notice.facts.valid_until) == (Kind.NOTICE, office.now + 3 * DAY), "it ends by itself"
    assert seen["tinh/sang.toml"].custom == {"published": office.now}


def test_audio_is_levelled_mono_and_made_once(office: Office, client: Client) -> None:
    recording = sound(office.content / "tinh" / "nhac.wav", volume="-30dB")
    assert [it["path"] for it in office.publish()["new"]] == ["tinh/nhac.opus"]
    first = client.sees()["tinh/nhac.opus"].content
    heard = office.work / "heard.opus"
    heard.write_bytes(first)
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", heard, "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "Audio: opus, 48000 Hz, mono" in told
    assert loudness(told) == pytest.approx(-16, abs=0.7)
    (made,) = (office.work / "made").glob("*.opus")
    at = made.stat().st_mtime_ns
    recording.rename(recording.with_name("Nhạc hiệu.wav"))
    renamed = office.publish()
    assert ([it["path"] for it in renamed["new"]], renamed["gone"]) == (["tinh/nhac-hieu.opus"], ["tinh/nhac.opus"])
    assert made.stat().st_mtime_ns == at, "not made again"
    made.unlink()
    assert office.publish()["changed"] == [], "and made anew it is the same"
    assert client.sees()["tinh/nhac-hieu.opus"].content == first


def test_what_is_no_audio_is_refused_and_nothing_changes(office: Office) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    before = office.files()
    office.write("tinh/hong.mp3", "không phải âm thanh")
    office.write("xa-24169/khac.doc", "cũng không")
    told = office.refuses("publish", str(office.content))
    assert "tinh/hong.mp3" in told
    assert "xa-24169/khac.doc" in told
    assert office.files() == before


def test_what_is_wrong_with_a_recording_is_told_when_it_is_made(office: Office) -> None:
    sound(office.content / "tinh" / "to.wav", volume="20dB")
    told = office.does("publish", str(office.content))
    assert "tinh/to.wav: Tiếng bị vỡ vì thu quá to" in told.stderr
    assert "Mới: tinh/to.opus (to), " in told.stdout
    assert "tinh/to.wav" not in office.does("publish", str(office.content)).stderr


def test_a_wrong_passphrase_is_told_before_the_work(office: Office) -> None:
    sound(office.content / "tinh" / "nhac.wav")
    assert "Mật khẩu của khoá này không đúng" in office.refuses(
        "publish", str(office.content), typed="mat khau sai\n"
    )
    assert not list((office.work / "made").glob("*.opus"))


def test_a_disk_that_does_not_take_it_is_told(office: Office) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    before = office.files()
    (office.tree.folder / "targets").write_text("ở đây đã có một tệp")
    assert "Không đọc hoặc ghi được tệp" in office.refuses("publish", str(office.content))
    (office.tree.folder / "targets").unlink()
    assert office.files() == before
    assert "Không có thư mục này" in Office(office.work / "khong-co", office.content).refuses("renew")
    assert not (office.work / "khong-co").exists()


def test_nothing_new_changes_nothing(office: Office) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    before = office.files()
    told = office.publish()
    assert (told["new"], told["changed"], told["gone"], told["signed"]) == ([], [], [], [])
    assert office.files() == before


def test_only_what_changed_is_signed_and_content_stays_as_old_as_it_is(office: Office, client: Client) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.write("xa-24169/rieng.txt", "Riêng xã.")
    office.publish()
    since = client.sees()["tinh/hop.txt"].custom["published"]
    version = current(office).groups["tinh"].signed.version
    office.write("xa-24169/rieng.txt", "Riêng xã, sửa.")
    told = office.publish()
    assert ([it["path"] for it in told["changed"]], told["signed"]) == (
        ["xa-24169/rieng.txt"],
        ["xa-24169", "snapshot", "timestamp"],
    )
    assert current(office).groups["tinh"].signed.version == version
    seen = client.sees()
    assert seen["tinh/hop.txt"].custom["published"] == since
    assert seen["xa-24169/rieng.txt"].custom["published"] == office.now
    office.write("tinh/hop.toml", 'title = "Họp dân"')
    office.publish()
    assert (client.sees()["tinh/hop.txt"].custom["title"], since) == ("Họp dân", since)
    assert client.sees()["tinh/hop.txt"].custom["published"] == since


def test_what_is_over_leaves_and_does_not_come_back_as_new(office: Office, client: Client) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.write("tinh/hoi-thao.txt", "Hội thảo.")
    office.write("tinh/hoi-thao.toml", 'valid_until = "2026-11-20T17:00:00+07:00"')
    office.publish()
    assert len(client.sees()) == 2
    for _ in range(2):
        office.now += 3 * DAY
        told = office.publish()
        assert "tinh/hop.txt" in {it["path"] for it in told["expired"]}
        assert "tinh/hop.txt" not in client.sees()
    office.write("tinh/hop.txt", "Mời họp lần nữa.")
    office.publish()
    assert "tinh/hop.txt" in client.sees()


def test_a_group_that_is_gone_is_empty_for_who_knew_it(office: Office, client: Client) -> None:
    office.write("tinh/chung.txt", "Chung.")
    file = office.write("xa-24169/rieng.txt", "Riêng.")
    office.publish()
    assert len(client.sees()) == 2
    file.unlink()
    file.parent.rmdir()
    (office.work / "province.toml").write_text('name = "Tỉnh Thử"\n')
    assert office.publish()["gone"] == ["xa-24169/rieng.txt"]
    assert set(client.sees()) == {"tinh/chung.txt"}


def test_a_commune_that_joins_an_area_is_in_its_group(office: Office, client: Client) -> None:
    office.write("vung-mien-nui/sat-lo.txt", "Sạt lở.")
    office.publish()
    file = office.work / "province.toml"
    file.write_text(file.read_text().replace('"Xã Đồng Bằng"', '"Xã Đồng Bằng"\nareas = ["mien-nui"]'))
    assert office.publish()["signed"] == ["targets", "snapshot", "timestamp"]
    assert client.sees()["vung-mien-nui/sat-lo.txt"].communes == ("24169", "24172")


def test_old_files_go_after_two_days(office: Office) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    first = set(office.files()) - set(office.tree.unnamed())
    office.now += 30 * DAY
    office.write("tinh/hop.txt", "Mời họp, sửa.")
    office.publish()
    assert first <= set(office.files()), "a station may be in the middle"
    office.now += DAY
    office.publish()
    assert first <= set(office.files())
    office.now += DAY
    office.publish()
    left = set(office.files())
    assert sorted(it.partition(".")[2] for it in first - left) == ["hop.txt", "snapshot.json", "tinh.json"]
    assert len(left) == 9, "root, targets, timestamp, three groups without files, and those three anew"


def test_what_expires_before_long_is_signed_again_by_any_publishing(office: Office) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.write("tinh/hop.toml", 'kind = "feature"')
    office.publish()
    office.now += 8 * DAY
    assert office.publish()["signed"] == ["timestamp"]
    office.now += 83 * DAY
    groups = ["tinh", "vung-mien-nui", "xa-24169", "xa-24172"]
    assert office.publish()["signed"] == [*groups, "targets", "snapshot", "timestamp"]


def test_by_a_real_server(office: Office, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    with ProvinceServer(office.work, tmp_path / "nginx") as server:
        assert set(client.sees(Urllib3Fetcher(), server.plain_tree.rstrip("/"))) == {"tinh/hop.txt"}


def test_a_tree_from_an_old_backup_does_not_go_back(office: Office, client: Client, tmp_path: Path) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    backup = copied(office, tmp_path / "backup")
    for words in ("một", "hai"):
        office.write("tinh/hop.txt", words)
        office.publish()
    client.sees()
    copied(backup, office.work)
    office.write("tinh/hop.txt", "ba")
    office.publish()
    assert client.sees()["tinh/hop.txt"].content == b"ba\n"


def test_more_than_stations_take_is_refused(office: Office, client: Client) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    before, target = office.files(), TargetFile(1, {"sha256": "a" * 64}, "tinh/a.txt", {"custom": "a" * 5_000_000})
    signing = Signing(
        office.tree, Keys(office.work / "keys", [], lambda _: PASSPHRASE), [root_of(office)], office.now
    )
    with pytest.raises(Refused, match="tinh: Có quá nhiều tệp"):
        signing.sign_all(Wanted({"tinh": {target.path: target}}, {"tinh": None}))
    assert office.files() == before
    assert len(client.sees()) == 1


def root_of(office: Office) -> Root:
    return office.tree.root().signed


def test_two_at_a_time_do_not_meet(office: Office) -> None:
    import fcntl  # noqa: PLC0415 - only here

    office.write("tinh/hop.txt", "Mời họp.")
    with (office.work / ".lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for command in (["publish", str(office.content)], ["renew"], ["revoke", "targets"], ["enrol", "24169"]):
            assert "Một lệnh khác đang làm việc" in office.refuses(*command)


def test_killed_at_any_write_a_tree_is_what_it_was_or_what_it_becomes(office: Office, tmp_path: Path) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.write("xa-24169/rieng.txt", "Riêng.")
    office.publish()
    root, old_client = office.tree.root_content(), tmp_path / "old"
    old = plain(Client(old_client, office, root).sees())
    office.write("tinh/hop.txt", "Mời họp, sửa.")
    office.write("tinh/lich/sang.toml", SCHEDULE.format(play="hop"))
    office.write("vung-mien-nui/them.txt", "Thêm.")
    (office.content / "xa-24169" / "rieng.txt").unlink()
    done = copied(office, tmp_path / "done")
    done.publish()
    new = plain(Client(tmp_path / "c", done, root).sees())
    assert set(new) == {"tinh/hop.txt", "tinh/sang.toml", "vung-mien-nui/them.txt"}
    seen = []
    for write in range(1, 100):
        broken = copied(office, tmp_path / "broken")
        if not killed_at(write, broken.publish):
            break
        station = Client(tmp_path / f"{write}", broken, root)
        found = plain(station.sees())
        seen.append(found)
        broken.now += SECOND
        broken.publish()
        repaired = plain(station.sees())
        assert {path: it[0] for path, it in repaired.items()} == {path: it[0] for path, it in new.items()}
        if found == new:
            assert repaired == new, "what was published then stays so"
    assert seen == [old] * (len(seen) - 1) + [new], "the last write but one, of the timestamp, is what counts"
    assert len(seen) > 8


def test_a_station_without_the_library_that_signs_verifies_and_does_not_sign(
    office: Office, tmp_path: Path
) -> None:
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    script = f"""
import sys
sys.modules["cryptography"] = None
import station.cli
before = set(sys.modules)
from pathlib import Path
from tests.centre.office import Client, Office
office = Office(Path({str(office.work)!r}), Path())
assert set(Client(Path({str(tmp_path / "client")!r}), office).sees()) == {{"tinh/hop.txt"}}
from station.cli import main
assert "station.centre.keys" not in before, "a player, which loads every command, does not hold what signs"
main(["province", "--at", {str(office.work)!r}, "renew"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    wanted = "Máy này chưa có thư viện để ký. Trong thư mục chương trình, chạy: pip install '.[province]'\n"
    assert done.stderr == wanted
