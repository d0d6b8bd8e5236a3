"""Keys over the years: made, renewed, replaced; and what a station that began with the first root makes of it."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tuf.api.exceptions import BadVersionNumberError, ExpiredMetadataError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root

from station.centre.published_tree import Current
from station.rules.now import DAY, SECOND
from tests.centre.office import PASSPHRASE, Client, Office, copied, killed_at, plain


@pytest.fixture
def published(office: Office) -> Office:
    office.write("tinh/hop.txt", "Mời họp.")
    office.write("tinh/hop.toml", 'kind = "feature"')
    office.write("xa-24169/rieng.txt", "Riêng.")
    office.write("xa-24169/rieng.toml", 'kind = "feature"')
    office.publish()
    return office


def strong(tmp_path: Path) -> Office:
    """An office of which two of three root keys must sign."""
    office = Office(tmp_path / "manh", tmp_path / "noi-dung")
    office.prepare("--root-keys", "3", "--threshold", "2")
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    return office


def root(office: Office) -> Root:
    return office.tree.root().signed


def current(office: Office) -> Current:
    found = office.tree.current()
    assert found
    return found


def signers(metadata: Metadata) -> set[str]:
    return set(metadata.signatures)


def lost(file: Path) -> None:
    file.unlink()


# init


def test_keys_are_for_their_owner_alone_and_need_a_passphrase(office: Office) -> None:
    keys = {it.name.rpartition("-")[0]: it for it in (office.work / "keys").glob("*.pem")}
    assert set(keys) == {"root-1", "targets", "timestamp"}
    assert {oct(it.stat().st_mode & 0o777) for it in keys.values()} == {"0o600"}
    assert oct((office.work / "keys").stat().st_mode & 0o777) == "0o700"
    encrypted = {name: "ENCRYPTED" in it.read_text() for name, it in keys.items()}
    assert encrypted == {"root-1": True, "targets": True, "timestamp": False}
    assert not any(PASSPHRASE in it.read_text(errors="replace") for it in office.work.rglob("*.*"))


def test_the_root_says_who_signs_what(office: Office) -> None:
    said = root(office)
    assert said.consistent_snapshot
    assert {name: len(it.keyids) for name, it in said.roles.items()} == dict.fromkeys(said.roles, 1)
    assert said.roles["targets"].keyids == said.roles["snapshot"].keyids
    assert {it.keytype for it in said.keys.values()} == {"ed25519"}
    left = {
        name: (it.signed.expires.timestamp() * SECOND - office.now) / DAY for name, it in all_of(office).items()
    }
    assert left == {"root": 365, "targets": 180, "snapshot": 180, "timestamp": 14}


def all_of(office: Office) -> dict[str, Metadata]:
    seen = current(office)
    return {
        "root": office.tree.root(),
        "targets": seen.targets,
        "snapshot": seen.snapshot,
        "timestamp": seen.timestamp,
    }


def test_a_folder_with_keys_is_left_alone(office: Office) -> None:
    before = {it: it.read_bytes() for it in office.work.rglob("*") if it.is_file()}
    assert "đã có khoá" in office.refuses("init")
    assert {it: it.read_bytes() for it in office.work.rglob("*") if it.is_file()} == before


def test_keys_without_a_root_are_what_a_broken_beginning_left(office: Office) -> None:
    shutil.rmtree(office.tree.folder)
    assert "bị ngắt giữa chừng" in office.refuses("init")
    assert "chưa có cây phát hành" in office.refuses("renew")
    shutil.rmtree(office.work / "keys")
    office.does("init")


def test_passphrases_are_asked_for_twice_and_not_guessed_soon(tmp_path: Path) -> None:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung")
    assert "ngắn hơn 12" in office.refuses("init", typed="ngan\nngan\n")
    assert office.says("init", typed="mot mat khau dai\nmat khau khac\n").exit_code == 1
    assert not (office.work / "keys").exists()
    own, other = "mat khau cua goc", "mat khau cua targets"
    office.does("init", typed=f"{own}\n{own}\n{other}\n{other}\n")
    file = office.work / "province.toml"
    assert "chưa có tên" in office.refuses("publish", str(tmp_path), typed="").lower()
    file.write_text(file.read_text().replace('""', '"Tỉnh Thử"', 1))
    office.write("tinh/hop.txt", "Mời họp.")
    assert "Mật khẩu của khoá này không đúng" in office.refuses("publish", str(office.content), typed=f"{own}\n")
    office.does("publish", str(office.content), typed=f"{other}\n")
    assert office.does("publish", str(office.content), typed="").stdout.startswith("Không có gì thay đổi.")
    office.does("renew", "--root", typed=f"{own}\n")


def test_more_must_sign_than_there_are(tmp_path: Path) -> None:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung")
    assert office.says("init", "--threshold", "2").exit_code == 2


# renew


def test_the_timestamp_is_renewed_with_its_key_alone(published: Office, client: Client) -> None:
    seen = client.sees()
    lost(published.key("root-1"))
    lost(published.key("targets"))
    lost(published.work / "province.toml")
    before = published.files()
    published.now += 10 * DAY
    assert published.does("renew").output == ""
    changed = {name for name, content in published.files().items() if before.get(name) != content}
    assert changed == {"metadata/timestamp.json"}
    published.now += 13 * DAY
    assert client.sees() == seen
    published.now += 2 * DAY
    with pytest.raises(ExpiredMetadataError):
        client.sees()


def test_a_snapshot_that_stations_would_refuse_is_not_vouched_for(published: Office, client: Client) -> None:
    seen = client.sees()
    version = current(published).timestamp.signed.snapshot_meta.version
    file = published.tree.folder / "metadata" / f"{version}.snapshot.json"
    right = file.read_text()
    file.write_text(right.replace('"tinh.json":{"version":1', '"tinh.json":{"version":2'))
    assert file.read_text() != right
    before = published.files()
    assert "không đúng chữ ký" in published.refuses("renew")
    file.write_text("{}")
    assert "bị thiếu hoặc hỏng" in published.refuses("renew")
    assert published.files() == {**before, f"metadata/{file.name}": b"{}"}
    file.write_text(right)
    published.does("renew")
    assert client.sees() == seen


def test_each_timestamp_is_another_second_s_for_who_looks_at_the_clock(published: Office) -> None:
    file = published.tree.folder / "metadata" / "timestamp.json"
    seen = []
    for _ in range(3):
        published.does("renew")
        seen.append(int(file.stat().st_mtime))
    assert len(set(seen)) == 3


def test_what_expires_is_told_in_time(published: Office) -> None:
    assert published.does("renew").stderr == ""
    published.now += 151 * DAY
    told = published.does("renew").stderr
    assert told == "Chữ ký của chương trình hết hạn sau 28 ngày. Chạy “station province publish”.\n"
    published.now += 194 * DAY
    assert "Khoá gốc hết hạn sau 19 ngày. Chạy “station province renew --root”." in published.does("renew").stderr
    published.does("publish", str(published.content))
    assert published.does("renew", "--root").stderr == ""
    assert (root(published).version, (root(published).expires - at(published)).days) == (2, 365)


def at(office: Office) -> dt.datetime:
    return dt.datetime.fromtimestamp(office.now / 1000, dt.UTC)


def test_a_root_is_renewed_for_who_began_with_the_first(published: Office, client: Client) -> None:
    seen = client.sees()
    for _ in range(3):
        published.now += 300 * DAY
        published.does("renew", "--root")
        published.does("publish", str(published.content))
    assert plain(client.sees()) == plain(seen)
    assert root(published).version == 4


# revoke


@pytest.mark.parametrize("role", ["timestamp", "targets"])
def test_a_key_is_replaced_and_the_thief_s_is_worth_nothing(
    published: Office, client: Client, tmp_path: Path, role: str
) -> None:
    stolen = copied(published, tmp_path / "thief")
    seen = client.sees()
    told = published.does("revoke", role)
    assert "gốc bản 2" in told.stdout
    published.does("publish", str(published.content))
    assert client.sees() == seen
    (keyid,) = root(stolen).roles[role].keyids
    assert keyid not in root(published).keys
    new = root(published).roles[role].keyids
    assert all(set(new) <= signers(it) for name, it in all_of(published).items() if name == role)
    if role == "targets":
        assert [signers(it) for it in current(published).groups.values()] == [set(new)] * 4
    # The thief signs what he likes, later than anything that was signed, and has his way with the server.
    stolen.now += 100 * SECOND
    stolen.write("tinh/hop.txt", "Lời kẻ gian.")
    stolen.publish()
    for name in stolen.files().keys() - {"metadata/1.root.json"}:
        (published.tree.folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(stolen.tree.folder / name, published.tree.folder / name)
    with pytest.raises(UnsignedMetadataError):
        client.sees()


def test_a_thief_who_ran_ahead_does_not_lock_the_province_out(
    published: Office, client: Client, tmp_path: Path
) -> None:
    """What was signed by stolen keys as if years had gone by is forgotten with the keys (fast-forward attack)."""
    stolen = copied(published, tmp_path / "thief")
    stolen.now += 100 * DAY
    stolen.write("tinh/hop.txt", "Lời kẻ gian.")
    stolen.publish()
    stolen.now = published.now
    assert Client(client.folder, stolen).sees()["tinh/hop.txt"].content == "Lời kẻ gian.\n".encode()
    published.write("tinh/hop.txt", "Lời thật.")
    published.publish()
    with pytest.raises(BadVersionNumberError):
        client.sees()
    published.does("revoke", "timestamp")
    published.does("revoke", "targets")
    assert client.sees()["tinh/hop.txt"].content == "Lời thật.\n".encode()


@pytest.mark.parametrize(("role", "needed_by"), [("timestamp", ["renew"]), ("targets", ["publish"])])
def test_a_key_that_is_lost_is_replaced_too(
    published: Office, client: Client, role: str, needed_by: list[str]
) -> None:
    seen = client.sees()
    lost(published.key(role))
    published.write("tinh/them.txt", "Thêm.")
    content = [str(published.content)] if needed_by == ["publish"] else []
    assert "Không thấy đủ tệp khoá" in published.refuses(*needed_by, *content)
    published.does("revoke", role)
    assert client.sees() == seen
    published.does("publish", str(published.content))
    published.does("renew")
    assert set(client.sees()) == {*seen, "tinh/them.txt"}


def test_enough_root_keys_must_be_there_and_one_of_them_may_be_lost(tmp_path: Path) -> None:
    office = strong(tmp_path)
    client = Client(tmp_path / "client", office)
    seen = client.sees()
    stick = tmp_path / "usb"
    stick.mkdir()
    for number in (1, 3):
        file = office.key(f"root-{number}")
        shutil.move(file, stick / file.name)
    lost(office.key("root-2"))
    told = office.refuses("revoke", "root-2")
    assert "Không thấy đủ tệp khoá" in told
    assert root(office).version == 1
    assert not list((office.work / "keys").glob("root-*")), "nothing was made in vain"
    old = root(office).roles["root"].keyids
    office.does("revoke", "root-2", keys=stick)
    new = root(office).roles["root"]
    assert (new.keyids[0], new.keyids[2], new.threshold) == (old[0], old[2], 2)
    assert new.keyids[1] not in old
    assert client.sees() == seen
    # By now the new key and one other are enough.
    lost(next(stick.glob("root-1-*")))
    office.does("renew", "--root", keys=stick)
    assert (root(office).version, client.sees() == seen) == (3, True)


def test_of_a_single_lost_root_key_nobody_makes_another(published: Office) -> None:
    lost(published.key("root-1"))
    before = published.files()
    assert "Không thấy đủ tệp khoá" in published.refuses("revoke", "root-1")
    assert published.files() == before


def test_without_the_timestamp_s_key_no_other_is_replaced_by_halves(published: Office, client: Client) -> None:
    seen, before = client.sees(), published.files()
    key = published.key("timestamp")
    kept = key.rename(published.work / "elsewhere.pem")
    lost(published.key("targets"))
    assert "Không thấy đủ tệp khoá" in published.refuses("revoke", "targets")
    assert published.files() == before
    kept.rename(key)
    published.does("revoke", "targets")
    assert client.sees() == seen


def test_there_is_no_such_key(office: Office) -> None:
    assert "Viết một trong: targets, timestamp, root-1." in office.refuses("revoke", "root-2")


def test_a_key_file_that_is_another_is_told(published: Office) -> None:
    file = published.key("timestamp")
    published.does("revoke", "timestamp")
    (other,) = set((published.work / "keys").glob("timestamp-*")) - {file}
    shutil.copy(file, other)
    assert "không phải là khoá mà tên tệp nói" in published.refuses("renew")
    other.write_text("hỏng")
    assert "Tệp khoá bị hỏng" in published.refuses("renew")


@pytest.mark.parametrize(
    ("command", "writes"),
    [
        (["revoke", "timestamp"], 3),
        (["revoke", "targets"], 9),
        (["revoke", "root-1"], 2),
        (["renew", "--root"], 1),
        (["renew"], 1),
    ],
)
def test_killed_at_any_write_a_tree_stays_right_and_the_command_can_be_given_again(
    published: Office, tmp_path: Path, command: list[str], writes: int
) -> None:
    first = Client(tmp_path / "first", published)
    seen = first.sees()
    for write in range(1, 100):
        broken = copied(published, tmp_path / "broken")
        if not killed_at(write, does(broken, command)):
            assert write == writes + 1
            return
        folder = tmp_path / f"{write}"
        shutil.copytree(first.folder, folder, symlinks=True)
        station = Client(folder, broken, published.tree.root_content())
        assert plain(station.sees()) == plain(seen)
        broken.now += SECOND
        broken.does(*command)
        broken.does("publish", str(broken.content))
        assert plain(station.sees()) == plain(seen)
        assert plain(Client(tmp_path / f"new{write}", broken).sees()) == plain(seen)


def does(office: Office, command: list[str]) -> Callable[[], object]:
    return lambda: office.does(*command)


def test_killed_while_a_lost_key_is_replaced_the_next_publishing_mends_it(
    published: Office, tmp_path: Path
) -> None:
    first = Client(tmp_path / "first", published)
    seen = first.sees()
    lost(published.key("targets"))
    for write in range(1, 100):
        broken = copied(published, tmp_path / "broken")
        if not killed_at(write, does(broken, ["revoke", "targets"])):
            assert write > 5
            return
        broken.now += SECOND
        if root(broken).version == 1:
            broken.does("revoke", "targets")
        broken.does("publish", str(broken.content))
        station = Client(tmp_path / f"{write}", broken, published.tree.root_content())
        assert plain(station.sees()) == plain(seen)
