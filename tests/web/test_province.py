"""Hệ thống › Tỉnh from outside: pasting a line, comparing it, the link as it is, leaving."""

import hashlib
import html
from pathlib import Path

import pytest
from attrs import evolve
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from station.control.messages import Sync
from station.province import shelf
from station.rules.enrolment import fingerprint, to_line
from station.rules.offer import Offer
from station.rules.roles import Role
from station.stores.contact import Contact
from station.stores.enrolment import load_enrolment
from station.stores.home import Home
from tests.rig.province_server import ProvinceServer
from tests.rig.tree import Tree
from tests.web.asking import post
from tests.web.linked import ARRIVING, BRIEFLY_CUT, ENROLMENT, FORGED, GOOD, LONG_CUT, enrol
from tests.web.states import SEEN
from tests.web.test_looks import TOO_SMALL
from tests.web.test_system import deeds

pytestmark = pytest.mark.usefixtures("player")

PAGE = "/he-thong/tinh/"
EVENING_NEWS = """
title = "Thời sự tối"
[[air]]
days = "daily"
at = "18:00"
[[rundown]]
play = "thong-bao"
"""
LINE = to_line(ENROLMENT)


def shown(client: FlaskClient, address: str = PAGE) -> str:
    return html.unescape(client.get(address).text)


def test_a_line_is_compared_before_it_is_taken(home: Home, client: FlaskClient, player):
    assert "Dán dòng ghi danh" in shown(client)
    compared = html.unescape(post(client, f"{PAGE}xem", PAGE, line=f"  {LINE[:40]}\n{LINE[40:]} ").text)
    for told in ("So 20 chữ này với tỉnh", "3f9a", "c1e5", "Tỉnh Hà Tĩnh", "xa-huong-son", "bao-cao"):
        assert told in compared
    assert load_enrolment(home.places.province) is None
    assert player["orders"] == []


@pytest.mark.parametrize("line", ["", "xin chào", LINE[:-3], LINE.replace("1:", "1:0", 1)])
def test_what_is_no_line_is_refused_in_a_sentence_and_stays_in_its_box(client: FlaskClient, line: str):
    refused = post(client, f"{PAGE}xem", PAGE, line=line)
    assert refused.status_code == 400
    assert "Sao chép lại trọn dòng tỉnh gửi" in html.unescape(refused.text)
    assert line in refused.text


def test_the_link_is_told_in_words(home: Home, client: FlaskClient):
    enrol(home)
    page = shown(client)
    for told in ("Tỉnh Hà Tĩnh", "xa-huong-son", fingerprint(ENROLMENT.root), "4 phút trước, lúc 17:04"):
        assert told in page
    assert "qua mạng, từ loa.hatinh.example" in page
    assert "17:08 29/11/2026" in page
    assert "bi-mat" not in page
    assert "loaxa1" not in page.replace("loaxa1:…", "")
    assert "liên lạc lúc 17:04" in shown(client, "/he-thong/")


def test_what_arrives_is_told_in_its_order_with_how_much_is_there(home: Home, client: FlaskClient):
    enrol(home, ARRIVING)
    page = shown(client, f"{PAGE}tinh-hinh")
    assert page.index("Thời sự tỉnh sáng") < page.index("Hướng dẫn gieo cấy")
    assert "1,8 / 3,1 MB" in page
    assert "Tệp này không có mã băm sha256." in page


def test_a_link_that_is_down_for_hours_is_quiet_and_for_days_is_told(home: Home, client: FlaskClient):
    enrol(home, BRIEFLY_CUT)
    page = shown(client)
    assert "đài tự thử lại" in page
    assert "cần xem lại" not in page
    enrol(home, LONG_CUT)
    page = shown(client)
    assert "Không nhận được tin của tỉnh từ 17:08 ngày 20/11/2026." in page
    assert "3 ngày trước, lúc 17:08 20/11" in page
    assert "Không nhận được tin" in shown(client, "/he-thong/")


def test_before_the_first_word_that_is_said(home: Home, client: FlaskClient):
    enrol(home, Contact())
    assert "chưa lần nào" in shown(client)
    enrol(home, evolve(LONG_CUT, good_at=None))
    assert "Chưa lần nào nhận được tin của tỉnh." in shown(client)


def test_a_forged_word_is_loud_at_once(home: Home, client: FlaskClient):
    enrol(home, FORGED)
    page = shown(client)
    assert "cần xem lại" in page
    assert "không phải của tỉnh" in page
    assert "không phải của tỉnh" in shown(client, "/he-thong/")


