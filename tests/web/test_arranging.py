"""The form of a schedule in a real browser: dragged by a mouse and a finger, moved by keys, with its length."""

import re
import tomllib
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect

from station.stores.home import Home

pytestmark = pytest.mark.browser

FILE = """\
title = "Tin"
[[air]]
days = "daily"
at = "18:00"
# một
[[rundown]]
say = "Một."
# hai
[[rundown]]
say = "Hai."
# ba
[[rundown]]
say = "Ba."
# bốn
[[rundown]]
say = "Bốn."
"""


@pytest.fixture
def opened(browser: Browser, address: str, client: FlaskClient, home: Home, player):  # noqa: ARG001
    """Open a page as somebody who is signed in; a script that fails, or asks elsewhere, fails the test."""
    home.places.schedules.mkdir()
    (home.places.schedules / "tin.toml").write_text(FILE)
    errors: list[str] = []
    contexts = []

    def run(path: str, width: int = 360, height: int = 740, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=address, locale="vi-VN", **options
        )
        contexts.append(context)
        context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if said.type == "error" and "400" not in said.text else None,
        )
        page.goto(path)
        return page

    yield run
    for context in contexts:
        context.close()
    assert errors == []


def said(page: Page) -> list[str]:
    return [it.input_value() for it in page.locator("[name=item-value]").all()]


def kept(home: Home, name: str = "tin") -> dict[str, Any]:
    return tomllib.loads((home.places.schedules / f"{name}.toml").read_text())


def handle(page: Page, number: int) -> Locator:
    return page.locator(".item-row .drag").nth(number)


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_items_are_dragged_by_a_mouse_and_saved(opened, home: Home):
    page = opened("/lich/tin/sua", width=1280, height=1400)
    x, y = middle(handle(page, 0))
    _, over = middle(handle(page, 2))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, (y + over) / 2, steps=8)
    page.mouse.move(x, over + 10, steps=8)
    page.mouse.up()
    assert said(page) == ["Hai.", "Ba.", "Một.", "Bốn."]
    x, y = middle(handle(page, 3))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, middle(page.locator("#title"))[1], steps=30)
    page.mouse.up()
    assert said(page) == ["Bốn.", "Hai.", "Ba.", "Một."]
    page.locator(".finish").get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu lịch “Tin”.")).to_be_visible()
    assert [it["say"] for it in kept(home)["rundown"]] == ["Bốn.", "Hai.", "Ba.", "Một."]
    text = (home.places.schedules / "tin.toml").read_text()
    assert re.findall("# (.+)", text) == ["bốn", "hai", "ba", "một"], "comments go with their items"


def test_items_are_dragged_by_a_finger(opened):
    page = opened("/lich/tin/sua", has_touch=True, is_mobile=True)
    page.locator("#khung").scroll_into_view_if_needed()
    x, y = middle(handle(page, 0))
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 21):
        touch("touchMove", {"x": x, "y": y + step * 8})
    touch("touchEnd")
    expect(page.locator(".dragged")).to_have_count(0)
    assert said(page)[0] == "Hai."
    assert sorted(said(page)) == sorted(["Một.", "Hai.", "Ba.", "Bốn."])


def test_keys_move_an_item_and_keep_the_focus_and_say_where_it_is(opened):
    page = opened("/lich/tin/sua")
    handle(page, 0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert said(page) == ["Hai.", "Ba.", "Một.", "Bốn."]
    expect(page.locator("[data-told]")).to_have_text("Một.: mục 3 trong 4.")
    page.keyboard.press("ArrowUp")
    assert said(page) == ["Hai.", "Một.", "Ba.", "Bốn."]
    page.get_by_role("button", name="Đưa lên trên: Máy đọc: “Một.”").press("Enter")
    page.get_by_role("button", name="Bỏ mục: Máy đọc: “Ba.”").click()
    assert said(page) == ["Một.", "Hai.", "Bốn."]
    assert page.url.endswith("/lich/tin/sua"), "no page was loaded for that"


def test_the_length_follows_what_is_typed(opened):
    page = opened("/lich/tin/sua")
    total = page.locator("[data-total]")
    before = total.inner_text()
    assert "phát 18:00 thì hết lúc 18:00:0" in before
    page.get_by_label("Lời để máy đọc").first.fill("Xin mời bà con nghe thông báo của xã. " * 40)
    expect(total).not_to_have_text(before)
    expect(total).to_have_text(re.compile(r"Dài khoảng 01:\d\d · phát 18:00 thì hết lúc 18:01:\d\d"))
    page.get_by_label("Giờ phát", exact=True).fill("06:30")
    expect(total).to_have_text(re.compile("phát 06:30 thì hết lúc 06:31"))


def test_a_new_schedule_is_made_on_a_phone(opened, home: Home):
    page = opened("/cac-lich")
    page.get_by_role("link", name="Lịch mới").click()
    page.get_by_label("Tên chương trình").fill("Điểm tin trưa")
    page.get_by_role("button", name="Lời máy đọc").click()
    page.get_by_label("Lời để máy đọc").fill("Mời bà con nghe điểm tin.")
    page.get_by_role("button", name="Tin mới nhất").click()
    page.get_by_label("mới trong").fill("2 ngày")
    page.get_by_label("Chủ nhật", exact=True).check(force=True)
    page.get_by_role("button", name="Xem trước thay đổi").click()
    expect(page.get_by_role("alert").filter(has_text="chỗ cần sửa")).to_contain_text("Chưa chọn giờ phát.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Giờ phát", exact=True).fill("11:30")
    page.get_by_label("mới trong").fill("48 giờ")
    page.get_by_role("button", name="Xem trước thay đổi").click()
    preview = page.locator("#xem-truoc")
    expect(preview.get_by_text("Thêm").first).to_be_visible()
    expect(preview).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    preview.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name="Điểm tin trưa")).to_be_visible()
    assert kept(home, "diem-tin-trua") == {
        "title": "Điểm tin trưa",
        "air": [{"days": "daily", "at": "11:30"}],
        "rundown": [{"say": "Mời bà con nghe điểm tin."}, {"newest": "news", "within": "48h", "limit": "12m"}],
    }


def test_the_form_works_with_no_script(opened, home: Home):
    page = opened("/lich/tin/sua", java_script_enabled=False)
    page.get_by_role("button", name="Đưa lên trên: Máy đọc: “Ba.”").click()
    assert said(page) == ["Một.", "Ba.", "Hai.", "Bốn."]
    page.get_by_role("button", name="Bỏ mục: Máy đọc: “Bốn.”").click()
    page.locator(".finish").get_by_role("button", name="Lưu").click()
    assert [it["say"] for it in kept(home)["rundown"]] == ["Một.", "Ba.", "Hai."]
