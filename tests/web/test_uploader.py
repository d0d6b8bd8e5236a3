"""The page that sends and records, in a real browser: over a link that breaks, after a reload, by a microphone."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect, sync_playwright

from station.desk.segments import take_in_waiting
from station.stores.home import Home
from tests.browsing import CHROMIUM
from tests.rig.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("player")]

PATIENCE = 30_000  # ms
NOT_THIS_MACHINE = "dai.example"
BEEPING = [
    *CHROMIUM["args"],
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {NOT_THIS_MACHINE} 127.0.0.1",
]
IMPATIENT = (
    "const later = window.setTimeout; window.setTimeout = (deed, time) => later(deed, Math.min(time, 2000) / 10)"
)
TOO_SMALL = """() => Array.from(document.querySelectorAll("a, button, summary, input, select"))
    .filter(it => it.offsetParent && it.type !== "hidden")
    .map(it => [it.textContent.trim() || it.name, (it.closest("label") || it).getBoundingClientRect()])
    .filter(([_, box]) => Math.min(box.width, box.height) < 44)
    .map(([name]) => name)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**{**CHROMIUM, "args": BEEPING})
        yield chromium
        chromium.close()


class Link:
    """A link to the page that breaks: it carries so many bytes of each connection and then closes it."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._there = (host, int(port))
        self._here = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._here.getsockname()[1]}"
        self.carries, self.broken = 10**12, 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._here.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._here.accept()
                page = socket.create_connection(self._there)
                threading.Thread(target=self._carry, args=(page, phone, 10**12), daemon=True).start()
                threading.Thread(target=self._carry, args=(phone, page, self.carries), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, left: int) -> None:
        with suppress(OSError):
            while left > 0 and (some := source.recv(min(left, 65536))):
                sink.sendall(some)
                left -= len(some)
        self.broken += left <= 0
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def link(address: str) -> Iterator[Link]:
    made = Link(address)
    yield made
    made.close()


@pytest.fixture
def context(browser: Browser, client: FlaskClient, link: Link) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=link.address, locale="vi-VN")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(IMPATIENT)
    context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": link.address}])
    yield context
    context.close()


@pytest.fixture
def phone(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/thu-vien/them")
    return page


def recording(folder: Path, name: str, length: int) -> Path:
    file = folder / name
    file.write_bytes(random.Random(name).randbytes(length))
    return file


def choose(phone: Page, *files: Path) -> None:
    phone.get_by_label("Tệp âm thanh").set_input_files(files)


def send(phone: Page) -> None:
    phone.get_by_role("button", name="Tải lên").click()


def originals(home: Home) -> dict[str, bytes]:
    return {it.title: home.library.original_path(it.original).read_bytes() for it in home.library.segments()}


def test_several_files_arrive_over_a_link_that_breaks_again_and_again(
    phone: Page,
    link: Link,
    home: Home,
    tmp_path: Path,
):
    files = [recording(tmp_path, name, length) for name, length in (("sáng.mp3", 700_000), ("chiều.mp3", 300_001))]
    choose(phone, *files)
    expect(phone.get_by_text("Mỗi tệp thành một bản tin")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_label("Tên bản tin")).to_be_hidden()
    link.carries = 90_000
    send(phone)
    expect(phone.get_by_text("Mất mạng, sẽ tự gửi tiếp.")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_text("Chờ gửi.")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_text("Đã nhận “chiều”.")).to_be_visible(timeout=PATIENCE)
    assert phone.url.endswith("/thu-vien/")
    assert link.broken > 5
    assert originals(home) == {it.stem: it.read_bytes() for it in files}


def test_without_a_network_it_waits_and_goes_on_by_itself(
    phone: Page,
    home: Home,
    tmp_path: Path,
):
    file = recording(tmp_path, "tin.mp3", 200_000)
    phone.context.set_offline(True)
    choose(phone, file)
    send(phone)
    expect(phone.get_by_text("Mất mạng, sẽ tự gửi tiếp.")).to_be_visible(timeout=PATIENCE)
    phone.context.set_offline(False)
    expect(phone.get_by_text("Đã nhận “tin”.")).to_be_visible(timeout=PATIENCE)
    assert originals(home) == {"tin": file.read_bytes()}


def test_after_the_page_was_closed_the_rest_of_the_same_file_is_sent(
    phone: Page,
    link: Link,
    home: Home,
    tmp_path: Path,
):
    file, other = recording(tmp_path, "tin.mp3", 3_000_000), recording(tmp_path, "khác.mp3", 600_000)
    choose(phone, file)
    phone.get_by_label("Tên bản tin").fill("Lịch tiêm phòng")
    phone.get_by_label("Loại").select_option(label="Thông báo")
    send(phone)
    wait_until(lambda: any(it.offset for it in home.uploads.pending(0)), 30)
    link.carries = 1000
    phone.get_by_role("button", name="Tạm dừng").click()
    expect(phone.get_by_text("Tạm dừng. Đã gửi")).to_be_visible(timeout=PATIENCE)
    phone.close()
    (upload,) = home.uploads.pending(0)
    assert 0 < upload.offset < len(file.read_bytes())

    link.carries, again, sent = 10**12, phone.context.new_page(), []
    again.on("request", lambda it: sent.append(it.headers.get("upload-offset")) if it.method == "PATCH" else None)
    again.goto("/thu-vien/")
    expect(again.get_by_text("1 tệp của bạn gửi dở.")).to_be_visible(timeout=PATIENCE)
    assert again.evaluate(TOO_SMALL) == []
    again.get_by_role("link", name="Gửi tiếp").click()
    expect(again.get_by_text("Chọn lại tệp “tin.mp3” để gửi tiếp phần còn lại.")).to_be_visible(timeout=PATIENCE)
    again.get_by_label("Chọn lại tệp").set_input_files(other)
    expect(again.get_by_text("“khác.mp3” không phải tệp đã gửi dở.")).to_be_visible(timeout=PATIENCE)
    assert again.evaluate(TOO_SMALL) == []
    assert again.evaluate("document.documentElement.scrollWidth") <= 360
    again.get_by_label("Chọn lại tệp").set_input_files(file)
    expect(again.get_by_text("Đã nhận “Lịch tiêm phòng”.")).to_be_visible(timeout=PATIENCE)
    (segment,) = home.library.segments()
    assert (segment.title, segment.kind) == ("Lịch tiêm phòng", "notice")
    assert originals(home) == {"Lịch tiêm phòng": file.read_bytes()}
    assert sent[0] == str(upload.offset), "nothing is sent twice"


def test_who_missed_the_last_answer_is_told_all_the_same(phone: Page, home: Home, tmp_path: Path):
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    phone.route("**/tai-len/*", lose, times=1)
    choose(phone, recording(tmp_path, "tin.mp3", 1000))
    send(phone)
    expect(phone.get_by_text("Đã nhận “tin”.")).to_be_visible(timeout=PATIENCE)
    assert len(home.library.segments()) == 1


def test_what_is_chosen_anew_in_the_form_goes_on_too(
    phone: Page,
    link: Link,
    home: Home,
    tmp_path: Path,
):
    file = recording(tmp_path, "tin.mp3", 3_000_000)
    choose(phone, file)
    send(phone)
    wait_until(lambda: any(it.offset for it in home.uploads.pending(0)), 30)
    link.carries = 1000
    phone.close()
    link.carries, again = 10**12, phone.context.new_page()
    again.goto("/thu-vien/them")
    choose(again, file)
    send(again)
    expect(again.get_by_text("Đã nhận “tin”.")).to_be_visible(timeout=PATIENCE)
    assert originals(home) == {"tin": file.read_bytes()}
    assert home.uploads.pending(0) == ()


def test_a_file_is_paused_and_dropped_and_the_next_one_goes_on(
    phone: Page,
    link: Link,
    home: Home,
    tmp_path: Path,
):
    phone.on("dialog", Dialog.accept)
    link.carries = 1000
    choose(phone, recording(tmp_path, "một.mp3", 100_000), recording(tmp_path, "hai.mp3", 100_000))
    send(phone)
    rows = phone.locator(".sending")
    expect(rows.filter(has_text="Mất mạng")).to_have_count(1, timeout=PATIENCE)
    rows.first.get_by_role("button", name="Tạm dừng").click()
    expect(rows.first.get_by_role("button", name="Gửi tiếp")).to_be_visible(timeout=PATIENCE)
    expect(rows.last).to_contain_text("Mất mạng", timeout=PATIENCE)
    rows.first.get_by_role("button", name="Bỏ").click()
    expect(rows).to_have_count(1, timeout=PATIENCE)
    link.carries = 10**12
    expect(phone.get_by_text("Đã nhận “hai”.")).to_be_visible(timeout=PATIENCE)
    assert list(originals(home)) == ["hai"]


def test_a_refusal_is_told_in_its_place_and_the_others_are_sent(
    phone: Page,
    app: Flask,
    home: Home,
    tmp_path: Path,
):
    app.config["MAX_CONTENT_LENGTH"] = 150_000  # after the page was shown
    choose(phone, recording(tmp_path, "to.mp3", 200_000), recording(tmp_path, "nhỏ.mp3", 100_000))
    send(phone)
    expect(phone.locator(".sending.failed")).to_contain_text("nên không nhận được", timeout=PATIENCE)
    expect(phone.locator(".sending.kept")).to_contain_text("✓ Đã nhận.", timeout=PATIENCE)
    assert list(originals(home)) == ["nhỏ"]
    app.config["MAX_CONTENT_LENGTH"] = 512 * 1024**2
    phone.get_by_role("button", name="Thử lại").click()
    expect(phone.get_by_text("Đã nhận “to”.")).to_be_visible(timeout=PATIENCE)


def test_who_was_signed_out_meanwhile_is_told_what_to_do(phone: Page, tmp_path: Path):
    phone.context.clear_cookies(name="phien")
    choose(phone, recording(tmp_path, "tin.mp3", 1000))
    send(phone)
    expect(phone.get_by_text("Bạn đã đăng xuất. Tải lại trang, đăng nhập rồi làm tiếp.")).to_be_visible(
        timeout=PATIENCE
    )


def test_a_card_that_is_full_is_told(phone: Page, tmp_path: Path):
    sentence = "Thẻ nhớ không còn đủ chỗ nên chưa nhận được tệp."

    def full(route: Route) -> None:
        route.fulfill(status=507, content_type="application/json", body=json.dumps({"trouble": sentence}))

    phone.route("**/tai-len/", full)
    choose(phone, recording(tmp_path, "tin.mp3", 1000))
    send(phone)
    expect(phone.get_by_text(sentence)).to_be_visible(timeout=PATIENCE)
    phone.unroute("**/tai-len/")
    phone.get_by_role("button", name="Thử lại").click()
    expect(phone.get_by_text("Đã nhận “tin”.")).to_be_visible(timeout=PATIENCE)


# ── Recording ────────────────────────────────────────────────────────────────────────────────────────────────────


def record(phone: Page, seconds: int) -> None:
    phone.get_by_role("button", name="Ghi âm bằng máy này").click()
    expect(phone.get_by_text("ĐANG GHI")).to_be_visible(timeout=PATIENCE)
    expect(phone.get_by_role("timer")).to_have_text(f"00:{seconds:02}", timeout=PATIENCE)


def test_what_was_recorded_is_heard_again_sent_and_fit_for_air(phone: Page, home: Home):
    record(phone, 2)
    assert phone.evaluate(TOO_SMALL) == []
    phone.wait_for_function("() => document.querySelector('meter').value > -50")
    phone.get_by_role("button", name="Ghi xong").click()
    expect(phone.get_by_text("Nghe lại rồi bấm Tải lên.")).to_be_visible(timeout=PATIENCE)
    phone.evaluate("() => { const it = document.querySelector('audio'); it.muted = true; return it.play(); }")
    phone.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    assert phone.evaluate(TOO_SMALL) == []
    phone.get_by_label("Tên bản tin").fill("Thông báo khẩn")
    send(phone)
    expect(phone.get_by_text("Đã nhận “Thông báo khẩn”.")).to_be_visible(timeout=PATIENCE)
    (segment,) = take_in_waiting(home)
    assert (segment.title, segment.state) == ("Thông báo khẩn", "draft")
    assert segment.length in range(1_500, 6_000)
    phone.goto("/thu-vien/them")
    expect(phone.get_by_role("button", name="Ghi âm bằng máy này")).to_be_visible(timeout=PATIENCE)
    assert phone.evaluate("document.getElementById('file').files.length") == 0, "it was kept only until it was sent"


def test_a_recording_outlives_its_page_until_it_is_discarded(
    phone: Page,
    home: Home,
):
    phone.on("dialog", Dialog.accept)
    record(phone, 3)
    phone.close()
    again = phone.context.new_page()
    again.on("dialog", Dialog.accept)
    again.goto("/thu-vien/them")
    expect(again.get_by_text("chưa gửi.")).to_be_visible(timeout=PATIENCE)
    send(again)
    expect(again.get_by_text("Đã nhận “Ghi âm")).to_be_visible(timeout=PATIENCE)
    (segment,) = home.library.segments()
    assert home.library.original_path(segment.original).stat().st_size > 10_000

    again.goto("/thu-vien/them")
    record(again, 1)
    again.get_by_role("button", name="Ghi xong").click()
    again.get_by_role("button", name="Bỏ bản ghi").click()
    expect(again.get_by_role("button", name="Ghi âm bằng máy này")).to_be_visible(timeout=PATIENCE)
    again.reload()
    expect(again.get_by_role("button", name="Ghi âm bằng máy này")).to_be_visible(timeout=PATIENCE)
    expect(again.get_by_text("chưa gửi.")).to_be_hidden()


def test_without_https_the_page_says_why_and_what_to_do_instead(
    browser: Browser, client: FlaskClient, address: str
):
    elsewhere = address.replace("127.0.0.1", NOT_THIS_MACHINE)
    context = browser.new_context(locale="vi-VN")
    context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": elsewhere}])
    page = context.new_page()
    page.goto(f"{elsewhere}/thu-vien/them")
    expect(page.get_by_text("ghi âm ngay tại đây khi trang mở bằng HTTPS")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Ghi âm")).to_be_hidden()
    context.close()
