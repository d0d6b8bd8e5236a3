"""Hệ thống › Tỉnh from outside: pasting a line, comparing it, the link as it is, leaving."""

import html

import pytest
from attrs import evolve
from flask.testing import FlaskClient

from station.control.messages import Sync
from station.rules.enrolment import fingerprint, to_line
from station.rules.roles import Role
from station.stores.contact import Contact
from station.stores.enrolment import load_enrolment
from station.stores.home import Home
from tests.web.asking import post
from tests.web.linked import ARRIVING, BRIEFLY_CUT, ENROLMENT, GOOD, LONG_CUT, enrol
from tests.web.test_system import deeds

PAGE = "/he-thong/tinh/"
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


def test_the_link_is_told_in_words(home: Home, client: FlaskClient, player):
    enrol(home)
    page = shown(client)
    for told in ("Tỉnh Hà Tĩnh", "xa-huong-son", fingerprint(ENROLMENT.root), "4 phút trước, lúc 17:04"):
        assert told in page
    assert "qua mạng, từ loa.hatinh.example" in page
    assert "17:08 29/11/2026" in page
    assert "bi-mat" not in page
    assert "loaxa1" not in page.replace("loaxa1:…", "")
    assert "liên lạc lúc 17:04" in shown(client, "/he-thong/")


def test_what_arrives_is_told_in_its_order_with_how_much_is_there(home: Home, client: FlaskClient, player):
    enrol(home, ARRIVING)
    page = shown(client, f"{PAGE}tinh-hinh")
    assert page.index("Thời sự tỉnh sáng") < page.index("Hướng dẫn gieo cấy")
    assert "1,8 / 3,1 MB" in page
    assert "Lịch này không có giờ phát." in page


def test_a_link_that_is_down_for_hours_is_quiet_and_for_days_is_told(home: Home, client: FlaskClient, player):
    enrol(home, BRIEFLY_CUT)
    page = shown(client)
    assert "đài tự thử lại" in page
    assert "cần xem lại" not in page
    enrol(home, LONG_CUT)
    page = shown(client)
    assert "Không nhận được tin của tỉnh từ 17:08 ngày 20/11/2026." in page
    assert "3 ngày trước, lúc 17:08 20/11" in page
    assert "Không nhận được tin" in shown(client, "/he-thong/")


def test_before_the_first_word_that_is_said(home: Home, client: FlaskClient, player):
    enrol(home, Contact())
    assert "chưa lần nào" in shown(client)
    enrol(home, evolve(LONG_CUT, good_at=None))
    assert "Chưa lần nào nhận được tin của tỉnh." in shown(client)


def test_syncing_is_asked_of_the_player(home: Home, client: FlaskClient, player):
    enrol(home)
    assert post(client, f"{PAGE}dong-bo", PAGE).headers["Location"] == PAGE
    assert player["orders"] == [Sync()]
    assert deeds(home)[-1] == ("Lan", "đồng bộ với tỉnh", "")
    player["off"]()
    post(client, f"{PAGE}dong-bo", PAGE)
    assert "Máy phát không chạy" in shown(client)


def test_leaving_is_asked_first_and_noted(home: Home, client: FlaskClient, player):
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


def test_everybody_sees_the_link_and_each_role_is_offered_its_own(home: Home, someone, player):
    enrol(home)
    operator, approver, technician = (someone(f"Người {role}", role) for role in Role)
    assert all("Tỉnh Hà Tĩnh" in shown(it) for it in (operator, approver, technician))
    assert "Đồng bộ ngay" in shown(operator)
    assert "Đồng bộ ngay" not in shown(approver)
    assert "Thôi ghi danh" in shown(technician)
    assert "Thôi ghi danh" not in shown(operator)
    enrolled = shown(technician)
    assert "Tỉnh gửi dòng mới" in enrolled


def test_an_old_contact_of_the_last_start_is_remembered(home: Home, client: FlaskClient, player):
    enrol(home, GOOD)
    (home.places.run / "contact.json").unlink()
    assert "lúc 17:04" in shown(client)
