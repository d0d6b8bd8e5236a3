"""The page in a real browser, in every state of the player: fit for a thumb, still while it is renewed, true."""

import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import expect

from station.desk.segments import add_segment, take_in_waiting
from station.rules.rundown import Kind
from station.stores.home import Home
from tests.running import speech
from tests.web.conftest import AIRED
from tests.web.states import (
    AIRED_ALERT,
    EXERCISE_ALERT,
    FEED_ALERT,
    ON_AIR,
    PROPOSED_ALERT,
    SEEN,
    STATES,
    STATUS,
)

pytestmark = pytest.mark.browser

THUMB = 44  # px
IN_PAGE = "it => it.getBoundingClientRect().top + window.scrollY"
TOO_SMALL = f"""() => Array.from(document.querySelectorAll("a, button, summary, input, select, textarea"))
    .filter(it => it.offsetParent && it.type !== "hidden")
    .map(it => [it.textContent.trim() || it.name, (it.closest("label") || it).getBoundingClientRect()])
    .filter(([_, box]) => Math.min(box.width, box.height) < {THUMB})
    .map(([name]) => name)"""


def pages(bulletin: str) -> list[tuple[str, str]]:
    """Every page that one can come to, as (state of the player, address)."""
    addresses = [
        "/thu-vien/",
        "/thu-vien/them",
        "/thu-vien/soan",
        f"/thu-vien/{bulletin}",
        f"/thu-vien/{bulletin}/sua",
        "/chuong-trinh/",
        "/chuong-trinh/ban-tin-hang-ngay",
        "/lich/",
        "/lich/?thang=2027-02",
        "/cac-lich",
        "/lich/toi",
        "/lich/toi/sua",
        "/lich/toi/bo",
        "/lich-moi",
        "/lich/dien-tap",
        "/nhat-ky",
        "/nhat-ky?cum=bac",
        "/nhat-ky?tu=hom-qua",
        "/nhat-ky/bao-cao",
        "/nhat-ky/bao-cao?thang=2026-13",
        "/nghe-lai/",
        f"/nghe-lai/ban-tin-sang/{AIRED}",
        "/nghe-lai/khong-co/1",
        "/he-thong/tai-khoan",
        "/he-thong/nguoi-dung",
        "/he-thong/nhat-ky/",
        "/chung-chi/",
        "/phat-ngay/lich-tiem-phong",
        "/khan-cap",
        "/canh-bao/",
        f"/canh-bao/{AIRED_ALERT}",
        f"/canh-bao/{PROPOSED_ALERT}",
        f"/canh-bao/{FEED_ALERT}",
        f"/canh-bao/{FEED_ALERT}/phat",
        f"/canh-bao/{EXERCISE_ALERT}/phat",
        "/truc-tiep/",
        "/dung-phat",
        "/he-thong/",
        "/he-thong/dong-ho/",
        "/he-thong/thiet-lap/",
        "/he-thong/thiet-lap/dai",
        "/he-thong/thiet-lap/cum-loa",
        "/he-thong/thiet-lap/cum-loa/bac/chan",
        "/he-thong/thiet-lap/cum-loa/bac/nghe",
        "/he-thong/thiet-lap/cum-loa/bac/nghe?vua=nghe",
        "/he-thong/thiet-lap/cum-loa/bac/nghe?vua=im",
        "/he-thong/thiet-lap/am-thanh",
        "/he-thong/thiet-lap/dong-ho",
        "/he-thong/thiet-lap/nguoi-dung",
        "/he-thong/thiet-lap/tinh",
        "/he-thong/tinh/",
        "/he-thong/tinh/thoi",
        "/he-thong/cum-loa/bac/thu",
        "/he-thong/cai-dat/dai",
        "/he-thong/cai-dat/am-thanh",
        "/he-thong/cai-dat/giong-doc",
        "/he-thong/cai-dat/cum-loa/bac",
        "/he-thong/cai-dat/tiep-song/them_moi",
        "/so-tay/",
        "/so-tay/den-va-loi?tu=/",
        "/so-tay/khan-cap",
        "/so-tay/tin-khan-tinh",
        "/khong-co",
    ]
    return [*((state, "/") for state in STATES), *(("silent", it) for it in addresses)]


@pytest.mark.usefixtures("evening", "enrolled")
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_every_target_is_fit_for_a_thumb(width: int, open_context, player, bulletin):
    page = open_context(width).new_page()
    for state, address in pages(bulletin):
        player["status"] = STATES[state]
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (state, address)
        assert page.evaluate(TOO_SMALL) == [], (state, address)


