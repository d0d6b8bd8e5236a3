"""The home page in a browser: it lives by what it is sent, else by asking, and no accident changes anything."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from station.stores.home import Home
from tests.web.states import ON_AIR, STATES, STATUS

pytestmark = pytest.mark.browser

STREAM, ASKED = "**/tinh-hinh/lien-tuc", "**/tinh-hinh"
OLD_BROWSER = "delete window.EventSource"
CLOCK = "new Date().toTimeString().slice(0, 5)"
DELIBERATE = 800  # ms after which a person may have read the question


@pytest.fixture
def page(open_context, player) -> Page:
    player["status"] = STATES["on air"]
    return open_context().new_page()


def waits(page: Page, milliseconds: int) -> None:
    """Let the page's own clock go on."""
    page.evaluate("ms => new Promise(done => setTimeout(done, ms))", milliseconds)


def test_what_changes_is_sent_and_nobody_asks(page: Page, player):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    expect(page.locator(".badge-air")).to_be_visible()
    waits(page, 1500)
    player["status"] = STATUS
    expect(page.get_by_text("Loa đang im")).to_be_visible(timeout=1000)
    assert [it for it in asked if it.endswith("/tinh-hinh")] == []


def test_a_button_that_was_sent_works(page: Page, player):
    page.goto("/")
    player["status"] = STATES["muted"]
    page.get_by_role("button", name="Cho phát lại Thôn Bắc").click()
    expect(page.get_by_text("phát lại từ bây giờ")).to_be_visible()


@pytest.mark.parametrize("broken", ["no EventSource", "no stream"])
def test_without_a_stream_the_page_asks(page: Page, player, broken: str):
    if broken == "no EventSource":
        page.add_init_script(OLD_BROWSER)
    else:
        page.route(STREAM, lambda route: route.abort())
    page.goto("/")
    player["status"] = STATUS
    expect(page.get_by_text("Loa đang im")).to_be_visible(timeout=5000)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_stream_that_falls_silent_is_noticed(page: Page, player, app: Flask, monkeypatch):
    page.goto("/")
    waits(page, 1200)
    monkeypatch.setattr(app.extensions["watching"], "_tell", lambda *_: None)
    player["status"] = STATUS
    expect(page.get_by_text("Loa đang im")).to_be_visible(timeout=5000)


def test_since_when_there_is_no_connection_is_said_and_unsaid(page: Page, player, app: Flask, monkeypatch):
    page.goto("/")
    waits(page, 1200)
    before = page.evaluate(CLOCK)
    monkeypatch.setattr(app.extensions["watching"], "_tell", lambda *_: None)
    page.route(ASKED, lambda route: route.abort())
    lost = page.locator("#lost")
    expect(lost).to_contain_text("Mất kết nối từ", timeout=10_000)
    assert before <= lost.inner_text()[len("Mất kết nối từ ") :][:5] <= page.evaluate(CLOCK)
    player["status"] = STATUS
    page.unroute(ASKED)
    expect(lost).to_be_hidden(timeout=10_000)
    expect(page.get_by_text("Loa đang im")).to_be_visible()


def test_a_player_that_goes_is_told_within_two_seconds(page: Page, player):
    page.goto("/")
    waits(page, 1200)
    player["off"]()
    expect(page.get_by_text("Mất liên lạc với máy phát")).to_be_visible(timeout=2000)
    player["on"]()
    expect(page.locator(".badge-air")).to_be_visible(timeout=2000)


def test_the_bar_goes_on_by_itself_between_two_words_of_the_station(page: Page):
    page.route(STREAM, lambda route: route.abort())
    page.goto("/")
    page.route(ASKED, lambda route: route.abort())
    page.evaluate('beat({clock: "17:08:30", now: 0, position: 600})')
    bar = page.locator("progress.played")
    page.wait_for_function("() => document.querySelector('progress.played').value > 601")
    expect(page.locator("[data-passed]")).to_have_text("10:01")
    waits(page, 3000)
    stopped = bar.evaluate("bar => bar.value")
    waits(page, 600)
    assert bar.evaluate("bar => bar.value") == stopped, "what is not heard of for long does not go on"


