"""A station that listens: a real player with its listener, and a real mosquitto, from an order to the log."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads

import pytest

from station.alerts.listener import Listener
from station.clock import Clock
from station.rules.alerting.alert import Status
from station.stores.home import open_home, places
from station.stores.listening import ListeningFile
from tests.alerts.province import Desk, Office, push_of
from tests.rig.broker import Broker
from tests.rig.province_server import ProvinceServer
from tests.rig.recorder import Recorder
from tests.rig.tapes import read_tape
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

FLOOD = 2_000


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, device="none") as running:
        yield running


def listeners(station: RunningStation) -> list[int]:
    """The player's children that listen."""
    found: list[int] = []
    for task in Path(f"/proc/{station.pid}/task").iterdir():
        with suppress(OSError):  # it ended meanwhile
            children = (task / "children").read_text().split()
            found += [int(it) for it in children if b"station.alerts" in Path(f"/proc/{it}/cmdline").read_bytes()]
    return found


def test_an_order_is_aired_and_the_province_hears_what_became_of_it(
    station: RunningStation, office: Office, desk: Desk
):
    assert station.start().status()["listening"] is None
    office.let_in(station)
    wait_until(lambda: desk.said.get("link") == "on", 60)
    wait_until(lambda: (station.status()["listening"] or {}).get("connected"), 10)
    alert = office.message(repeats=1)
    desk.send(alert.id, office.seal(alert))
    wait_until(lambda: desk.results(alert.id)[-1:] == ["aired"], 90)
    assert "airing" in desk.results(alert.id)
    assert desk.said[f"alert/{alert.id}"]["decision"] == "air"
    assert (f"canh-bao/{alert.id}", "aired") in station.results()
    statuses = [told for what, _, told in desk.heard if what == "status"]
    assert any(it["on_air"] and it["on_air"]["key"].startswith(f"canh-bao/{alert.id}") for it in statuses)
    wait_until(lambda: desk.said["status"]["on_air"] is None, 20)
    assert desk.said["status"]["name"] == "Đài thử"
    assert desk.said["status"]["player"]


def test_where_the_broker_lets_nobody_in_it_is_told_and_polled(
    station: RunningStation, office: Office, tmp_path: Path
):
    test = office.message(status=Status.TEST, sender="thu")
    office.list(office.seal(test, "thu"))
    with ProvinceServer(office.work, tmp_path / "nginx") as server:
        office.let_in(station, server.plain_tree, token="sai")
        alerts = open_home(places(station.home)).alerts
        station.start()
        wait_until(lambda: alerts.find(test.id), 60)
        assert "không nhận đài này" in station.status()["listening"]["trouble"]["what"]
        assert station.status()["faults"] == [], "nobody need see to it yet"


def test_killed_it_is_back_and_with_its_player_it_is_gone(station: RunningStation, office: Office, desk: Desk):
    office.let_in(station)
    station.start()
    wait_until(lambda: desk.said.get("link") == "on", 60)
    (first,) = listeners(station)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: ("link", "", "off") in desk.heard, 10)
    wait_until(lambda: desk.said["link"] == "on", 60)
    (second,) = listeners(station)
    assert second != first
    station.kill()
    wait_until(lambda: not Path(f"/proc/{second}").exists(), 10)
    wait_until(lambda: desk.said["link"] == "off", 10)


def test_who_is_believed_and_where_may_change_while_it_listens(
    station: RunningStation, office: Office, broker: Broker, desk: Desk
):
    office.publish(None)
    office.let_in(station)
    station.start()
    wait_until(lambda: station.status()["listening"], 60)
    assert station.status()["listening"]["broker"] == ""
    office.publish(push_of(broker))
    office.sync(station)
    wait_until(lambda: desk.said.get("link") == "on", 20)
    pids = listeners(station)
    office.publish(None)
    office.sync(station)
    wait_until(lambda: desk.said["link"] == "off", 20)
    assert listeners(station) == pids
    assert station.command("leave").returncode == 0
    wait_until(lambda: not listeners(station), 20)
    assert station.status()["listening"] is None


@pytest.mark.usefixtures("broker")
def test_where_its_client_is_not_installed_it_is_told_and_polled(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "station.alerts.push", None)  # as where paho is missing
    home = office.enrol(tmp_path / "home")
    listener = Listener(home, Clock(always_trusted=True))
    thread = Thread(target=listener.run)
    thread.start()
    wait_until(lambda: (noted := ListeningFile(home.places.run).last()) and noted.trouble, 20)
    noted = ListeningFile(home.places.run).last()
    assert "chưa cài" in noted.trouble.what and not noted.connected
    wait_until(lambda: "polling" in {it.name for it in enumerate_threads()}, 5)
    listener.close()
    thread.join(20)


@pytest.mark.sound
def test_a_flood_of_forgeries_is_not_felt_on_air(tmp_path: Path, recorder: Recorder, office: Office, desk: Desk):
    with RunningStation(tmp_path) as station:
        station.add_noise(6_000)
        office.let_in(station)
        station.start()
        wait_until(lambda: (station.status()["listening"] or {}).get("connected"), 60)
        (listener,) = listeners(station)
        start = station.schedule("buoi-phat", 12, 'play = "nen"')
        wait_until(lambda: [it for it in station.status()["next"] if it["ready"]], 12)
        (tape,) = (station.home / "tapes").glob("*.wav")
        programme = read_tape(tape)[24_000:-24_000]
        began, used = wall_ms(), spent(listener)
        for number, envelope in enumerate(forged(office)):
            desk.shout(f"{number:x}", envelope)
        wait_until(lambda: station.status()["listening"]["flood"], 60)
        station.aired("buoi-phat")
        share = (spent(listener) - used) / (wall_ms() - began)
        wait_until(lambda: recorder.heard_until(start + 7_000))
    found = recorder.recording.between(start - 3_000, start + 7_000).find(programme)
    assert abs(found.start - start) < 50
    assert found.missing == 0
    assert share < 0.5
    assert [schedule for schedule, _ in station.results()] == ["buoi-phat"]


def forged(office: Office) -> Iterator[bytes]:
    """Envelopes by keys that nobody vouches for, by one that signed something else, and of no kind."""
    stranger = Office(office.work.parent / "ke-la")
    true, strange = (it.seal(it.message()) for it in (office, stranger))
    for number in range(0, FLOOD, 4):
        mark = b"%08d" % number
        yield strange.replace(b'"signatures"', b'"n":%d,"signatures"' % number)
        yield true.replace(b'"payload":"', b'"payload":"' + mark)
        yield mark * 1_000
        yield b"[" * 50_000 + mark


def spent(process: int) -> float:
    """How much of a processor it and what it began have used, in ms."""
    *_, user, system, children, theirs = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:15]
    return sum(map(int, (user, system, children, theirs))) * 1e3 / os.sysconf("SC_CLK_TCK")
