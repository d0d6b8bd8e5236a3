"""The operator's day on a phone, from the first person to the month's report, with another who approves."""

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import PASSWORD, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until, wall_ms
from tests.running import CONFIG, HANOI, RunningStation, speech

pytestmark = [pytest.mark.browser, pytest.mark.sound]

PATIENCE = 60_000  # ms
AHEAD = 30  # s from the making of a schedule to its start
TITLE = "Lịch tiêm phòng"


def phone(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def test_from_a_recording_to_the_report(tmp_path: Path, recorder: Recorder, browser: Browser):
    config = CONFIG.replace("one_person = true", "one_person = false")
    with RunningStation(tmp_path, config) as station, RunningPage(station.start()) as page:
        lan, minh = phone(browser), phone(browser)
        page.set_up(lan)
        become_approver(minh, page.address, invited_by(lan))
        send(lan, speech(tmp_path / "tin.mp3", "Đề nghị bà con đưa trẻ em đi tiêm phòng. " * 6))
        minh.get_by_role("link", name="Thư viện").click()
        minh.get_by_role("button", name="Duyệt").click()
        expect(minh.locator("article").get_by_text("Đã duyệt")).to_be_visible()

        arrange(lan)
        lan.get_by_role("link", name="Hôm nay").click()
        expect(lan.get_by_text("Sẵn sàng").first).to_be_visible(timeout=PATIENCE)
        expect(lan.locator(".badge-air")).to_have_text("ĐANG PHÁT", timeout=PATIENCE)
        wait_until(lambda: bool(recorder.recording.intervals()), 20)
        stop(lan)
        silent = wall_ms()
        wait_until(lambda: recorder.heard_until(silent + 500))
        assert recorder.recording.between(silent, silent + 500).intervals() == []

        lan.get_by_role("link", name="Nhật ký").click()
        expect(lan.get_by_role("listitem").get_by_text("Bị ngắt")).to_be_visible()
        lan.get_by_role("link", name="Báo cáo tháng", exact=True).click()
        expect(lan.get_by_text("Bản tin chiều").first).to_be_visible()
        assert lan.evaluate("document.documentElement.scrollWidth") <= 360


def invited_by(lan: Page) -> str:
    """The code by which somebody becomes an approver."""
    lan.get_by_role("link", name="Hệ thống").click()
    lan.get_by_role("link", name="Người dùng").click()
    invitation = lan.locator("form").filter(has=lan.get_by_role("button", name="Lấy mã mời"))
    invitation.get_by_label("Người duyệt").check()
    invitation.get_by_role("button", name="Lấy mã mời").click()
    return lan.locator(".code .title").inner_text()


def become_approver(minh: Page, address: str, code: str) -> None:
    minh.goto(f"{address}/thiet-lap")
    minh.get_by_label("Mã thiết lập").fill(code)
    minh.get_by_label("Tên của bạn").fill("Trần Văn Minh")
    minh.get_by_label("Mật khẩu").fill(PASSWORD)
    minh.get_by_role("button", name="Bắt đầu").click()
    expect(minh.get_by_text("Loa đang im")).to_be_visible()


def send(lan: Page, recording: Path) -> None:
    """Upload a recording and ask for its approval, which its author cannot give."""
    lan.get_by_role("link", name="Hôm nay").click()
    lan.get_by_role("link", name="Tải tệp âm thanh lên").click()
    lan.get_by_label("Tệp âm thanh").set_input_files(recording)
    lan.get_by_label("Tên bản tin").fill(TITLE)
    lan.get_by_role("button", name="Tải lên").click()
    lan.get_by_role("button", name="Gửi duyệt").click()
    expect(lan.locator("article").get_by_text("Chờ duyệt")).to_be_visible()
    expect(lan.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)


def arrange(lan: Page) -> None:
    """Make a schedule of it that airs soon, look at what that changes, and save it."""
    lan.get_by_role("link", name="Lịch phát").click()
    lan.get_by_role("link", name="Các lịch").click()
    lan.get_by_role("link", name="Lịch mới").click()
    lan.get_by_label("Tên chương trình").fill("Bản tin chiều")
    lan.get_by_role("button", name=f"Thêm {TITLE}").click()
    start = dt.datetime.fromtimestamp(wall_ms() / 1000 + AHEAD, HANOI)
    lan.get_by_label("Giờ phát", exact=True).fill(f"{start:%H:%M:%S}")
    lan.locator(".weekdays input").nth(start.weekday()).check(force=True)
    lan.get_by_role("button", name=re.compile("^Xem trước")).last.click()
    expect(lan.get_by_text("Nếu lưu, sẽ đổi như sau")).to_be_visible()
    lan.get_by_role("button", name="Lưu").first.click()


def stop(lan: Page) -> None:
    lan.get_by_role("link", name="Dừng phát").click()
    sure = lan.get_by_role("dialog").get_by_role("button", name="Dừng phát")
    expect(sure).to_be_enabled()
    sure.click()
    expect(lan.get_by_text("Đã dừng “Bản tin chiều”")).to_be_visible()
