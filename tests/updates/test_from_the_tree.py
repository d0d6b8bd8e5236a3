"""Updates from the signed tree: what the province offers is brought, and root installs it and nothing else."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from station.control.server import ControlServer
from station.province.sync import synchronise
from station.stores.offered_release import offered_release, place
from station.stores.pinned_province import Pin, pin, read_pin
from station.stores.release import running_version
from station.stores.update_notes import News, Stage, read_news
from tests.province.offers import NOW, level_quickly
from tests.province.stations import Folder, Station
from tests.rig.tree import Tree
from tests.updates.conftest import Machine
from tests.updates.releases import NEW, OLD, release, sha256
from tests.updates.test_calm import CALM, ON_AIR, Player


def offer(tree: Tree, content: bytes, group: str = "tinh", version: str = NEW) -> str:
    """The province offers a release; its sha256."""
    tree.offer(f"{group}/loa-xa.tar", content, version=version, title=f"Loa xã {version}", published=NOW)
    tree.publish()
    return sha256(content)


def offered(station: Station) -> str | None:
    """The version that the page would offer."""
    known = offered_release(station.home.places.release)
    return known.version if known else None


def is_refused(machine: Machine, news: News, *words: str) -> None:
    assert news.stage is Stage.REFUSED
    for word in words:
        assert word in news.sentence
    assert "Bản đang chạy vẫn như cũ." in news.sentence
    assert machine.installed == []
    assert read_news(machine.station.home.places.run) == news


# The way to the station


def test_a_release_comes_last_and_is_no_segment(station: Station, tree: Tree, monkeypatch: pytest.MonkeyPatch):
    level_quickly(monkeypatch)
    tree.offer("tinh/a.opus", b"a" * 90_000, kind="music", title="Rất dài", published=NOW)
    content = release()
    assert len(content) < 90_000
    offer(tree, content)
    coming = []
    synchronise(
        station.home, station.clock, sources=[Folder(tree.folder)], tell=lambda it: coming.append(it.arriving)
    )
    orders = {tuple(it.title for it in arriving) for arriving in coming if len(arriving) == 2}
    assert orders <= {("Rất dài", f"Loa xã {NEW}")}
    assert offered(station) == NEW
    assert station.home.library.find("province/loa-xa") is None
    assert not station.parts


def test_the_release_for_the_commune_alone_goes_first_and_what_is_withdrawn_goes(station: Station, tree: Tree):
    offer(tree, release("99.1.0"))
    offer(tree, release("99.2.0"), "xa-00001", "99.2.0")
    offer(tree, release("99.3.0"), "xa-00002", "99.3.0")
    assert station.synchronise().trouble is None
    assert offered(station) == "99.2.0"
    tree.withdraw("xa-00001/loa-xa.tar")
    tree.publish()
    station.synchronise()
    assert offered(station) == "99.1.0"
    tree.withdraw("tinh/loa-xa.tar")
    tree.publish()
    station.synchronise()
    assert offered(station) is None
    assert list(station.home.places.release.glob("*.tar")) == []


@pytest.mark.parametrize("version", [running_version(), OLD])
def test_what_is_not_newer_is_not_even_fetched(station: Station, tree: Tree, version: str):
    offer(tree, release(version), version=version)
    contact = station.synchronise()
    assert (contact.trouble, contact.refused, offered(station)) == (None, (), None)
    assert not station.home.places.release.exists()


def test_a_release_without_a_version_is_refused(station: Station, tree: Tree):
    tree.offer("tinh/loa-xa.tar", release(), title="Loa xã")
    tree.publish()
    assert len(station.synchronise().refused) == 1
    assert offered(station) is None


# Three outcomes


@pytest.mark.parametrize(
    ("status", "stage", "words"),
    [
        (0, Stage.UPDATED, f"Máy đã chuyển sang bản {NEW}."),
        (3, Stage.RETURNED, f"Bản {NEW} không chạy được, máy đã tự quay về bản {running_version()}. hỏng trang"),
        (1, Stage.FAILED, f"Chưa cài được bản {NEW}; bản {running_version()} vẫn chạy như cũ. hỏng trang"),
        (137, Stage.FAILED, f"Chưa cài được bản {NEW}; bản {running_version()} vẫn chạy như cũ. hỏng trang"),
    ],
)
def test_how_its_installer_ends_is_told(machine: Machine, tree: Tree, status: int, stage: Stage, words: str):
    wanted = offer(tree, release(status=status, words="hỏng trang", ballast=3))
    machine.station.synchronise()
    news = machine.asked(wanted)
    assert (news.stage, news.version, news.sentence) == (stage, NEW, words)
    assert machine.installed == [NEW]
    assert machine.left == set()
    run = machine.station.home.places.run
    assert read_news(run) == news
    assert stat.S_IMODE((run / "update.answer").stat().st_mode) == 0o644
    assert not (run / "update.request").exists()


def test_it_waits_until_nothing_is_on_air(machine: Machine, tree: Tree):
    wanted = offer(tree, release())
    machine.station.synchronise()
    run = machine.station.home.places.run
    player, seen = Player(ON_AIR, ON_AIR, CALM), []

    def answer(request: object) -> object:
        seen.append((machine.installed, read_news(run)))
        return player.answer(request)

    server = ControlServer(machine.station.home.places.socket, answer)
    try:
        assert machine.asked(wanted).stage is Stage.UPDATED
    finally:
        server.close()
    assert [it for it, _ in seen] == [[], [], []]
    waiting = seen[-1][1]
    assert waiting and waiting.stage is Stage.WAITING
    assert waiting.sentence == "Đang phát “Thời sự”. Máy chờ loa im 10 phút rồi mới cập nhật."


# What the station's user, who is not believed, can make of it


def test_nothing_is_installed_before_a_person_confirmed_the_province(machine: Machine, tree: Tree):
    wanted = offer(tree, release())
    machine.station.synchronise()
    machine.ground.pin.unlink()
    is_refused(machine, machine.asked(wanted), "sudo station update")
    pin(machine.ground.pin, Pin("0" * 64, "00001"))
    is_refused(machine, machine.asked(wanted), "tỉnh khác")
    machine.believe()
    machine.ground.pin.chmod(0o666)
    is_refused(machine, machine.asked(wanted), "chưa được xác nhận")
    machine.ground.pin.chmod(0o644)
    assert machine.asked(wanted).stage is Stage.UPDATED


def test_a_request_for_anything_but_the_offered_release_is_refused(machine: Machine, tree: Tree):
    offer(tree, release())
    mine = release("99.9.0")
    machine.station.synchronise()
    folder = machine.station.home.places.release
    (folder / f"{sha256(mine)}.tar").write_bytes(mine)
    told = json.loads((folder / "offer.json").read_text())
    (folder / "offer.json").write_text(json.dumps({**told, "sha256": sha256(mine), "length": len(mine)}))
    is_refused(machine, machine.asked(sha256(mine)), "không phải là bản tỉnh đang phát hành")


def test_a_release_for_another_commune_is_refused(machine: Machine, tree: Tree):
    theirs = release("99.3.0")
    wanted = offer(tree, theirs, "xa-00002", "99.3.0")
    machine.station.synchronise()
    folder = machine.station.home.places.release
    folder.mkdir()
    (folder / f"{wanted}.tar").write_bytes(theirs)
    is_refused(machine, machine.asked(wanted), "Tỉnh không phát hành bản nào cho xã này")
    other = Station(machine.station.home.places.home.parent / "other", tree, code="00002")
    other.synchronise()
    shutil.rmtree(machine.station.province)
    shutil.copytree(other.province, machine.station.province)
    is_refused(machine, machine.asked(wanted), "Tỉnh không phát hành bản nào cho xã này")


@pytest.mark.parametrize("change", [lambda it: it[:-512], lambda it: it + bytes(512), lambda it: it[::-1]])
def test_a_file_that_was_swapped_or_cut_is_refused(machine: Machine, tree: Tree, change):
    content = release()
    wanted = offer(tree, content)
    machine.station.synchronise()
    known = offered_release(machine.station.home.places.release)
    assert known
    place(machine.station.home.places.release, known).write_bytes(change(content))
    is_refused(machine, machine.asked(wanted))
    assert machine.left == set()


def test_metadata_that_somebody_else_signed_is_refused(machine: Machine, tree: Tree, tmp_path: Path):
    offer(tree, release())
    machine.station.synchronise()
    forged = Tree(tmp_path / "forged")
    mine = release("99.9.0")
    wanted = offer(forged, mine, version="99.9.0")
    forger = Station(tmp_path / "forger", forged)
    forger.synchronise()
    for name in ("timestamp.json", "snapshot.json", "targets.json", "tinh.json"):
        shutil.copy(forger.province / "metadata" / name, machine.station.province / "metadata" / name)
    shutil.copytree(forger.home.places.release, machine.station.home.places.release, dirs_exist_ok=True)
    is_refused(machine, machine.asked(wanted), "Chữ ký")
    shutil.rmtree(machine.station.province)
    shutil.copytree(forger.province, machine.station.province)
    is_refused(machine, machine.asked(wanted), "tỉnh khác")


def test_what_was_replaced_is_not_brought_back(machine: Machine, tree: Tree, tmp_path: Path):
    first = offer(tree, release("99.1.0"), version="99.1.0")
    machine.station.synchronise()
    kept = tmp_path / "kept"
    shutil.copytree(machine.station.home.places.home, kept)
    second = offer(tree, release("99.2.0"), version="99.2.0")
    machine.station.synchronise()
    assert machine.asked(second).stage is Stage.UPDATED
    machine.trace.unlink()
    for folder in ("province", "release"):
        shutil.rmtree(machine.station.home.places.home / folder)
        shutil.copytree(kept / folder, machine.station.home.places.home / folder)
    is_refused(machine, machine.asked(first), "cũ hơn")


def test_an_older_version_is_refused_though_it_is_signed(machine: Machine, tree: Tree):
    content = release(OLD)
    wanted = offer(tree, content, version=OLD)
    machine.station.synchronise()
    folder = machine.station.home.places.release
    folder.mkdir()
    (folder / f"{wanted}.tar").write_bytes(content)
    is_refused(machine, machine.asked(wanted), "không mới hơn")


def test_a_release_that_says_another_version_than_was_signed_is_refused(machine: Machine, tree: Tree):
    wanted = offer(tree, release(OLD), version=NEW)
    machine.station.synchronise()
    is_refused(machine, machine.asked(wanted), f"Tệp là bản {OLD}")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"sha256": 3}', b'{"sha256": "../../etc"}', b"\xff" * 9999]
)
def test_a_request_that_is_none_is_told(machine: Machine, content: bytes):
    (machine.station.home.places.run / "update.request").write_bytes(content)
    is_refused(machine, machine.answer(), "không đọc được")
    assert not (machine.station.home.places.run / "update.request").exists()


def test_neither_links_nor_pipes_lead_root_elsewhere(machine: Machine, tmp_path: Path):
    run, victim = machine.station.home.places.run, tmp_path / "victim"
    victim.write_text('{"sha256": "' + "0" * 64 + '"}')
    before = victim.read_bytes()
    (run / "update.request").symlink_to(victim)
    (run / "update.answer").symlink_to(victim)
    is_refused(machine, machine.answer(), "không đọc được")
    os.mkfifo(run / "update.request")
    is_refused(machine, machine.answer(), "không đọc được")
    assert victim.read_bytes() == before
    assert not (run / "update.answer").is_symlink()


def test_a_pin_survives_its_file_and_nothing_else_is_one(tmp_path: Path):
    file = tmp_path / "etc" / "province-root"
    pin(file, Pin("a" * 64, "24169"))
    assert read_pin(file) == Pin("a" * 64, "24169")
    for text in ("", "root = 3", 'root = "xyz"\ncode = "1"', f'root = "{"a" * 64}"'):
        file.write_text(text)
        assert read_pin(file) is None
