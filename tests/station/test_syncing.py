"""The player's errand to the province: a real child that fetches, hangs, is killed, and dies with its player."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from station.control.client import ask
from station.control.messages import Answer, Play, Sync
from station.stores.enrolment import keep_enrolment
from tests.rig.province_server import ProvinceServer
from tests.rig.tree import Tree
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

AT_ONCE = 1_000  # ms, on a busy machine


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, device="none") as running:
        running.add_noise(3_000)
        yield running.start()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "province" / "tree")
    tree.offer("tinh/thong-bao.txt", "Mời bà con theo dõi.".encode(), title="Thông báo", kind="notice")
    tree.publish()
    (tree.folder.parent / "htpasswd").touch()
    return tree


def believe(station: RunningStation, tree: Tree, address: str) -> None:
    keep_enrolment(station.home / "province", tree.enrolment(address), (tree.metadata / "1.root.json").read_bytes())


def sync(station: RunningStation) -> Answer:
    return ask(station.home / "run" / "station.sock", Sync())


def errands(player: int) -> list[int]:
    """The children of the player that synchronise."""
    found: list[int] = []
    for task in Path(f"/proc/{player}/task").iterdir():
        with suppress(OSError):  # it ended meanwhile
            children = (task / "children").read_text().split()
            found += [int(it) for it in children if b"\0sync\0" in Path(f"/proc/{it}/cmdline").read_bytes()]
    return found


def test_a_running_player_takes_the_news(station: RunningStation, tree: Tree, tmp_path: Path):
    assert station.status()["sync"] is None
    assert "chưa ghi danh" in sync(station).sentence
    with ProvinceServer(tree.folder.parent, tmp_path / "nginx") as server:
        believe(station, tree, server.plain_tree)
        assert station.status()["sync"]["good_at"] is None
        assert sync(station).done
        wait_until(lambda: station.status()["sync"]["good_at"], 30)
        wait_until(lambda: ("Thông báo", "approved") in titles(station), 30, every=0.5)
    wait_until(lambda: "Đồng bộ với tỉnh: xong." in station.log, 20)
    told = station.status()["sync"]
    assert (told["province"], told["source"]) == ("Tỉnh Thử", server.plain_tree)
    assert (told["trouble"], told["loud"]) == (None, False)


def titles(station: RunningStation) -> list[tuple[str, str]]:
    return [(it["title"], it["state"]) for it in station.json("segments")]


def test_an_errand_that_hangs_holds_nothing_up_and_dies_when_it_is_killed_or_its_player_ends(
    station: RunningStation, tree: Tree
):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and that is all
        believe(station, tree, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert sync(station).done
        wait_until(lambda: errands(station.pid), 20)
        (child,) = errands(station.pid)
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, child) == 19, 20)  # it limits itself first
        asked = wall_ms()
        assert sync(station).sentence == "Đài đang đồng bộ với tỉnh rồi."
        assert station.status()["on_air"] is None
        assert wall_ms() - asked < AT_ONCE
        assert ask(station.home / "run" / "station.sock", Play("nen", "Lan"), 60).done
        wait_until(station.on_air, 20)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: "bị ngắt (tín hiệu 9)" in station.log, 20)
        wait_until(lambda: [result for _, result in station.results()] == ["aired"], 20, every=0.5)
        assert sync(station).done
        wait_until(lambda: errands(station.pid) not in ([], [child]), 20)
        (child,) = errands(station.pid)
        os.kill(child, signal.SIGSTOP)  # nothing but SIGKILL ends it now
        asked = wall_ms()
        assert station.terminate() == 0
        assert wall_ms() - asked < 10 * AT_ONCE
        wait_until(lambda: not Path(f"/proc/{child}").exists(), 5)
