"""The pages from outside: who may come in, what is refused, and what is said in trouble."""

import errno
import io
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from station.control.messages import Play, Stop
from station.desk.people import new_setup_code
from station.desk.segments import take_in_waiting
from station.rules.hours import local
from station.stores.home import Home
from tests.running import HANOI, speech
from tests.web.asking import post, token, upload
from tests.web.states import ON_AIR, STATES, STATUS


def test_nothing_is_changed_by_looking(app: Flask, client: FlaskClient, player):
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint not in {"static", "bootstrap.static"}:
            client.get(re.sub(r"<[^>]+>", "x", rule.rule))
    assert player["orders"] == []


def test_the_code_works_once_and_a_wrong_one_never(app: Flask, home: Home):
    code = new_setup_code(home, now=0)
    wrong = post(
        app.test_client(), "/thiet-lap", "/thiet-lap", code="AAAA-AAAA-AAAA", name="X", password="12345678"
    )
    assert wrong.status_code == 400
    assert "Mã thiết lập không đúng" in wrong.text
    short = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Lan", password="1234567")
    assert "Mật khẩu quá ngắn" in short.text
    assert 'value="Lan"' in short.text, "what was typed stays"
    right = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code.lower(), name="Lan", password="12345678")
    assert right.status_code == 302
    again = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Kẻ lạ", password="12345678")
    assert again.status_code == 400


def test_signing_in_and_out(app: Flask, client: FlaskClient):  # noqa: ARG001 - makes the person
    other = app.test_client()
    assert "không đúng" in post(other, "/dang-nhap", "/dang-nhap", name="Lan", password="sai mat khau").text
    assert "không đúng" in post(other, "/dang-nhap", "/dang-nhap", name="admin", password="admin").text
    assert post(other, "/dang-nhap", "/dang-nhap", name="Lan", password="mat khau dai").status_code == 302
    assert other.get("/").status_code == 200
    cookie = other.get_cookie("phien")
    assert post(other, "/dang-xuat", "/").status_code == 302
    other.set_cookie("phien", cookie.value)
    assert other.get("/").status_code == 302, "an ended session stays ended"


def test_with_no_player_the_page_says_what_still_works_and_what_to_do(client: FlaskClient):
    page = client.get("/").text
    assert "Máy phát không chạy" in page
    assert "Thư viện và lịch phát vẫn xem và sửa được" in page
    assert "Khởi động lại máy phát" in page


def test_with_no_player_the_files_troubles_are_told_all_the_same(home: Home, client: FlaskClient):
    home.places.schedules.mkdir()
    (home.places.schedules / "sang.toml").write_text('title = "Sáng"\nat = "5h"\n')
    assert "sang.toml" in client.get("/").text


def test_on_air_is_shown_with_its_item_and_time_left(client: FlaskClient, player):
    player["status"] = {**STATUS, "on_air": ON_AIR}
    page = client.get("/tinh-hinh").text
    for shown in (
        "ĐANG PHÁT",
        "Bản tin chiều",
        "Mục 3/5 · Lịch tiêm phòng",
        "08:21",
        "còn <span data-left>11:39",
        "hết lúc 17:20",
    ):
        assert shown in page


def test_faults_are_sentences_in_red(client: FlaskClient, player):
    fault = {
        "where": "Thôn Bắc",
        "what": "Chân 17 không mở được.",
        "still": "Loa khác vẫn phát.",
        "mend": "Gọi thợ.",
    }
    player["status"] = {**STATUS, "faults": [fault]}
    page = client.get("/").text
    assert "note trouble" in page
    for sentence in fault.values():
        assert sentence in page


def test_what_comes_next_says_when_where_and_what_it_lacks(client: FlaskClient, player):
    player["status"] = STATES["silent"]
    page = client.get("/tinh-hinh").text
    for shown in ("Loa đang im", "Tiếp theo lúc 17:20", "12 phút nữa", "Sẵn sàng", "mọi cụm loa · ưu tiên"):
        assert shown in page
    for shown in ("mai", "Chưa sẵn sàng", "Chưa có tin nào được duyệt trong 36 giờ qua.", "thứ Tư 25/11"):
        assert shown in page


def test_a_broadcast_that_moved_is_no_less_ready_and_one_that_gave_way_is_not_next(client: FlaskClient, player):
    first, second, _ = STATES["silent"]["next"]
    gone = {**first, "title": "Nhạc", "airs": False, "ready": False, "reason": "Nhường giờ cho “Thời sự”."}
    moved = {**second, "title": "Thời sự", "ready": True, "reason": "", "moved": "Dời đến 05:10:00."}
    player["status"] = {**STATUS, "next": [gone, moved]}
    page = client.get("/tinh-hinh").text
    for shown in (
        "Tiếp theo lúc 05:00",
        "! Không phát",
        "Nhường giờ cho “Thời sự”.",
        "✓ Sẵn sàng",
        "Dời đến 05:10:00.",
    ):
        assert shown in page
    assert "Còn thiếu" not in page
    assert "Chưa sẵn sàng" not in page


def test_simulated_sound_is_said_and_a_practice_station_is_unmistakable(home: Home, client: FlaskClient, player):
    player["status"] = {**STATUS, "sound": {"device": "mô phỏng", "simulated": True, "missing": ""}}
    assert "mô phỏng, không có tiếng" in client.get("/").text
    assert "TRẠM TẬP" not in client.get("/").text
    home.places.config.write_text("practice = true\n")
    assert "TRẠM TẬP" in client.get("/").text


