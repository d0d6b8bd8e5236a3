"""Polling a real nginx: what is new and ours is taken once, and nothing else costs more than a question."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.alerts.polling import Pace, Polling
from tests.alerts.province import Office
from tests.alerts.verdicts import NOTED, REFUSED, Judge
from tests.rig.ports import free_port
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until

HASTE = Pace(first=0.01, alone=0.2, beside=600)


class Station:
    """What polls, and what it brought."""

    def __init__(self, *trees: str, pushed: bool = False, pace: Pace = HASTE) -> None:
        self.pushed = pushed
        self.times = 0
        self.judge = Judge(NOTED)
        self.polling = Polling(
            trees,
            frozenset({"tinh", "xa-00001"}),
            self.judge.intake,
            self.judge.clock,
            lambda: self.pushed,
            self._polled,
            pace,
        )
        self.polling.begin()

    def _polled(self) -> None:
        self.times += 1

    def again(self, times: int = 2) -> None:
        """Wait until it has polled again, so often."""
        before = self.times
        wait_until(lambda: self.times >= before + times, 20)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "tinh")


@pytest.fixture
def server(office: Office, tmp_path: Path) -> Iterator[ProvinceServer]:
    with ProvinceServer(office.work, tmp_path / "nginx") as made:
        yield made


@pytest.fixture
def poll() -> Iterator[Callable[..., Station]]:
    made: list[Station] = []

    def make(*trees: str, **more: object) -> Station:
        made.append(Station(*trees, **more))
        return made[-1]

    yield make
    for it in made:
        it.polling.close()
        it.judge.intake.close()


def test_what_is_new_and_for_this_commune_is_brought_once(office: Office, server: ProvinceServer, poll):
    station = poll(server.plain_tree)
    wait_until(lambda: station.times, 10)
    assert (station.polling.trouble, station.judge.taken) == (None, [])
    assert station.polling.polled_at
    office.list(b"ours")
    others = office.list(b"others", "xa-00002", "vung-nui")
    office.list(b"of us alone", "xa-00001")
    wait_until(lambda: len(station.judge.taken) == 2, 10)
    station.again()
    assert station.judge.taken == [(b"ours", "poll"), (b"of us alone", "poll")]
    assert f"/{others.path}" not in {it.path for it in server.log()}


def test_a_list_that_is_the_same_is_not_sent_again(office: Office, server: ProvinceServer, poll):
    office.list(b"ours")
    station = poll(server.plain_tree)
    wait_until(lambda: server.log()[-1:] and server.log()[-1].status == 304, 20)  # once it is two seconds old
    assert len(station.judge.taken) == 1


def test_what_is_another_than_its_name_says_is_not_taken_and_keeps_nothing_else_back(
    office: Office, server: ProvinceServer, poll
):
    (office.tree.folder / office.list(b"gone").path).unlink()
    office.list(b"true", content=b"altered")
    office.list(b"too large", content=bytes(2_000_000))
    office.list(b"behind it")
    station = poll(server.plain_tree)
    station.again()
    assert station.judge.taken == []
    assert "behind it" not in str(station.polling.trouble)


def test_with_a_broker_it_asks_seldom_and_soon_again_without(server: ProvinceServer, poll):
    station = poll(server.plain_tree, pushed=True)
    wait_until(lambda: station.times == 1, 10)
    station.polling.hasten()  # nothing else is so: it may come to that sooner, in minutes
    station.pushed = False
    station.polling.hasten()
    station.again()


def test_one_server_that_is_down_is_followed_by_the_next(office: Office, server: ProvinceServer, poll):
    office.list(b"ours")
    station = poll(f"http://127.0.0.1:{free_port()}/", server.plain_tree)
    wait_until(lambda: station.judge.taken, 10)
    assert station.polling.trouble is None


def test_what_stands_in_the_way_is_told_and_ends(office: Office, server: ProvinceServer, poll):
    station = poll(server.plain_tree)
    wait_until(lambda: station.times, 10)
    server.be_a_portal()
    wait_until(lambda: station.polling.trouble, 10)
    assert "đăng nhập" in str(station.polling.trouble)
    before = station.polling.polled_at
    station.again()
    assert station.polling.polled_at == before
    server.stop()
    wait_until(lambda: "từ chối" in str(station.polling.trouble), 10)
    server.behave()
    server.start()
    office.list(b"ours")
    wait_until(lambda: station.judge.taken, 10)
    wait_until(lambda: station.polling.trouble is None, 10)


@pytest.mark.parametrize("written", [b"", b"[]", b'{"alerts": 1}', b"[" * 100_000, b"\xff", b" " * 1_100_000])
def test_a_list_that_is_none_is_told(office: Office, server: ProvinceServer, poll, written: bytes):
    office.list(b"ours")
    (office.tree.folder / "alerts" / "current.json").write_bytes(written)
    station = poll(server.plain_tree)
    wait_until(lambda: station.times, 10)
    assert station.polling.trouble
    assert not station.judge.taken


def test_what_was_refused_is_not_sent_again_each_minute(office: Office, server: ProvinceServer, poll):
    station = poll(server.plain_tree)
    station.judge.verdict = REFUSED
    listed = office.list(b"forged")
    wait_until(lambda: station.judge.after, 10)
    station.again(3)
    assert [it.path for it in server.log()].count(f"/{listed.path}") == 1
