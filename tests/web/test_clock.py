"""The clock on the page: what it says, who may set it, and the phone's own time."""

import datetime as dt
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from station import clock as machine
from station.clock import Discipline
from station.desk import clock as desk
from station.rules.clock import SetByHand
from station.rules.roles import Role
from station.rules.trouble import Refused
from station.stores.home import Home
from tests.web.asking import post
from tests.web.states import SEEN, STATES

PAGE = "/he-thong/dong-ho/"


@pytest.fixture(autouse=True)
def asked(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, bool]]:
    """A machine that nobody tells the time; gives what its clock was to be set to, by whom, and how surely."""
    config = home.places.config
    config.write_text(config.read_text().replace("trust_clock = true\n", ""))
    wanted: list[tuple[int, str, bool]] = []

    def set_clock(home: Home, at: int, *, by: str, sure: bool = False) -> SetByHand:
        home.config()
        wanted.append((at, by, sure))
        if not sure:
            raise Refused(desk.ODD)
        return SetByHand(by, SEEN, at, 0, None, kept=False)

    monkeypatch.setattr("web.pages.clock.set_clock", set_clock)
    monkeypatch.setattr(machine, "_wall", lambda: SEEN)
    monkeypatch.setattr(machine, "_HEARD", tmp_path / "synchronized")
    monkeypatch.setattr(machine, "SET_BY_HAND", tmp_path / "clock.set")
    for module in (machine, desk):
        monkeypatch.setattr(module, "discipline", lambda: Discipline(synchronised=False, off=0, error=0))
    return wanted


def test_it_says_that_nobody_vouches_for_the_time_and_what_that_means(home: Home, client: FlaskClient, player):
    home.heartbeat.beat(SEEN)
    player["status"] = STATES["on air"]
    page = client.get(PAGE).text
    for words in ("17:08:21", "chưa chắc đúng giờ", "không phát theo lịch", "17:08 23/11/2026", "vẫn phát tiếp"):
        assert words in page
    assert 'href="/he-thong/dong-ho/"' in client.get("/he-thong/").text


def test_what_the_network_keeps_is_not_offered_to_be_set(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    for module in (machine, desk):
        monkeypatch.setattr(module, "discipline", lambda: Discipline(synchronised=True, off=-12.3, error=20))
    page = client.get(PAGE).text
    assert "đúng giờ theo mạng" in page and "12 ms" in page
    assert "Đặt theo điện thoại này" not in page


def test_it_is_set_to_the_phone_s_time_by_who_is_signed_in_and_a_far_day_is_confirmed(client: FlaskClient, asked):
    refused = post(client, PAGE, PAGE, telephone=str(SEEN + 5))
    assert refused.status_code == 400
    assert desk.ODD.what in refused.text and "Đúng là ngày ấy" in refused.text
    assert post(client, PAGE, PAGE, telephone=str(SEEN + 5), sure="yes").status_code == 302
    assert asked == [(SEEN + 5, "Lan", False), (SEEN + 5, "Lan", True)]
    assert "Đã đặt giờ thành 17:08:21 23/11/2026." in client.get(PAGE).text


def test_it_is_set_to_what_was_written_by_the_station_s_own_time(client: FlaskClient, asked):
    post(client, PAGE, PAGE, written="2026-11-26T17:00", sure="yes")
    assert asked[0][0] == dt.datetime.fromisoformat("2026-11-26T17:00+07:00").timestamp() * 1000
    for nonsense in ({}, {"written": "17 giờ"}, {"telephone": "bây giờ"}, {"written": "9999-12-31T23:59"}):
        post(client, PAGE, PAGE, **nonsense)
    assert all(at < 10**15 for at, *_ in asked[1:])
    assert "Chưa hiểu giờ ấy" in post(client, PAGE, PAGE, written="17 giờ").text


def test_only_a_technician_sets_it(someone, asked):
    operator = someone("Mai", Role.OPERATOR)
    assert "Cần đặt giờ thì nhờ người có vai trò kỹ thuật." in operator.get(PAGE).text
    assert post(operator, PAGE, "/", telephone=str(SEEN)).status_code == 403
    assert asked == []


def test_a_browser_shows_both_clocks_and_sends_its_own(open_context, asked):
    page = open_context(360).new_page()
    page.clock.install(time=dt.datetime.fromtimestamp(SEEN / 1000 + 3_725, dt.UTC))
    page.goto(PAGE)
    page.get_by_text("Đồng hồ của đài chậm 1 giờ").wait_for()
    assert re.fullmatch(r"18:1\d:\d\d 23/11/2026", page.locator("#telephone-time").text_content())
    page.get_by_role("button", name="Đặt theo điện thoại này").click()
    page.get_by_role("checkbox", name="Đúng là ngày ấy").first.check()
    page.get_by_role("button", name="Đặt theo điện thoại này").click()
    page.get_by_text("Đã đặt giờ thành 18:1").wait_for()
    assert [sure for *_, sure in asked] == [False, True]
    assert all(0 <= at - SEEN - 3_725_000 < 300_000 for at, *_ in asked)
