"""What the real client believes: nothing of a forger, no past, no mixture, and only so much of a thief's word."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tuf.api.metadata import MetaFile, Snapshot, Timestamp

from station.province.stick import Stick
from station.province.trust import first_root
from station.rules.now import DAY
from station.rules.trouble import Refused
from station.stores.enrolment import keep_enrolment
from tests.province.stations import Folder, Hands, Station
from tests.rig.tree import Tree, ago, key, signed_by

OLD, NEW = b"OggS ban tin cu", b"OggS ban tin moi"
NEWS = "tinh/thoi-su.opus"
HERE = "xa-00001/rieng.txt"
ROLES = ("timestamp", "snapshot", "targets", "tinh")
BELIEVED = {NEWS: OLD, HERE: b"Xin chao"}


@pytest.fixture
def station(station: Station, tree: Tree) -> Station:
    """It has believed the tree once, and there is something new since."""
    tree.offer(NEWS, OLD, title="Thời sự")
    tree.offer(HERE, b"Xin chao")
    tree.publish()
    assert station.synchronise().trouble is None
    assert station.has == BELIEVED
    return station


def news(tree: Tree) -> None:
    tree.offer(NEWS, NEW, title="Thời sự")
    tree.publish()


def newest(tree: Tree, role: str) -> str:
    signed = {"timestamp": tree.timestamp, "snapshot": tree.snapshot, "targets": tree.targets, **tree.group}[role]
    return "timestamp.json" if role == "timestamp" else f"{signed.version}.{role}.json"


def refuses(station: Station, *words: str) -> None:
    """It says these words, keeps what it had, and is not misled afterwards either."""
    contact = station.synchronise()
    station.is_told(contact, *words)
    assert station.has == BELIEVED


def recovers(station: Station, tree: Tree) -> None:
    """With an honest tree all is well again."""
    news(tree)
    assert station.synchronise().trouble is None
    assert station.has == {**BELIEVED, NEWS: NEW}


def test_a_station_has_what_is_for_everyone_and_for_its_commune_and_nothing_else(station: Station, tree: Tree):
    tree.offer("xa-00002/khac.txt", b"Xin chao xa khac")
    tree.publish()
    assert station.synchronise().trouble is None
    assert station.has == BELIEVED
    believed = {it.name for it in (station.province / "metadata").glob("*.json")}
    assert "xa-00001.json" in believed and "xa-00002.json" not in believed


def test_a_tree_of_other_keys_is_forged(station: Station, tmp_path: Path):
    forged = Tree(tmp_path / "forged")
    forged.offer(NEWS, NEW)
    for _ in range(5):
        forged.publish()
    contact = station.synchronise(Folder(forged.folder))
    station.is_told(contact, "Chữ ký", "giả mạo", "timestamp.json")
    assert station.has == BELIEVED
    recovers(station, station.tree)


@pytest.mark.parametrize("role", ROLES)
def test_one_bit_of_a_signature_is_enough(role: str, station: Station, tree: Tree):
    news(tree)

    def flip(told: Any) -> None:
        signature = told["signatures"][0]["sig"]
        told["signatures"][0]["sig"] = signature[:-1] + f"{int(signature[-1], 16) ^ 1:x}"

    tree.alter(newest(tree, role), flip)
    refuses(station, "Chữ ký", newest(tree, role))
    recovers(station, tree)


@pytest.mark.parametrize("role", ROLES)
def test_what_was_changed_after_it_was_signed_is_refused(role: str, station: Station, tree: Tree):
    news(tree)
    tree.alter(newest(tree, role), lambda told: told["signed"].update(x=1))
    refuses(station, "Chữ ký", newest(tree, role))
    recovers(station, tree)


def test_an_old_tree_shown_again_is_refused(station: Station, tree: Tree, tmp_path: Path):
    old = tree.copy(tmp_path / "old")
    news(tree)
    station.synchronise()
    contact = station.synchronise(Folder(old))
    station.is_told(contact, "cũ hơn", "phát lại", "timestamp.json")
    assert contact.attack
    assert station.has == {**BELIEVED, NEWS: NEW}


def test_an_old_stick_is_only_old(station: Station, tree: Tree, tmp_path: Path):
    old = tree.copy(tmp_path / "old")
    news(tree)
    station.synchronise()
    alone = station.synchronise(Stick(old))
    station.is_told(alone, "USB này cũ hơn")
    assert not alone.attack
    assert "phát lại" not in str(alone.trouble)
    beside = station.synchronise(Stick(old), Folder(tree.folder))
    assert beside.trouble is None
    assert [it.what for it in beside.refused] == [alone.trouble and alone.trouble.what]
    assert station.has == {**BELIEVED, NEWS: NEW}


@pytest.mark.parametrize("role", ["snapshot", "targets", "tinh"])
def test_one_part_of_the_past_under_a_new_name_is_refused(role: str, station: Station, tree: Tree):
    old = (tree.metadata / newest(tree, role)).read_bytes()
    news(tree)
    news(tree)
    assert station.synchronise().trouble is None
    station.tree.offer(NEWS, OLD)
    tree.publish()
    (tree.metadata / newest(tree, role)).write_bytes(old)
    contact = station.synchronise()
    station.is_told(contact, "cũ hơn", newest(tree, role))
    assert station.has == {**BELIEVED, NEWS: NEW}


def test_a_snapshot_that_names_an_older_group_is_refused(station: Station, tree: Tree):
    tree.group["tinh"].version -= 2
    tree.publish()
    refuses(station, "cũ hơn", "snapshot.json")


def test_a_snapshot_that_forgets_a_group_is_refused(station: Station, tree: Tree):
    tree.snapshot.version += 1
    del tree.snapshot.meta["xa-00002.json"]
    tree.put(f"{tree.snapshot.version}.snapshot.json", tree.snapshot, tree.keys["targets"])
    tree.renew()
    refuses(station, "không khớp", "snapshot.json")


@pytest.mark.parametrize("role", ["snapshot", "targets", "tinh"])
def test_parts_that_were_not_signed_together_are_refused(role: str, station: Station, tree: Tree, tmp_path: Path):
    news(tree)
    now = tree.copy(tmp_path / "now")
    name = newest(tree, role)
    news(tree)
    (now / "metadata" / name).write_bytes((tree.metadata / newest(tree, role)).read_bytes())
    contact = station.synchronise(Folder(now))
    station.is_told(contact, "không khớp", name)
    assert station.has == BELIEVED


def frozen_at(tree: Tree, role: str) -> None:
    """Publish with that role past its date."""
    signed = {"timestamp": tree.timestamp, "snapshot": tree.snapshot, "targets": tree.targets, **tree.group}
    if role == "root":
        tree.root.expires = ago(2)
        tree.root.version += 1
        tree.put(f"{tree.root.version}.root.json", tree.root, tree.keys["root"])
    else:
        signed[role].expires = ago(2)
    news(tree)


@pytest.mark.parametrize("role", ["root", *ROLES])
def test_what_is_past_its_date_is_refused_and_told_as_that(role: str, station: Station, tree: Tree):
    frozen_at(tree, role)
    refuses(station, "hết hạn", f"{role}.json", "giữ lại")


@pytest.mark.parametrize("role", ["root", *ROLES])
def test_a_clock_that_is_fast_is_told_by_the_servers_date(role: str, station: Station, tree: Tree):
    frozen_at(tree, role)
    server = Folder(tree.folder)
    server.date = Hands().now().wall - 3 * DAY  # by which nothing is past its date
    contact = station.synchronise(server)
    station.is_told(contact, "Đồng hồ của đài có lẽ sai", "Không phải lỗi của tỉnh")
    assert station.has == BELIEVED
    server.date = Hands().now().wall - DAY // 2  # by which it is
    station.is_told(station.synchronise(server), "hết hạn", "giữ lại")


def test_a_clock_that_nobody_vouches_for_accuses_nobody(station: Station, tree: Tree):
    frozen_at(tree, "timestamp")
    station.clock = Hands(trusted=False)
    refuses(station, "Đồng hồ của đài chưa được chỉnh")


def test_an_expired_stick_is_only_expired(station: Station, tree: Tree):
    frozen_at(tree, "timestamp")
    contact = station.synchronise(Stick(tree.folder))
    station.is_told(contact, "USB này đã hết hạn")


def test_who_does_not_renew_is_told_of_before_it_is_too_late(station: Station, tree: Tree):
    station.clock = Hands(4 * DAY)
    contact = station.synchronise()
    station.is_told(contact, "Đã 4 ngày tỉnh chưa ký lại")
    assert contact.good_at and contact.tried_at and contact.good_at >= contact.tried_at
    assert station.synchronise(Stick(tree.folder)).trouble is None  # of a stick that is nothing new
    tree.renew()
    station.clock = Hands()
    assert station.synchronise().trouble is None


@pytest.mark.parametrize(
    ("role", "size"), [("timestamp", 17 << 10), ("snapshot", 3 << 20), ("targets", 9 << 20), ("tinh", 9 << 20)]
)
def test_gigantic_metadata_is_not_taken_in(role: str, size: int, station: Station, tree: Tree):
    news(tree)
    with (tree.metadata / newest(tree, role)).open("ab") as file:
        file.truncate(size)
    refuses(station, "dài hơn mức cho phép", newest(tree, role))
    recovers(station, tree)


@pytest.mark.parametrize(
    "content",
    [b"", b"[" * 10_000, b'{"signed":' * 1_500, b"\xff" * 99, b'{"signed":{"_type":"timestamp","version":1e999}}'],
)
def test_what_is_no_metadata_is_told_as_that(content: bytes, station: Station, tree: Tree):
    (tree.metadata / "timestamp.json").write_bytes(content)
    refuses(station, "không phải là dữ liệu có chữ ký", "timestamp.json")
    recovers(station, tree)


def test_a_tree_that_is_not_all_there_is_told_as_that(station: Station, tree: Tree):
    news(tree)
    (tree.metadata / newest(tree, "tinh")).unlink()
    refuses(station, "không có tệp", newest(tree, "tinh"))


# Keys that change.


def test_a_revoked_key_is_believed_no_more(station: Station, tree: Tree):
    for role in ("timestamp", "targets"):
        thief = tree.keys[role]
        tree.rotate(role, [key()])
        if role == "targets":
            theirs = tree.keys["targets"][0].public_key
            assert tree.targets.delegations and tree.targets.delegations.roles
            tree.targets.delegations.keys = {theirs.keyid: theirs}
            for delegated in tree.targets.delegations.roles.values():
                delegated.keyids = [theirs.keyid]
        tree.publish()
        assert station.synchronise().trouble is None
        honest, tree.keys[role] = tree.keys[role], thief
        tree.publish()
        refuses(station, "Chữ ký")
        tree.keys[role] = honest
    recovers(station, tree)


def test_the_root_is_followed_over_many_changes_and_never_backwards(station: Station, tree: Tree):
    first = tree.keys["root"]
    for _ in range(3):
        tree.rotate("root", [key()])
    recovers(station, tree)
    tree.root.version += 1
    tree.put(f"{tree.root.version}.root.json", tree.root, first)
    contact = station.synchronise()
    station.is_told(contact, "Chữ ký", f"{tree.root.version}.root.json")


@pytest.mark.parametrize("signers", [(0,), (1, 1), (0, 2)])
def test_a_root_of_three_needs_two(signers: tuple[int, ...], tmp_path: Path):
    tree = Tree(tmp_path / "three", roots=3, threshold=2)
    station = Station(tmp_path / "home", tree)
    assert station.synchronise().trouble is None
    tree.root.version += 1
    tree.put("2.root.json", tree.root, [tree.keys["root"][it] for it in dict.fromkeys(signers)])
    contact = station.synchronise()
    if len(set(signers)) == 2:
        assert contact.trouble is None
    else:
        station.is_told(contact, "Chữ ký", "2.root.json")


def test_without_its_root_a_station_believes_nobody(station: Station):
    (station.province / "root.json").write_bytes(b"{}")
    refuses(station, "Khóa gốc")


# A thief with the timestamp key, and nothing else.


@pytest.fixture
def thief(station: Station, tree: Tree, tmp_path: Path) -> Callable[[int, int], Folder]:
    """Who has the tree as it was, the old one, and the key; it shows which snapshot, by which version, it likes."""
    news(tree)
    assert station.synchronise().trouble is None
    shown = tree.copy(tmp_path / "shown")

    def show(version: int, snapshot: int) -> Folder:
        timestamp = Timestamp(version=version, expires=ago(-300), snapshot_meta=MetaFile(snapshot))
        (shown / "metadata/timestamp.json").write_bytes(signed_by(tree.keys["timestamp"], timestamp))
        return Folder(shown)

    return show


def test_the_thief_of_the_timestamp_key_can_keep_news_away(thief: Any, station: Station, tree: Tree):
    frozen = thief(tree.timestamp.version + 1, tree.snapshot.version)
    tree.offer(NEWS, OLD)
    tree.publish()
    contact = station.synchronise(frozen)
    assert contact.trouble is None
    assert station.has == {**BELIEVED, NEWS: NEW}
    station.clock = Hands(4 * DAY)
    station.is_told(station.synchronise(frozen), "ký lại")  # and is noticed, unless he goes on signing


def test_he_can_not_bring_back_the_past(thief: Any, station: Station, tree: Tree):
    contact = station.synchronise(thief(tree.timestamp.version + 1, tree.snapshot.version - 1))
    station.is_told(contact, "cũ hơn", "timestamp.json")
    assert station.has == {**BELIEVED, NEWS: NEW}


def test_he_can_not_sign_what_is_new(thief: Any, station: Station, tree: Tree):
    version = tree.snapshot.version + 1
    shown = thief(tree.timestamp.version + 1, version)
    snapshot = Snapshot(version=version, expires=ago(-9), meta=tree.snapshot.meta)
    forged = Path(shown.name) / f"metadata/{version}.snapshot.json"
    forged.write_bytes(signed_by(tree.keys["timestamp"], snapshot))
    station.is_told(station.synchronise(shown), "Chữ ký", forged.name)
    assert station.has == {**BELIEVED, NEWS: NEW}


def test_when_his_key_is_revoked_a_station_recovers_even_from_a_leap(thief: Any, station: Station, tree: Tree):
    leapt = thief(2**31, 2**31)
    assert station.synchronise(leapt).trouble
    tree.publish()
    station.is_told(station.synchronise(), "cũ hơn")  # since what he signed was believed
    tree.rotate("timestamp", [key()])
    tree.offer(NEWS, OLD)
    tree.publish()
    assert station.synchronise().trouble is None
    assert station.has == BELIEVED
    station.is_told(station.synchronise(leapt), "Chữ ký")


# Groups, and what they may offer.


def test_a_group_may_not_speak_for_another(station: Station, tree: Tree):
    tree.group["xa-00001"].targets[NEWS] = tree.group["tinh"].targets[NEWS]
    tree.withdraw(NEWS)
    tree.publish()
    contact = station.synchronise()
    assert contact.trouble is None
    assert [it.what for it in contact.refused] == ["Nhóm “xa-00001” khai một tệp ngoài nhóm của mình."]
    assert station.has == {HERE: BELIEVED[HERE]}


@pytest.mark.parametrize(
    "path",
    [
        "tinh/../../../etc/passwd.txt",
        "tinh/..",
        "tinh//etc/x.txt",
        "tinh/a/b.txt",
        "tinh/A.txt",
        "tinh/a.txt\n",
        "tinh/a\0.txt",
        "tinh/a.exe",
        "tinh/-.txt",
        "tinh/%2e%2e.txt",
        f"tinh/{'a' * 300}.txt",
        "/tinh/a.txt",
        "../tinh/a.txt",
    ],
)
def test_names_that_lead_elsewhere_are_refused(path: str, station: Station, tree: Tree):
    target = tree.group["tinh"].targets[NEWS]
    tree.group["tinh"].targets[path] = target
    tree.publish()
    before = {it.relative_to(station.province.parent) for it in station.province.parent.rglob("*")}
    contact = station.synchronise()
    assert contact.trouble is None
    assert len(contact.refused) == 1
    assert station.has == BELIEVED
    assert {it.relative_to(station.province.parent) for it in station.province.parent.rglob("*")} == before


@pytest.mark.parametrize("paths", [["tinh/*", "xa-00001/*"], ["vung-x/?*"], []])
def test_a_delegation_of_other_paths_is_refused(paths: list[str], station: Station, tree: Tree):
    tree.delegate("vung-x").paths = paths
    tree.publish()
    contact = station.synchronise()
    wrong = contact.trouble or contact.refused[0]
    assert "nhóm" in str(wrong)
    assert station.has == BELIEVED


def test_two_may_not_speak_for_one_group(station: Station, tree: Tree):
    tree.delegate("vung-x").paths = ["*/*"]
    tree.publish()
    refuses(station, "Tỉnh giao nhóm “tinh” cho nhiều khóa")


@pytest.mark.parametrize("name", ["..", "tinh-khac", "Tinh"])
def test_a_group_is_called_as_groups_are(name: str, station: Station, tree: Tree):
    tree.delegate(name)
    tree.publish()
    contact = station.synchronise()
    assert (contact.trouble, [it.where for it in contact.refused]) == (None, [name])
    assert station.has == BELIEVED


@pytest.mark.parametrize("name", ["root", "timestamp", "snapshot", "targets"])
def test_a_group_is_never_called_as_what_it_hangs_on(name: str, station: Station, tree: Tree):
    tree.delegate(name)
    tree.publish()
    refuses(station, "không phải là dữ liệu có chữ ký", "3.targets.json")


@pytest.mark.parametrize("codes", ["00001", [1], {"00001": True}, 1])
def test_a_group_of_nobody_knows_whom_is_refused(codes: Any, station: Station, tree: Tree):
    tree.delegate("vung-x").unrecognized_fields["x-loa-xa-communes"] = codes
    tree.publish()
    contact = station.synchronise()
    assert [it.where for it in contact.refused] == ["vung-x"]


def test_a_tree_without_groups_has_nothing(station: Station, tree: Tree):
    tree.targets.delegations = None
    tree.publish()
    assert station.synchronise().trouble is None
    assert station.has == {}


# The first root.


def test_the_first_root_is_the_one_of_the_enrolment(tree: Tree, tmp_path: Path):
    root = (tree.metadata / "1.root.json").read_bytes()
    nobody = Folder(tmp_path / "nobody")
    assert first_root(tree.enrolment(), [nobody, Folder(tree.folder)]) == root
    other = Tree(tmp_path / "other")
    with pytest.raises(Refused, match="KHÔNG khớp với dòng ghi danh"):
        first_root(tree.enrolment(), [Folder(other.folder), Folder(tree.folder)])
    with pytest.raises(Refused, match="USB"):
        first_root(tree.enrolment(), [nobody])
    with pytest.raises(Refused):
        first_root(tree.enrolment(), [])


def test_an_enrolment_may_begin_with_a_later_root(station: Station, tree: Tree):
    tree.rotate("root", [key()])
    root = (tree.metadata / "2.root.json").read_bytes()
    enrolment = evolve(tree.enrolment(), root=hashlib.sha256(root).hexdigest(), root_version=2)
    assert first_root(enrolment, [Folder(tree.folder)]) == root
    keep_enrolment(station.province, enrolment, root)
    recovers(station, tree)


def test_whom_a_station_believed_before_means_nothing_to_another_province(station: Station, tmp_path: Path):
    other = Tree(tmp_path / "other")
    other.offer("tinh/khac.txt", b"Xin chao tu tinh khac")
    other.publish()
    keep_enrolment(station.province, other.enrolment(), (other.metadata / "1.root.json").read_bytes())
    assert station.synchronise(Folder(other.folder)).trouble is None
    assert station.has == {"tinh/khac.txt": b"Xin chao tu tinh khac"}
    station.is_told(station.synchronise(), "Chữ ký")