def test_an_upload_is_on_the_card_before_it_is_acknowledged(home: Home, client: FlaskClient, tmp_path: Path):
    recording = speech(tmp_path / "tin.mp3", "Xin chào bà con.").read_bytes()
    answer = upload(client, recording, "../../tin tức.mp3", title="Tin mới")
    assert answer.status_code == 302
    (segment,) = home.library.segments()
    assert home.library.original_path(segment.original).read_bytes() == recording
    assert "Đang xử lý" in client.get("/thu-vien/danh-sach").text
    assert [it.state for it in take_in_waiting(home)] == ["draft"]
    part = client.get(f"/thu-vien/{segment.id}/nghe", headers={"Range": "bytes=0-99"})
    assert part.status_code == 206
    assert len(part.data) == 100
    assert post(client, f"/thu-vien/{segment.id}/duyet", "/thu-vien/").status_code == 302
    assert "Phát ngay" in client.get("/thu-vien/").text


def test_uploads_that_cannot_be_are_refused_and_what_was_typed_stays(client: FlaskClient):
    nothing = post(client, "/thu-vien/them", "/thu-vien/them", title="Tên đã gõ")
    assert nothing.status_code == 400
    assert "Chưa chọn tệp" in nothing.text
    assert 'value="Tên đã gõ"' in nothing.text
    assert upload(client, b"x", "x.mp3", kind="khong-co").status_code == 400


def test_what_is_no_audio_is_refused_in_the_list(home: Home, client: FlaskClient):
    upload(client, b"day khong phai am thanh", "thu.mp3", title="Thư")
    list(take_in_waiting(home))
    page = client.get("/thu-vien/").text
    assert "Không dùng được" in page
    assert "không phải" in page


def test_an_upload_that_is_too_large_is_told(app: Flask, client: FlaskClient):
    ticket = token(client, "/thu-vien/them")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/thu-vien/them", data={"csrf_token": ticket, "file": (io.BytesIO(bytes(5000)), "x.mp3")})
    assert answer.status_code == 413
    assert "nên không nhận được" in answer.text


def test_play_and_stop_ask_once_more_and_tell_what_happened(
    home: Home, client: FlaskClient, player, tmp_path: Path
):
    upload(client, speech(tmp_path / "tin.mp3", "Xin chào bà con.").read_bytes(), "tin.mp3", title="Tin")
    list(take_in_waiting(home))
    assert "Phát ngay “Tin”?" in client.get("/phat-ngay/tin").text
    assert player["orders"] == []
    assert (
        "Chưa chọn cụm loa" in client.get(post(client, "/phat-ngay/tin", "/phat-ngay/tin").headers["Location"]).text
    )
    assert post(client, "/phat-ngay/tin", "/phat-ngay/tin", zones=["bac"]).status_code == 302
    assert post(client, "/dung-phat", "/dung-phat").status_code == 302
    assert player["orders"] == [Play("tin", "Lan", ("bac",)), Stop("Lan")]
    assert "Đã làm." in client.get("/").text


def test_errors_are_sentences(app: Flask, client: FlaskClient, monkeypatch):
    assert "Không có trang này" in client.get("/khong-co").text
    for error, status, told in (
        (OSError(errno.ENOSPC, "full"), 507, "Thẻ nhớ đã đầy"),
        (RuntimeError("unforeseen"), 500, "Trang điều khiển gặp lỗi. Máy phát vẫn chạy theo lịch."),
    ):

        def fail(error: Exception = error):
            raise error

        monkeypatch.setitem(app.view_functions, "log.log", fail)
        answer = client.get("/nhat-ky")
        assert answer.status_code == status
        assert told in answer.text


def test_what_a_browser_may_do_with_a_page_is_narrow(client: FlaskClient):
    for address in ("/", "/khong-co", "/static/station.js"):
        headers = client.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_the_session_s_cookie_is_for_this_page_alone(app: Flask, client: FlaskClient):
    other = app.test_client()
    answer = post(other, "/dang-nhap", "/dang-nhap", name="Lan", password="mat khau dai")
    (cookie,) = [it for it in answer.headers.getlist("Set-Cookie") if it.startswith("phien=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/khong-co").status_code == 404
    assert client.get("/phat-ngay/khong-co").status_code == 404


def test_nothing_from_elsewhere_is_loaded(client: FlaskClient):
    for page in ("/", "/thu-vien/", "/nhat-ky"):
        answer = client.get(page)
        assert not re.search(r'(src|href)="(https?:)?//', answer.text)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def write_schedule(home: Home) -> None:
    home.places.schedules.mkdir(exist_ok=True)
    (home.places.schedules / "tin.toml").write_text(
        'title = "Tin sáng"\n[[air]]\ndays = "daily"\nat = "05:00"\n[[rundown]]\nsay = "Xin chào bà con."\n'
    )


def test_the_week_and_its_rehearsal_are_shown(home: Home, client: FlaskClient):
    write_schedule(home)
    assert client.get("/lich/").text.count("Tin sáng") == 6, "it is past five on Monday"
    assert client.get("/lich/?tuan=2026-12-01").text.count("Tin sáng") == 7
    steps = client.get("/lich/dien-tap").text
    assert "Bật tăng âm Thôn Bắc" in steps
    assert "Phát băng" in steps


def test_a_phone_s_calendar_may_subscribe_at_a_private_address(
    home: Home, client: FlaskClient, stranger: FlaskClient
):
    write_schedule(home)
    address = re.search(r'value="http://localhost(/lich/[^"]+\.ics)"', client.get("/lich/").text)[1]
    answer = stranger.get(address)
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert len(events) in range(66, 69)
    assert {str(it["SUMMARY"]) for it in events} == {"Tin sáng"}
    assert all(local(int(it["DTSTART"].dt.timestamp()) * 1000, HANOI).hour == 5 for it in events)
    assert stranger.get("/lich/" + "0" * 32 + ".ics").status_code == 404
