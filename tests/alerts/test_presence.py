"""What a station says of itself: a player that answers or does not, and alerts as they are kept and become."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from station.alerts.presence import Presence
from station.clock import Clock
from station.control.messages import Answer, Request, Watch
from station.control.server import ControlServer
from station.rules.alerting.aired import schedule_of
from station.rules.alerting.alert import Severity, Status
from station.rules.now import HOUR, SECOND
from station.rules.proof import Proof
from station.stores.home import Home
from tests.alerts.sending import Hearing
from tests.rig.waiting import wait_until, wall_ms
from tests.rules.stations import at, broadcast

AIRING = {
    "key": "tin@1",
    "title": "Tin",
    "start": "2026-11-26T17:00:00+07:00",
    "end": "2026-11-26T17:30:00+07:00",
    "zones": ["bac"],
    "priority": "normal",
    "origin": "commune",
    "position": 1.0,
}


class Player:
    """A player that says of itself what it is told to, as soon as that changed."""

    def __init__(self, home: Home) -> None:
        self._changed = threading.Condition()
        self._number = 1
        self.status: dict[str, Any] = {
            "station": "Đài thử",
            "on_air": None,
            "next": [{**AIRING, "airs": False, "title": "Không phát"}, {**AIRING, "airs": True}],
            "faults": [],
            "disk": {"free": 10_000_000_000, "total": 20_000_000_000},
            "heat": 50,
        }
        self.server = ControlServer(home.places.socket, self._answer)

    def become(self, **changed: Any) -> None:
        with self._changed:
            self.status, self._number = {**self.status, **changed}, self._number + 1
            self._changed.notify_all()

    def _answer(self, request: Request) -> Answer:
        if not isinstance(request, Watch):
            return Answer(done=False)
        with self._changed:
            self._changed.wait_for(lambda: self._number != request.seen, request.longest)
            return Answer(done=True, value={"seen": self._number, "status": self.status})


class Line:
    """What was said, by its topic's end, and when."""

    def __init__(self) -> None:
        self.connected = True
        self.said: list[tuple[str, dict[str, Any], int | None]] = []
        self.at: list[float] = []

    def say(self, topic: str, content: bytes, lasts: int | None = None) -> None:
        self.said.append((topic.removeprefix("loa-xa/station/00001/"), json.loads(content), lasts))
        self.at.append(wall_ms())

    def of(self, what: str) -> list[dict[str, Any]]:
        return [told for of, told, _ in self.said if of == what]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def player(home: Home) -> Iterator[Player]:
    made = Player(home)
    yield made
    made.server.close()


@pytest.fixture
def presence(home: Home, line: Line) -> Iterator[Presence]:
    made = Presence(home, "00001", line, Clock())
    yield made
    made.close()


def test_it_says_how_the_station_is_and_what_changes_now_and_then(player: Player, presence: Presence, line: Line):
    presence.begin()
    wait_until(lambda: line.of("status"))
    (status,) = line.of("status")
    assert (status["name"], status["player"], status["on_air"]) == ("Đài thử", True, None)
    assert (status["next"]["title"], status["disk_free"], status["heat"]) == ("Tin", 10_000_000_000, 50)
    assert abs(status["at"] - wall_ms()) < 60 * SECOND
    player.become(heat=51, disk={"free": 9, "total": 10})
    for number in range(20):
        player.become(on_air={**AIRING, "title": f"Tin {number}"})
    wait_until(lambda: len(line.of("status")) == 2, 20)
    assert line.at[1] - line.at[0] >= 5_000 - 10
    assert line.of("status")[1]["on_air"] == {it: AIRING[it] for it in AIRING if it != "position"} | {
        "title": "Tin 19"
    }
    player.become(on_air={**AIRING, "title": "Tin 19", "position": 2.0})
    presence.greet()  # whoever is there now knows nothing
    wait_until(lambda: len(line.of("status")) == 3)
    assert line.of("status")[2]["heat"] == 51


def test_a_player_that_is_down_is_told(presence: Presence, line: Line):
    presence.begin()
    wait_until(lambda: line.of("status"))
    (status,) = line.of("status")
    assert (status["player"], status["on_air"], status["next"]) == (False, None, None)
    assert "Máy phát không chạy" in status["faults"][0]["what"]


@pytest.mark.usefixtures("player")
def test_where_nobody_hears_nothing_is_asked_or_said(presence: Presence, line: Line):
    line.connected = False
    presence.begin()
    presence.look()
    line.connected = True
    presence.greet()
    wait_until(lambda: line.of("status"), 10)
    assert len(line.said) == 1


@pytest.mark.usefixtures("player")
def test_what_became_of_an_alert_is_told_as_it_becomes(station: Hearing, presence: Presence, line: Line):
    home = station.home
    presence.begin()
    aired = station.sending.message(severity=Severity.EXTREME)
    test = station.sending.message(status=Status.TEST, sender="thu")
    late = station.sending.message(sent=station.clock.now().wall // SECOND * SECOND - 2 * HOUR)
    for it, sender in ((aired, "pctt"), (test, "thu"), (late, "pctt"), (aired, "thu")):
        station.hear(it, sender)
    station.inbox.take(b"{}", "push")  # of nobody
    presence.look()
    wait_until(lambda: len({topic for topic, _, _ in line.said if topic.startswith("alert/")}) == 3)
    (verdict,) = line.of(f"alert/{aired.id}")
    assert (verdict["decision"], verdict["result"], verdict["proof"]) == ("air", "", "")
    (verdict,) = line.of(f"alert/{test.id}")
    assert verdict["decision"] == "note"
    (verdict,) = line.of(f"alert/{late.id}")
    assert (verdict["decision"], verdict["reason"]) == ("refuse", "Bản tin đã hết hạn.")
    lasts = {topic: lasts for topic, _, lasts in line.said}
    assert 9 * 60 < lasts[f"alert/{aired.id}"] <= 10 * 60
    heard = broadcast(at("17:00"), schedule=schedule_of(aired.id))
    home.log.open(heard, heard.start)
    home.log.note_start(heard.key, heard.start)
    presence.look()
    wait_until(lambda: line.of(f"alert/{aired.id}")[-1]["result"] == "airing")
    home.log.close(heard.key, "aired", heard.end, "", Proof(60_000, match=0.9))
    presence.look()
    wait_until(lambda: line.of(f"alert/{aired.id}")[-1]["result"] == "aired")
    assert line.of(f"alert/{aired.id}")[-1]["proof"] == "heard"
    assert len(line.of(f"alert/{test.id}")) == 1, "what is the same is not said again"