def test_the_next_broadcast_is_counted_down_to_the_second(page: Page, player):
    soon = {**STATES["silent"]["next"][0], "start": "2026-11-23T17:10:00+07:00"}
    player["status"] = {**STATUS, "next": [soon]}
    page.goto("/")
    expect(page.locator("[data-until]").first).to_have_text("01:39 nữa")
    until = page.locator("[data-until]").first
    page.evaluate("now => beat({clock: '', now})", int(until.get_attribute("data-until")) - 65_000)
    assert until.inner_text() == "01:05 nữa"


def test_what_is_of_one_person_stays_while_what_is_of_all_is_renewed(page: Page, player, home: Home):
    with home.places.config.open("r+") as file:
        written = file.read()
        file.seek(0)
        file.write(f"practice = true\n{written}")
    heard = {"tape": "a.wav", "heard": 12.5}
    player["status"] = {**STATUS, "practice": True, "on_air": {**ON_AIR, **heard}}
    page.goto("/")
    audio = page.locator(".hear audio")
    expect(audio).to_have_attribute("data-heard", "12.5")
    player["status"] = {**STATUS, "practice": True, "on_air": {**ON_AIR, **heard, "item": "Giá lúa", "heard": 14.5}}
    expect(page.get_by_text("Giá lúa")).to_be_visible()
    expect(audio).to_have_attribute("data-heard", "14.5")
    expect(page.get_by_text("Ngày đầu tiên của bạn")).to_be_visible()


# Dừng phát and Khẩn cấp


def test_a_double_tap_on_stop_asks_and_stops_nothing(page: Page, player):
    page.goto("/")
    page.get_by_role("link", name="Dừng phát").click()
    dialog = page.get_by_role("dialog")
    stop = dialog.get_by_role("button", name="Dừng phát")
    stop.click(force=True, no_wait_after=True)
    expect(stop).to_be_enabled()
    expect(dialog).to_be_visible()
    assert player["orders"] == []
    stop.dblclick()
    expect(page.get_by_text("Đã làm.")).to_be_visible()
    assert len(player["orders"]) == 1, "and the answer is sent once"


def test_by_keyboard_enter_twice_changes_nothing_and_a_tab_leads_to_stop(page: Page, player):
    page.goto("/")
    page.get_by_role("link", name="Dừng phát").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Không, cứ phát")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Enter")
    waits(page, DELIBERATE)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã làm.")).to_be_visible()
    assert [type(it).__name__ for it in player["orders"]] == ["Stop"]


@pytest.mark.parametrize(("width", "height"), [(360, 740), (740, 360), (1280, 800)])
def test_stop_and_emergency_are_in_reach_wherever_the_page_is_scrolled(page: Page, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/")
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"window.scrollTo(0, {place})")
        for name in ("Dừng phát", "Khẩn cấp"):
            expect(page.get_by_role("link", name=name)).to_be_in_viewport(ratio=1)


def test_enter_in_a_field_sends_no_emergency(page: Page, player):
    page.goto("/khan-cap")
    waits(page, DELIBERATE)
    page.get_by_label("Lời nhắn", exact=True).fill("Nước lên")
    page.get_by_label("Số lần phát").press("Enter")
    waits(page, 300)
    assert player["orders"] == []
    page.get_by_role("button", name="Phát khẩn cấp ngay").dblclick()
    expect(page.get_by_text("Đã làm.")).to_be_visible()
    assert [it.text for it in player["orders"]] == ["Nước lên"]


def test_the_days_reasons_are_in_reach_of_the_keyboard(page: Page, home):
    (home.places.schedules).mkdir()
    for name, more in {"a": 'priority = "priority"', "b": ""}.items():
        (home.places.schedules / f"{name}.toml").write_text(
            f'title = "Tin {name}"\n{more}\n[[air]]\ndays = "daily"\nat = "18:00"\n[[rundown]]\nsay = "Xin chào."\n'
        )
    page.goto("/")
    expect(page.get_by_label("Khác dự định").get_by_text("Nhường giờ cho “Tin a”.")).to_be_visible()
    page.get_by_text("Cả 2 buổi hôm nay").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moi-buoi").get_by_text("Tin a", exact=True)).to_be_visible()
    waits(page, 1500)
    expect(page.locator("#moi-buoi").get_by_text("Tin a", exact=True)).to_be_visible()


def test_the_shown_position_is_the_players(page: Page, player):
    page.goto("/")
    player["status"] = {**STATES["on air"], "on_air": {**ON_AIR, "position": 700.0}}
    expect(page.locator("[data-passed]")).to_have_text("11:40")