def test_what_the_station_holds_of_the_province_is_listed(home: Home, client: FlaskClient, tmp_path: Path):
    enrol(home)
    for path, content, title in (
        ("tinh/thong-bao.txt", "Mời bà con theo dõi.", "Thông báo của tỉnh"),
        ("tinh/toi.toml", EVENING_NEWS, ""),
    ):
        part = tmp_path / "part"
        part.write_text(content)
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        shelf.take(home, Offer(path, part.stat().st_size, digest, SEEN, title), part, SEEN)
    page = shown(client)
    segment = next(it for it in home.library.segments())
    assert f'href="/thu-vien/{segment.id}"' in page
    assert "Thông báo của tỉnh" in page
    assert "Thời sự tối" in page


def test_syncing_is_asked_of_the_player(home: Home, client: FlaskClient, player):
    enrol(home)
    assert post(client, f"{PAGE}dong-bo", PAGE).headers["Location"] == PAGE
    assert player["orders"] == [Sync()]
    assert deeds(home)[-1] == ("Lan", "đồng bộ với tỉnh", "")
    player["off"]()
    post(client, f"{PAGE}dong-bo", PAGE)
    assert "Máy phát không chạy" in shown(client)


def test_leaving_is_asked_first_and_noted(home: Home, client: FlaskClient):
    enrol(home)
    assert "Thôi ghi danh với Tỉnh Hà Tĩnh?" in shown(client, f"{PAGE}thoi")
    assert load_enrolment(home.places.province) is not None
    assert post(client, f"{PAGE}thoi", f"{PAGE}thoi").headers["Location"] == PAGE
    assert load_enrolment(home.places.province) is None
    assert "Dán dòng ghi danh" in shown(client)
    who, deed, subject = deeds(home)[-1]
    assert (who, deed) == ("Lan", "thôi ghi danh với tỉnh")
    assert "bi-mat" not in subject
    assert client.get(f"{PAGE}thoi").status_code == 404


def test_everybody_sees_the_link_and_each_role_is_offered_its_own(home: Home, someone):
    enrol(home)
    operator, approver, technician = (someone(f"Người {role}", role) for role in Role)
    assert all("Tỉnh Hà Tĩnh" in shown(it) for it in (operator, approver, technician))
    assert "Đồng bộ ngay" in shown(operator)
    assert "Đồng bộ ngay" not in shown(approver)
    assert "Thôi ghi danh" in shown(technician)
    assert "Thôi ghi danh" not in shown(operator)
    enrolled = shown(technician)
    assert "Tỉnh gửi dòng mới" in enrolled


def test_an_old_contact_of_the_last_start_is_remembered(home: Home, client: FlaskClient):
    enrol(home, GOOD)
    (home.places.run / "contact.json").unlink()
    assert "lúc 17:04" in shown(client)


@pytest.mark.browser
def test_a_technician_enrols_on_a_phone(open_context, home: Home, tmp_path: Path):
    tree = Tree(tmp_path / "province" / "tree")
    (tree.folder.parent / "htpasswd").touch()
    with ProvinceServer(tree.folder.parent, tmp_path / "nginx") as server:
        wanted = tree.enrolment(server.plain_tree)
        page = open_context().new_page()
        page.goto(PAGE)
        fits(page)
        page.get_by_label("Dán dòng ghi danh").fill(to_line(wanted))
        page.get_by_role("button", name="Xem dòng này nói gì").click()
        expect(page.get_by_text(wanted.root[:4], exact=True)).to_be_visible()
        fits(page)
        page.get_by_role("button", name="ghi danh").and_(page.locator("button:not(:disabled)")).click()
        expect(page.get_by_role("heading", name="Tỉnh Thử")).to_be_visible()
    assert load_enrolment(home.places.province) == wanted
    page.get_by_text("Tỉnh gửi dòng mới…").click()
    other = Tree(tmp_path / "forger").enrolment("https://khac.example/")
    page.get_by_label("Dán dòng ghi danh mới").fill(to_line(other))
    page.get_by_role("button", name="Xem dòng này nói gì").click()
    expect(page.get_by_text("Đây không phải là tỉnh mà đài đang tin.")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Không ghi danh").click()
    assert load_enrolment(home.places.province) == wanted


def fits(page: Page) -> None:
    """Fail unless the page is fit for a small screen and a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(TOO_SMALL) == []
