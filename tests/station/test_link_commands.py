"""The link by the command line, as a separate program, against a real tree on a real nginx."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from station.province.sync import alone
from station.rules.enrolment import Enrolment, fingerprint, to_line
from station.stores.enrolment import load_enrolment
from station.stores.home import open_home, places
from tests.rig.province_server import ProvinceServer
from tests.rig.tree import Tree
from tests.running import RunningStation
from tests.web.test_system import deeds

WORDS = "Mời bà con theo dõi.".encode()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "province" / "tree")
    tree.offer("tinh/thong-bao.txt", WORDS, title="Thông báo", kind="notice")
    tree.publish()
    return tree


@pytest.fixture
def server(tmp_path: Path, tree: Tree) -> Iterator[ProvinceServer]:
    work = tree.folder.parent
    (work / "htpasswd").touch()
    with ProvinceServer(work, tmp_path / "nginx") as server:
        yield server


@pytest.fixture
def wanted(tree: Tree, server: ProvinceServer) -> Enrolment:
    return evolve(tree.enrolment(server.plain_tree), token="bi-mat")


@pytest.fixture
def station(tmp_path: Path) -> RunningStation:
    return RunningStation(tmp_path, device="none")


def known(station: RunningStation) -> Enrolment | None:
    return load_enrolment(station.home / "province")


def test_a_station_enrols_takes_the_news_and_leaves(station: RunningStation, wanted: Enrolment):
    enrolled = station.command("enrol", to_line(wanted))
    assert enrolled.returncode == 0, enrolled.stderr
    for told in ("Tỉnh Thử", "00001", fingerprint(wanted.root)):
        assert told in enrolled.stdout
    assert known(station) == wanted
    synced = station.command("sync", "--json")
    assert (synced.returncode, synced.stderr) == (0, "")
    told = json.loads(synced.stdout)
    assert told["province"] == "Tỉnh Thử"
    assert told["source"] == wanted.trees[0]
    assert told["good_at"] == told["tried_at"] or told["good_at"] > told["tried_at"]
    assert (told["trouble"], told["loud"], told["arriving"]) == (None, False, [])
    assert [it["title"] for it in station.json("segments")] == ["Thông báo"]
    left = station.command("leave")
    assert left.returncode == 0, left.stderr
    assert known(station) is None
    assert station.json("segments") == []
    assert station.command("leave").returncode == 1
    noted = " ".join(subject for _, _, subject in deeds(open_home(places(station.home))))
    assert fingerprint(wanted.root) in noted
    assert "bi-mat" not in noted


def test_the_line_need_not_stand_in_the_shells_history(station: RunningStation, wanted: Enrolment):
    enrolled = station.command("enrol", "-", given=f"{to_line(wanted)}\n")
    assert enrolled.returncode == 0, enrolled.stderr
    assert known(station) == wanted


def test_another_first_key_is_refused_loudly_until_it_is_meant(
    station: RunningStation, wanted: Enrolment, tmp_path: Path, server: ProvinceServer, tree: Tree
):
    assert station.command("enrol", to_line(wanted)).returncode == 0
    assert station.command("sync").returncode == 0
    forger = Tree(tmp_path / "forger")
    forged = forger.enrolment(server.plain_tree)
    refused = station.command("enrol", to_line(forged))
    assert refused.returncode == 1
    for told in (fingerprint(wanted.root), fingerprint(forged.root), "Kẻ giả mạo", "Gọi điện cho tỉnh"):
        assert told in refused.stderr
    assert known(station) == wanted
    mismatched = station.command("enrol", to_line(forged), "--replace")  # the server still has the right tree
    assert mismatched.returncode == 1
    assert "KHÔNG khớp" in mismatched.stderr
    assert known(station) == wanted
    for place in (forger.metadata).iterdir():
        (tree.metadata / place.name).write_bytes(place.read_bytes())
    replaced = station.command("enrol", to_line(forged), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert known(station) == forged
    assert [it["title"] for it in station.json("segments")] == ["Thông báo"]  # until the new one's word is here
    assert station.json("sync")["trouble"] is None
    assert station.json("segments") == []


def test_new_addresses_and_a_new_token_are_simply_taken(station: RunningStation, wanted: Enrolment):
    assert station.command("enrol", to_line(wanted)).returncode == 0
    moved = evolve(wanted, trees=(*wanted.trees, "https://khac.example/"), token="moi")
    assert station.command("enrol", to_line(moved)).returncode == 0
    assert known(station) == moved


def test_a_folder_will_do_and_what_stands_in_the_way_is_a_sentence(
    station: RunningStation, wanted: Enrolment, server: ProvinceServer, tree: Tree, tmp_path: Path
):
    assert "chưa ghi danh" in station.command("sync").stderr
    assert station.command("enrol", to_line(wanted)).returncode == 0
    server.stop()
    failed = station.command("sync", "--json")
    assert failed.returncode == 1
    assert "từ chối kết nối" in failed.stderr
    assert json.loads(failed.stdout)["trouble"]["what"] in failed.stderr
    stick = tree.copy(tmp_path / "stick" / "loa-xa").parent
    for folder in (stick, stick / "loa-xa"):
        carried = station.command("sync", "--from", str(folder))
        assert carried.returncode == 0, carried.stderr
    assert [it["title"] for it in station.json("segments")] == ["Thông báo"]


def test_two_do_not_synchronise_at_once_nor_does_one_leave_meanwhile(station: RunningStation, wanted: Enrolment):
    assert station.command("enrol", to_line(wanted)).returncode == 0
    with alone(station.home / "province"):
        for command in ("sync", "leave"):
            refused = station.command(command)
            assert refused.returncode == 1
            assert "đang đồng bộ" in refused.stderr
    assert known(station) == wanted


@pytest.mark.parametrize("line", ["", "loaxa1:", "loaxa1:00000000eyJ9"])
def test_a_line_that_is_none_is_wrong(station: RunningStation, line: str):
    refused = station.command("enrol", "--", line)
    assert refused.returncode == 1
    assert "Sao chép lại trọn dòng tỉnh gửi" in refused.stderr


def test_a_forged_word_is_loud_at_once(station: RunningStation, wanted: Enrolment, tree: Tree, tmp_path: Path):
    assert station.command("enrol", to_line(wanted)).returncode == 0
    assert station.command("sync").returncode == 0
    tree.keys["timestamp"] = Tree(tmp_path / "thief").keys["timestamp"]
    tree.renew()
    attacked = station.json("sync")
    assert attacked["loud"] is True
    assert "không phải của tỉnh" in attacked["trouble"]["what"]
