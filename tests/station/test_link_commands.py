"""The link by the command line, as a separate program, against a real tree on a real nginx."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from station.desk.province import enrol, sync_now
from station.province.sync import alone
from station.rules.enrolment import Enrolment, fingerprint, to_line
from station.stores.enrolment import load_enrolment
from station.stores.home import Home, open_home, places
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


@pytest.fixture
def home(station: RunningStation) -> Home:
    return open_home(places(station.home))


@pytest.fixture
def enrolled(home: Home, wanted: Enrolment) -> Enrolment:
    """A station that believes the tree, and has had its news."""
    enrol(home, to_line(wanted), by="Lan", now=0)
    assert sync_now(home).troubles == ()
    assert titles(home) == ["Thông báo"]
    return wanted


def known(home: Home) -> Enrolment | None:
    return load_enrolment(home.places.province)


def titles(home: Home) -> list[str]:
    return [it.title for it in home.library.segments()]


def test_a_station_enrols_takes_the_news_and_leaves(station: RunningStation, home: Home, wanted: Enrolment):
    told = station.command("enrol", "-", given=f"{to_line(wanted)}\n")  # not in the shell's history
    assert told.returncode == 0, told.stderr
    for word in ("Tỉnh Thử", "00001", fingerprint(wanted.root)):
        assert word in told.stdout
    assert known(home) == wanted
    synced = station.command("sync", "--json")
    assert (synced.returncode, synced.stderr) == (0, "")
    link = json.loads(synced.stdout)
    assert (link["province"], link["source"]) == ("Tỉnh Thử", wanted.trees[0])
    assert link["tried_at"] <= link["good_at"] < link["signed_until"]
    assert (link["trouble"], link["loud"], link["arriving"]) == (None, False, [])
    assert titles(home) == ["Thông báo"]
    left = station.command("leave")
    assert left.returncode == 0, left.stderr
    assert known(home) is None
    assert titles(home) == []
    noted = " ".join(subject for _, _, subject in deeds(home))
    assert fingerprint(wanted.root) in noted
    assert "bi-mat" not in noted


def test_another_first_key_is_refused_loudly_until_it_is_meant(
    station: RunningStation, home: Home, enrolled: Enrolment, tmp_path: Path, tree: Tree
):
    forger = Tree(tmp_path / "forger")
    forged = forger.enrolment(*enrolled.trees)
    refused = station.command("enrol", to_line(forged))
    assert refused.returncode == 1
    for told in (fingerprint(enrolled.root), fingerprint(forged.root), "Kẻ giả mạo", "Gọi điện cho tỉnh"):
        assert told in refused.stderr
    mismatched = station.command("enrol", to_line(forged), "--replace")  # the server still has the right tree
    assert mismatched.returncode == 1
    assert "KHÔNG khớp" in mismatched.stderr
    assert known(home) == enrolled
    for place in forger.metadata.iterdir():
        (tree.metadata / place.name).write_bytes(place.read_bytes())
    replaced = station.command("enrol", to_line(forged), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert known(home) == forged
    assert titles(home) == ["Thông báo"]  # until the new one's word is here
    assert sync_now(home).troubles == ()
    assert titles(home) == []


def test_new_addresses_and_a_new_token_are_simply_taken(home: Home, enrolled: Enrolment):
    moved = evolve(enrolled, trees=(*enrolled.trees, "https://khac.example/"), token="moi")
    assert enrol(home, to_line(moved), by="Lan", now=0) == moved
    assert known(home) == moved


def test_a_folder_will_do_and_what_stands_in_the_way_is_a_sentence(
    station: RunningStation, home: Home, wanted: Enrolment, server: ProvinceServer, tree: Tree
):
    assert "chưa ghi danh" in station.command("sync").stderr
    enrol(home, to_line(wanted), by="Lan", now=0)
    server.stop()
    failed = station.command("sync", "--json")
    assert failed.returncode == 1
    assert failed.stderr.count("từ chối kết nối") == 1
    assert json.loads(failed.stdout)["trouble"]["mend"] in failed.stderr
    stick = tree.copy(station.home.parent / "stick" / "loa-xa").parent
    for folder in (stick, stick / "loa-xa"):
        carried = station.command("sync", "--from", str(folder))
        assert carried.returncode == 0, carried.stderr
    assert titles(home) == ["Thông báo"]


@pytest.mark.usefixtures("enrolled")
def test_two_do_not_synchronise_at_once_nor_does_one_leave_meanwhile(station: RunningStation, home: Home):
    with alone(home.places.province):
        for command in ("sync", "leave"):
            refused = station.command(command)
            assert refused.returncode == 1
            assert "đang đồng bộ" in refused.stderr
    assert known(home)


def test_a_line_that_is_none_is_refused(station: RunningStation):
    refused = station.command("enrol", "loaxa1:00000000eyJ9")
    assert refused.returncode == 1
    assert "Sao chép lại trọn dòng tỉnh gửi" in refused.stderr


@pytest.mark.usefixtures("enrolled")
def test_a_forged_word_is_loud_at_once(station: RunningStation, tree: Tree, tmp_path: Path):
    tree.keys["timestamp"] = Tree(tmp_path / "thief").keys["timestamp"]
    tree.renew()
    os.utime(tree.metadata / "timestamp.json", (0, 0))  # nginx tells files apart by their second
    attacked = station.json("sync")
    assert attacked["loud"] is True
    assert "không phải của tỉnh" in attacked["trouble"]["what"]
