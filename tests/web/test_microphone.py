"""A browser's microphone: Chromium's own device, which beeps twice a second, is spoken with as a person would."""

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from station.control.messages import Answer, Live
from tests.browsing import CHROMIUM, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation
from tests.web.states import LIVE, STATUS

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms
NOT_THIS_MACHINE = "dai.example"
BEEPING = [
    *CHROMIUM["args"],
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {NOT_THIS_MACHINE} 127.0.0.1",
]
EVERY = 500  # ms from beep to beep
RINGING = 300  # ms at most that a beep sounds, once the browser has evened it out
UNEVEN = 5  # ms
PIECE = 24_000  # bytes of a quarter of a second


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**{**CHROMIUM, "args": BEEPING})
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def signed_in(phone: Page, client: FlaskClient, address: str) -> Page:
    """A phone that shows the page of a player that answers as told."""
    sign_in(phone.context, client, address)
    phone.goto(f"{address}/")
    return phone


def sign_in(context: BrowserContext, client: FlaskClient, address: str) -> None:
    context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])


def begin(phone: Page) -> None:
    phone.get_by_role("link", name="Nói trực tiếp").click()
    phone.get_by_label("Micro của máy đang xem trang này").check()
    phone.get_by_role("button", name="Bắt đầu nói").click()


def says(phone: Page, sentence: str) -> None:
    expect(phone.get_by_role("heading", name=sentence)).to_be_visible(timeout=PATIENCE)


@pytest.mark.sound
def test_the_beep_of_the_microphone_is_on_air_without_a_gap_until_it_is_ended(
    tmp_path: Path, recorder: Recorder, phone: Page
):
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    phone.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    with RunningStation(tmp_path) as station, RunningPage(station.start()) as page:
        page.set_up(phone)
        begin(phone)
        says(phone, "Chuông báo đang phát")
        assert station.status()["on_air"]["number"] < 2, "not said to be on air before it is"
        says(phone, "Nói đi, bà con đang nghe")
        began = wall_ms()
        wait_until(lambda: recorder.heard_until(began + 6_000), 15)
        beeps = [it for it in recorder.recording.intervals() if it.end - it.start < RINGING]
        assert len(beeps) >= 10
        apart = [after.start - before.start for before, after in pairwise(beeps)]
        assert all(abs(it - EVERY) < UNEVEN for it in apart), "nothing is missing"

        phone.get_by_role("button", name="Kết thúc").click()
        says(phone, "Đang phát nốt lời cuối…")
        expect(phone.get_by_text("Loa đang im")).to_be_visible(timeout=PATIENCE)
        assert station.results() == [("truc-tiep", "aired")]

        begin(phone)
        says(phone, "Nói đi, bà con đang nghe")
        phone.goto(f"{page.address}/nhat-ky")
        wait_until(lambda: station.results() == [("truc-tiep", "aired")] * 2, 10)
    assert errors == []


def test_a_slow_link_loses_the_oldest_and_never_falls_more_than_a_second_behind(signed_in: Page, player, heard):
    free = threading.Event()
    free.set()
    player["status"] = {**STATUS, "on_air": LIVE}
    player["before"] = lambda: free.wait(3)
    begin(signed_in)
    says(signed_in, "Nói đi, bà con đang nghe")
    free.clear()
    since = signed_in.evaluate("performance.now()")
    signed_in.wait_for_function(f"() => performance.now() > {since} + 2500")
    free.set()
    sizes = [len(heard())]
    while sizes[-1] != 4 * PIECE:
        sizes.append(len(heard()))
        assert len(sizes) < 30, sizes
    assert max(sizes) == 4 * PIECE, "of two seconds and a half that piled up, the newest one"


def test_a_link_that_fails_is_told_and_goes_on_when_it_is_back(signed_in: Page, player, heard):  # noqa: ARG001
    player["status"] = {**STATUS, "on_air": LIVE}
    begin(signed_in)
    says(signed_in, "Nói đi, bà con đang nghe")
    signed_in.context.set_offline(True)
    says(signed_in, "Mất kết nối với máy")
    signed_in.context.set_offline(False)
    says(signed_in, "Nói đi, bà con đang nghe")
    player["status"] = STATUS
    says(signed_in, "Đã kết thúc")
    expect(signed_in.get_by_role("button", name="Kết thúc")).to_be_hidden()


def test_a_refusal_is_told_where_it_was_asked_and_the_form_is_as_it_was(signed_in: Page, player):
    player["answer"] = Answer(done=False, sentence="Chưa phát được vì đang phát “Tin”.")
    signed_in.get_by_role("link", name="Nói trực tiếp").click()
    signed_in.get_by_label("Thôn Đông").uncheck()
    signed_in.get_by_label("Micro của máy đang xem trang này").check()
    signed_in.get_by_role("button", name="Bắt đầu nói").click()
    expect(signed_in.get_by_text("Chưa phát được vì đang phát “Tin”.")).to_be_visible()
    expect(signed_in.get_by_label("Thôn Đông")).not_to_be_checked()
    assert player["orders"] == [Live("Lan", "browser", ("bac",))]
    player["answer"] = Answer(done=True)
    signed_in.get_by_role("button", name="Bắt đầu nói").click()
    says(signed_in, "Đang chuẩn bị")


def test_without_https_the_page_says_why_and_what_to_do_instead(phone: Page, client: FlaskClient, address: str):
    elsewhere = address.replace("127.0.0.1", NOT_THIS_MACHINE)
    sign_in(phone.context, client, elsewhere)
    phone.goto(f"{elsewhere}/truc-tiep/")
    expect(phone.get_by_text("Trình duyệt chỉ cho dùng micro này khi trang mở bằng HTTPS")).to_be_visible()
    expect(phone.get_by_label("Micro của máy đang xem trang này")).to_be_disabled()
    expect(phone.get_by_role("link", name="tải tệp lên")).to_be_visible()


def test_a_browser_that_is_too_old_is_told_so(signed_in: Page, player):  # noqa: ARG001
    signed_in.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    signed_in.get_by_role("link", name="Nói trực tiếp").click()
    expect(signed_in.get_by_text("Trình duyệt này quá cũ")).to_be_visible()
    expect(signed_in.get_by_label("Micro của máy đang xem trang này")).to_be_disabled()
