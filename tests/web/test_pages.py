"""The pages from outside: who may come in, what is refused, and what is said in trouble."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from station.clock import Clock
from station.control.messages import Answer, Play, Status, Stop
from station.control.server import ControlServer
from station.desk.people import new_setup_code
from station.desk.segments import take_in_waiting
from station.rules.hours import local
from station.stores.home import Home, open_home, places
from tests.running import CONFIG, HANOI, speech
from web import create_app

STATUS = {
    "station": "Đài thử",
    "practice": False,
    "on_air": None,
    "next": [],
    "zones": [{"name": "bac", "title": "Thôn Bắc", "on": False, "phase": "off", "fault": "", "simulated": False}],
    "clock": {"now": "2026-11-23T17:08:21+07:00", "trusted": True},
    "sound": {"device": "loa thử", "simulated": False},
    "faults": [],
    "sync": None,
    "disk": {"free": 18 * 1024**3, "total": 32 * 1024**3},
}
ON_AIR = {
    "key": "ban-tin@1",
    "title": "Bản tin chiều",
    "start": "2026-11-23T17:00:00+07:00",
    "end": "2026-11-23T17:20:00+07:00",
    "zones": ["bac"],
    "priority": "normal",
    "origin": "commune",
    "trigger": "schedule",
    "item": "Lịch tiêm phòng",
    "number": 3,
    "items": 5,
    "phase": "on air",
    "position": 501.0,
    "duration": 1200.0,
    "who": "",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = open_home(places(tmp_path / "home"))
    opened.places.config.write_text(CONFIG.replace("{device}", "none"))
    return opened


@pytest.fixture
def app(home: Home) -> Flask:
    return create_app(home, Clock())


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask, home: Home) -> FlaskClient:
    """Somebody who was set up with the one-time code."""
    client = app.test_client()
    code = new_setup_code(home, now=0)
    answer = post(client, "/thiet-lap", code=code, name="Lan", password="mat khau dai", at="/thiet-lap")
    assert answer.status_code == 302, answer.text
    return client


@pytest.fixture
def player(home: Home):
    """A player that answers as told."""
    said = {"status": STATUS, "orders": []}

    def answer(request):
        match request:
            case Status():
                return Answer(done=True, value=said["status"])
            case Play() | Stop():
                said["orders"].append(request)
                return Answer(done=True, sentence="Đã làm.")
        return Answer(done=True)

    server = ControlServer(home.places.socket, answer)
    yield said
    server.close()


def token(client: FlaskClient, at: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(at).text)[1]


def post(client: FlaskClient, address: str, at: str, **fields):
    return client.post(address, data={"csrf_token": token(client, at), **fields})


def test_every_page_is_closed_to_strangers(app: Flask, stranger: FlaskClient):
    open_pages = {"static", "bootstrap.static", "people.set_up", "people.sign_in", "timetable.feed"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in open_pages:
            continue
        address = re.sub(r"<[^>]+>", "x", rule.rule)
        method = stranger.get if "GET" in rule.methods else stranger.post
        answer = method(address)
        assert answer.status_code in {302, 400}, address
        assert "Location" not in answer.headers or "thiet-lap" in answer.headers["Location"]


def test_every_deed_without_a_token_is_refused(app: Flask, client: FlaskClient, player):
    deeds = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    assert len(deeds) >= 7
    for rule in deeds:
        answer = client.post(re.sub(r"<[^>]+>", "x", rule.rule))
        assert answer.status_code == 400, rule
        assert "Trang này đã cũ" in answer.text
    assert player["orders"] == []


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


def test_ten_wrong_codes_void_the_right_one(app: Flask, home: Home):
    code = new_setup_code(home, now=0)
    for _ in range(10):
        post(app.test_client(), "/thiet-lap", "/thiet-lap", code="sai", name="X", password="12345678")
    assert (
        post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="X", password="12345678").status_code
        == 400
    )


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


def test_on_air_is_shown_with_its_item_and_time_left(client: FlaskClient, player):
    player["status"] = {**STATUS, "on_air": ON_AIR}
    page = client.get("/tinh-hinh").text
    for shown in ("ĐANG PHÁT", "Bản tin chiều", "Mục 3/5 · Lịch tiêm phòng", "08:21", "còn 11:39", "hết lúc 17:20"):
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


def test_simulated_sound_is_said_and_a_practice_station_is_unmistakable(home: Home, client: FlaskClient, player):
    player["status"] = {**STATUS, "sound": {"device": "mô phỏng", "simulated": True}}
    assert "mô phỏng, không có tiếng" in client.get("/").text
    assert "TRẠM TẬP" not in client.get("/").text
    home.places.config.write_text("practice = true\n")
    assert "TRẠM TẬP" in client.get("/").text


def upload(client: FlaskClient, content: bytes, name: str, **fields):
    return client.post(
        "/thu-vien/them",
        data={
            "csrf_token": token(client, "/thu-vien/them"),
            "kind": "news",
            "file": (io.BytesIO(content), name),
            **fields,
        },
    )


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


def test_errors_are_sentences(client: FlaskClient):
    assert "Không có trang này" in client.get("/khong-co").text
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


def test_the_coming_week_and_its_rehearsal_are_shown(home: Home, client: FlaskClient):
    write_schedule(home)
    week = client.get("/lich/").text
    assert week.count("Tin sáng") == 7
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
