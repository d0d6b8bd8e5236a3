"""A page with somebody signed in, and a player that answers as told."""

import io
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

from station.clock import Clock
from station.control.changes import Changes
from station.control.messages import Answer, LookAgain, SoundOutputs, Status, Watch
from station.control.server import ControlServer
from station.desk.people import invite, new_setup_code
from station.desk.replay import share_replays
from station.desk.segments import add_segment, approve_segment, take_in_waiting
from station.rules.now import DAY, HOUR, MINUTE, Now
from station.rules.origin import Origin
from station.rules.roles import Role
from station.rules.rundown import Kind
from station.stores.home import Home, open_home, places
from tests.airing import air, clip
from tests.browsing import CHROMIUM
from tests.running import CONFIG, speech
from tests.web.alerted import Outside, connected, everything, outside_of
from tests.web.asking import post
from tests.web.linked import ARRIVING, enrol
from tests.web.states import OUTPUTS, SEEN, STATUS
from web import create_app

PASSWORD = "mat khau dai"  # noqa: S105 - of nobody
AIRED = SEEN - HOUR
EVENING = """
title = "Bản tin tối của xã và mọi thôn xa gần"
late = "start within 10m"
[[air]]
days = ["mon-sat", "lunar 15/7", "tet", "last fri"]
except = ["2027-02-05..2027-02-09", "holiday"]
at = "20:00"
from = "2026-01-01"
[[rundown]]
play = "lich-tiem-phong"
[[rundown]]
newest = "news"
within = "36h"
limit = "12m"
[[rundown]]
say = "Xin chào bà con."
"""


class StoppedClock(Clock):
    """The instant at which the states were seen, until it is moved."""

    def __init__(self) -> None:
        self.moved = 0

    def now(self) -> Now:
        return Now(SEEN + self.moved, self.moved, trusted=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = open_home(places(tmp_path / "home"))
    opened.places.config.write_text(CONFIG.replace("{device}", "none"))
    return opened


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def app(home: Home, clock: StoppedClock) -> Flask:
    return create_app(home, clock)


@pytest.fixture
def someone(app: Flask, home: Home, clock: StoppedClock) -> Callable[..., FlaskClient]:
    """The browser of a new person of these roles."""

    def invited(name: str, *roles: Role, address: str = "127.0.0.1") -> FlaskClient:
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = address
        code = invite(home, frozenset(roles), by="Kỹ thuật", now=clock.now().wall)
        answer = post(browser, "/thiet-lap", "/thiet-lap", code=code, name=name, password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return browser

    return invited


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask, home: Home) -> FlaskClient:
    """Somebody who was set up with the one-time code."""
    client = app.test_client()
    code = new_setup_code(home, now=0)
    answer = post(client, "/thiet-lap", code=code, name="Lan", password=PASSWORD, at="/thiet-lap")
    assert answer.status_code == 302, answer.text
    return client


@pytest.fixture
def bulletin(home: Home, tmp_path: Path) -> str:
    """The id of an approved bulletin that aired, and may be heard again."""
    with home.places.config.open("a") as file:
        file.write("[public]\npage = true\n")
    recording = io.BytesIO(speech(tmp_path / "tin.mp3", "Xin chào bà con. " * 5).read_bytes())
    kept = add_segment(home, recording, title="Lịch tiêm phòng", kind=Kind.NEWS, by="Lan", now=SEEN)
    list(take_in_waiting(home))
    approved = approve_segment(home, kept.id, by="Lan", now=SEEN)
    air(home.log, AIRED, clip(approved), late=MINUTE)
    air(home.log, AIRED - DAY, origin=Origin.PROVINCE, result="cut", reason="Lan đã bấm Dừng phát.", sounded=MINUTE)
    share_replays(home, SEEN)
    return kept.id


@pytest.fixture
def evening(home: Home) -> None:
    """A schedule with days of every kind."""
    home.places.schedules.mkdir()
    (home.places.schedules / "toi.toml").write_text(EVENING)


@pytest.fixture
def enrolled(home: Home, clock: StoppedClock, tmp_path: Path) -> None:
    """A province that sends something, alerts too."""
    with outside_of(tmp_path, home, clock) as outside:
        everything(outside)
    connected(home)
    enrol(home, ARRIVING)


@pytest.fixture
def outside(home: Home, clock: StoppedClock, tmp_path: Path) -> Iterator[Outside]:
    """Who sends alerts to the station."""
    with outside_of(tmp_path, home, clock) as made:
        yield made


@pytest.fixture
def player(home: Home):
    """A player that answers as told."""
    changes = Changes()
    said = {"status": STATUS, "orders": [], "answer": Answer(done=True, sentence="Đã làm."), "before": lambda: None}

    def answer(request):
        match request:
            case Status():
                said["before"]()
                return Answer(done=True, value=said["status"])
            case Watch(seen):
                said["before"]()
                changes.notice(said["status"])
                return Answer(done=True, value={"seen": changes.wait(seen, 0.1), "status": said["status"]})
            case LookAgain():
                return Answer(done=True)
            case SoundOutputs():
                return Answer(done=True, value=OUTPUTS)
        said["orders"].append(request)
        return said["answer"]

    servers = [ControlServer(home.places.socket, answer)]
    said["off"] = lambda: servers.pop().close()
    said["on"] = lambda: servers.append(ControlServer(home.places.socket, answer))
    yield said
    for server in servers:
        server.close()


@pytest.fixture
def heard(home: Home) -> Iterator[Callable[[], bytes]]:
    """The player's socket for a browser's microphone; gives what it was told next, waiting for it."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home.places.live))
        server.listen(128)
        server.settimeout(5)

        def hear() -> bytes:
            link, _ = server.accept()
            with link, link.makefile("rb") as samples:
                return samples.read()

        yield hear


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(browser: Browser, address: str, client: FlaskClient):
    """Make a browser of a given width in which the person is signed in."""
    made: list[BrowserContext] = []

    def make(width: int = 360, **options: Any) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": 740}, base_url=address, locale="vi-VN", **options
        )
        context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
