"""A phone, a real browser, a real page, a real player: upload, approve, play, stop."""

from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browsing import CHROMIUM, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation, speech

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms


@pytest.fixture
def phone():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True)
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        browser.close()


@pytest.mark.sound
def test_upload_approve_play_and_stop_on_a_phone(tmp_path: Path, recorder: Recorder, phone):
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    phone.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    recording = speech(tmp_path / "thong-bao.mp3", "Đề nghị bà con giữ gìn vệ sinh chung. " * 6)
    with RunningStation(tmp_path) as station, RunningPage(station.start()) as page:
        page.set_up(phone)
        expect(phone.get_by_text("Loa đang im")).to_be_visible()

        phone.get_by_role("link", name="Tải tệp âm thanh lên").click()
        phone.get_by_label("Tệp âm thanh").set_input_files(recording)
        phone.get_by_label("Tên bản tin").fill("Giữ gìn vệ sinh")
        phone.get_by_role("button", name="Tải lên").click()
        expect(phone.get_by_text("Đã nhận “Giữ gìn vệ sinh”")).to_be_visible(timeout=PATIENCE)
        phone.get_by_role("button", name="Duyệt").click(timeout=PATIENCE)
        phone.get_by_role("link", name="Phát ngay").click()
        phone.get_by_label("Thôn Đông").uncheck()
        phone.get_by_role("button", name="Phát ngay").click()

        expect(phone.get_by_text("Đang phát “Giữ gìn vệ sinh”")).to_be_visible(timeout=PATIENCE)
        expect(phone.locator(".badge-air")).to_be_visible()
        played = phone.locator("progress.played")
        first = float(played.get_attribute("value"))
        wait_until(lambda: float(played.get_attribute("value")) > first)
        assert recorder.recording.intervals(), "it is heard"

        phone.get_by_role("link", name="Dừng phát").click()
        dialog = phone.get_by_role("dialog")
        dialog.get_by_role("link", name="Không, cứ phát").click()
        expect(phone.locator(".badge-air")).to_be_visible()
        phone.get_by_role("link", name="Dừng phát").click()
        dialog.get_by_role("button", name="Dừng phát").click()
        expect(phone.get_by_text("Đã dừng “Giữ gìn vệ sinh”")).to_be_visible()
        silent = wall_ms()
        expect(phone.get_by_text("Loa đang im")).to_be_visible()
        wait_until(lambda: recorder.heard_until(silent + 500))
        assert recorder.recording.between(silent, silent + 500).intervals() == []

        phone.get_by_role("link", name="Nhật ký").click()
        expect(phone.get_by_role("listitem").get_by_text("Bị ngắt")).to_be_visible()
        station.kill()
        phone.get_by_role("link", name="Hôm nay").click()
        expect(phone.get_by_text("Máy phát không chạy. Thư viện")).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, "no sideways scrolling"
    expect(phone.get_by_text("Mất kết nối từ")).to_be_visible(timeout=PATIENCE)
    assert [it for it in errors if "ERR_CONNECTION" not in it and "Failed to load" not in it] == []


def test_a_refused_upload_says_why_in_its_place(tmp_path: Path, phone):
    letter = tmp_path / "thu.mp3"
    letter.write_text("đây là một bức thư")
    with RunningStation(tmp_path, device="none") as station, RunningPage(station.start()) as page:
        page.set_up(phone)
        phone.goto(f"{page.address}/thu-vien/them")
        phone.get_by_label("Tệp âm thanh").set_input_files(letter)
        phone.get_by_role("button", name="Tải lên").click()
        expect(phone.locator("article").get_by_text("Không dùng được")).to_be_visible(timeout=PATIENCE)
        assert "thu" in phone.locator(".segment.refused").inner_text()