@pytest.mark.usefixtures("evening", "enrolled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(scheme: str, open_context, player, bulletin):
    """By axe: contrast, names, labels, order, languages; motion reduced, or it may weigh a colour on its way."""
    page = open_context(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce").new_page()
    found: dict[str, list[str]] = {}
    for state, address in pages(bulletin):
        player["status"] = STATES[state]
        page.goto(address)
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                nodes = [f"{state} {address} {node['html'][:100]}" for node in violation["nodes"]]
                found.setdefault(f"{violation['id']}: {violation['help']}", []).extend(nodes)
    assert not found


def test_nothing_moves_under_a_finger_while_the_page_is_renewed(open_context, player):
    player["status"] = STATES["on air"]
    page = open_context().new_page()
    page.goto("/")
    add = page.get_by_role("link", name="Tải tệp âm thanh lên")
    add.focus()
    element, before = add.element_handle(), add.evaluate(IN_PAGE)
    player["status"] = {**STATES["on air"], "on_air": {**ON_AIR, "position": 502.0}}
    expect(page.get_by_text("08:22")).to_be_visible()
    assert page.evaluate("link => link.isConnected && link === document.activeElement", element)
    assert add.evaluate(IN_PAGE) == before
    player["status"] = STATUS
    expect(page.get_by_text("Loa đang im")).to_be_visible()


def test_a_preview_goes_on_while_the_list_is_renewed(open_context, player, home: Home, bulletin: str):  # noqa: ARG001
    page = open_context().new_page()
    page.goto("/thu-vien/")
    page.get_by_text("Nghe thử").click()
    audio = page.locator(f"#muc-{bulletin} audio")
    expect(audio).to_be_visible()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    element = audio.element_handle()
    add_segment(home, io.BytesIO(b"x"), title="Mới đến", kind=Kind.NEWS, by="Lan", now=SEEN + 1)
    expect(page.get_by_text("Mới đến")).to_be_visible()
    assert page.evaluate("audio => audio.isConnected && !audio.paused", element)


def test_an_upload_shows_how_far_it_is(open_context, player, home: Home, tmp_path: Path):  # noqa: ARG001
    context = open_context()
    page = context.new_page()
    page.goto("/thu-vien/them")
    network = context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    network.send("Network.emulateNetworkConditions", slow)
    long = tmp_path / "dai.wav"
    long.write_bytes(bytes(1_000_000))
    page.get_by_label("Tệp âm thanh").set_input_files(long)
    page.get_by_role("button", name="Tải lên").click()
    page.wait_for_function(
        "() => { const bar = document.querySelector('progress'); return bar.value > 0 && bar.value < 100 }"
    )
    expect(page.get_by_text("/ 1,0 MB")).to_be_visible()
    expect(page.locator("article").get_by_text("Đang xử lý…")).to_be_visible(timeout=30_000)
    assert [it.title for it in home.library.segments()] == ["dai"]


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(open_context, player, app: Flask, tmp_path: Path):  # noqa: ARG001
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    large = tmp_path / "to.wav"
    large.write_bytes(bytes(3 * 1024 * 1024))
    page = open_context().new_page()
    page.goto("/thu-vien/them")
    page.get_by_label("Tệp âm thanh").set_input_files(large)
    page.get_by_label("Tên bản tin").fill("Tên đã gõ")
    page.get_by_role("button", name="Tải lên").click()
    expect(page.get_by_text("Tệp này 3,0 MB, máy chỉ nhận được 1,0 MB.")).to_be_visible()
    expect(page.get_by_label("Tên bản tin")).to_have_value("Tên đã gõ")


def test_all_works_without_script(open_context, player, home: Home, tmp_path: Path):
    player["status"] = STATES["on air"]
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="Dừng phát").click()
    page.get_by_role("button", name="Dừng phát").click()
    expect(page.get_by_text("Đã làm.")).to_be_visible()
    page.get_by_role("link", name="Tải tệp âm thanh lên").click()
    page.get_by_label("Tệp âm thanh").set_input_files(speech(tmp_path / "tin.mp3", "Xin chào bà con."))
    page.get_by_role("button", name="Tải lên").click()
    expect(page.get_by_text("Đã nhận “tin”.")).to_be_visible()
    list(take_in_waiting(home))
    page.reload()
    page.get_by_role("button", name="Duyệt").click()
    page.get_by_role("link", name="Phát ngay").click()
    page.get_by_role("button", name="Phát ngay").click()
    page.get_by_role("button", name="Tắt riêng Thôn Bắc").click()
    page.get_by_role("link", name="Khẩn cấp").click()
    page.get_by_role("button", name="Phát khẩn cấp ngay").click()
    page.get_by_role("link", name="Nói trực tiếp").click()
    expect(page.get_by_text("Micro này cần JavaScript")).to_be_visible()
    assert [type(it).__name__ for it in player["orders"]] == ["Stop", "Play", "Mute", "Emergency"]
