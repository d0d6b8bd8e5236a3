"""A browser's microphone, end to end: Chromium's own beeping device, a real page, a real player, the recording."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browsing import CHROMIUM, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.recording import RATE, Recording
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms
BEEPING = [*CHROMIUM["args"], "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
def phone():
    """A phone whose microphone hears a beep twice a second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**{**CHROMIUM, "args": BEEPING})
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True)
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        browser.close()


def begin(phone: Page) -> None:
    phone.get_by_role("link", name="Nói trực tiếp").click()
    phone.get_by_label("Micro của máy đang xem trang này").check()
    phone.get_by_role("button", name="Bắt đầu nói").click()


@pytest.mark.sound
def test_the_beep_of_a_browser_s_microphone_is_on_air(tmp_path: Path, recorder: Recorder, phone: Page):
    with RunningStation(tmp_path) as station, RunningPage(station.start()) as page:
        page.set_up(phone)
        begin(phone)
        expect(phone.get_by_role("heading", name="Chuông báo đang phát")).to_be_visible()
        expect(phone.get_by_role("heading", name="Nói đi, bà con đang nghe")).to_be_visible(timeout=PATIENCE)
        began = wall_ms()
        wait_until(lambda: recorder.heard_until(began + 9_000), 15)
        np.save("/tmp/heard.npy", recorder.recording.samples)
        print(station.status()["on_air"], began - recorder.recording.start)
