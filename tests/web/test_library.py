"""The way of a bulletin on the page: by two people, searched, corrected, removed, arranged."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.control.messages import Emergency
from station.desk.ordered import emergency_broadcast
from station.desk.people import new_setup_code
from station.desk.segments import add_segment, take_in_waiting
from station.desk.timetable import fit_for, read_plan
from station.rules.approval import State
from station.rules.rundown import Kind
from station.rules.trouble import Refused
from station.stores.home import Home
from station.stores.library import StoredSegment
from tests.running import speech
from tests.web.asking import post
from tests.web.states import SEEN

LAN = "Lan"


@pytest.fixture
def two_people(home: Home) -> None:
    config = home.places.config
    config.write_text(config.read_text().replace("one_person = true", "one_person = false"))


@pytest.fixture
def other(app: Flask, home: Home, client: FlaskClient) -> FlaskClient:
    """Somebody else than Lan."""
    assert client
    hoa = app.test_client()
    code = new_setup_code(home, now=0)
    assert post(hoa, "/thiet-lap", "/thiet-lap", code=code, name="Hoa", password="mat khau khac").status_code == 302
    return hoa


@pytest.fixture
def add(home: Home, tmp_path) -> Callable[..., StoredSegment]:
    def run(title: str, kind: Kind = Kind.NEWS) -> StoredSegment:
        with speech(tmp_path / "tin.mp3", title).open("rb") as recording:
            kept = add_segment(home, recording, title=title, kind=kind, by=LAN, now=SEEN)
        list(take_in_waiting(home))
        return home.library.find(kept.id) or kept

    return run


def deed(client: FlaskClient, segment: StoredSegment, name: str, **form: str) -> str:
    """Do it as the page does, and give what it then says."""
    answer = post(client, f"/thu-vien/{segment.id}/{name}", "/thu-vien/", **form)
    return client.get(answer.headers["Location"]).text if answer.status_code == 302 else answer.text


@pytest.mark.usefixtures("two_people")
def test_one_sends_another_decides(home, client, other, add):
    tin = add("Tin về đê điều")
    assert f"/thu-vien/{tin.id}/duyet" not in client.get("/thu-vien/").text, "no button for what is her own"
    assert "khác người soạn" in deed(client, tin, "duyet")
    assert "Đã gửi duyệt" in deed(client, tin, "gui-duyet")
    assert "Chờ duyệt" in client.get("/thu-vien/danh-sach").text
    assert "Chưa có lý do" in deed(other, tin, "tu-choi", reason=" ")
    assert "Lý do từ chối: Sai ngày." in deed(other, tin, "tu-choi", reason="Sai ngày.")
    assert "bị từ chối" in deed(other, tin, "duyet")
    deed(client, tin, "gui-duyet")
    assert "Đã duyệt “Tin về đê điều”" in deed(other, tin, "duyet")
    kept = home.library.find(tin.id)
    assert (kept.state, kept.approver, kept.approved) == (State.APPROVED, "Hoa", kept.ready)
    deed(other, tin, "tu-choi", reason="Có nhầm lẫn.")
    assert home.library.find(tin.id).usable is None


def test_a_typed_text_is_spoken_and_corrected(home, client):
    answer = post(
        client, "/thu-vien/soan", "/thu-vien/soan", title="Cắt điện", kind="notice", text="Cắt điện ở {thôn}."
    )
    assert "Chưa điền “thôn”" in answer.text
    post(client, "/thu-vien/soan", "/thu-vien/soan", title="Cắt điện", kind="notice", text="Ngày mai cắt điện.")
    (wrong,) = take_in_waiting(home)
    assert (wrong.state, wrong.words, wrong.kind) == (State.DRAFT, "Ngày mai cắt điện.", Kind.NOTICE)
    deed(client, wrong, "duyet")
    page = client.get(f"/thu-vien/soan?dinh-chinh={wrong.id}").text
    assert "Đính chính cho “Cắt điện”" in page
    post(client, "/thu-vien/soan", "/thu-vien/soan", corrects=wrong.id, text="Ngày mai không cắt điện.")
    (right,) = take_in_waiting(home)
    assert right.title == "Tin đính chính: Cắt điện"
    assert home.library.find(wrong.id).usable.is_valid(SEEN)
    deed(client, right, "duyet")
    assert not home.library.find(wrong.id).usable.is_valid(SEEN), "what was wrong is heard no more"


def test_facts_are_kept_found_and_checked(home, client, add):
    tin = add("Tin lúa")
    told = {"title": "Tin lúa mùa", "kind": "feature", "field": "agriculture", "source": "Phòng nông nghiệp"}
    dates = {"valid_from": "2026-11-20", "valid_until": "2026-11-25"}
    assert "Đã lưu" in deed(client, tin, "thong-tin", **told, **dates)
    kept = home.library.find(tin.id)
    assert (kept.title, kept.kind, kept.facts.source) == ("Tin lúa mùa", Kind.FEATURE, "Phòng nông nghiệp")
    page = client.get(f"/thu-vien/{tin.id}").text
    assert 'value="2026-11-25"' in page, "the last day is shown as it was typed"
    assert "Tin lúa mùa" in client.get("/thu-vien/danh-sach?tim=phong+nong").text
    assert "Không tìm thấy" in client.get("/thu-vien/danh-sach?tim=xyz").text
    wrong = deed(client, tin, "thong-tin", **told, valid_from="2026-11-25", valid_until="2026-11-20")
    assert "kết thúc trước khi bắt đầu" in wrong
    assert 'value="2026-11-20"' in wrong, "what was typed stays"


def test_what_is_scheduled_is_not_removed_and_the_rest_leaves_no_file(home, client, add):
    tin = add("Tin cũ")
    schedule = home.places.schedules / "sang.toml"
    schedule.parent.mkdir(exist_ok=True)
    schedule.write_text('title = "Sáng"\n[[air]]\ndays = "daily"\nat = "05:00"\n[[rundown]]\nplay = "tin-cu"\n')
    assert "Lịch “Sáng” đang dùng mục này" in deed(client, tin, "xoa")
    schedule.unlink()
    assert "Đã xóa" in deed(client, tin, "xoa")
    assert home.library.find(tin.id) is None
    assert not [it for it in (home.places.home / "library").rglob("*") if it.is_file()]


@pytest.mark.usefixtures("player")
def test_a_programme_is_three_choices(home, client, add):
    for title, kind in (("Tin một", Kind.NEWS), ("Thông báo", Kind.NOTICE)):
        deed(client, add(title, kind), "duyet")
    page = client.get("/chuong-trinh/ban-tin-hang-ngay").text
    assert re.findall(r'name="segments" value="([^"]+)"', page) == ["tin-mot", "thong-bao"]
    at = "/chuong-trinh/ban-tin-hang-ngay"
    told = {"day": "2026-11-27", "clock": "17:00", "zones": ["bac", "dong"]}
    assert "Chưa chọn mục nào" in post(client, at, at, **told).text
    assert "không phải là giờ" in post(client, at, at, **{**told, "clock": "25:99"}, segments=["tin-mot"]).text
    form = post(client, at, at, **told, segments=["tin-mot"], do="open").text
    assert 'action="/lich-moi"' in form, "it may be arranged further before anything is saved"
    assert "Tin một" in form
    assert 'value="17:00"' in form
    assert read_plan(home).schedules == ()
    answer = post(client, at, at, **told, segments=["tin-mot", "thong-bao"])
    assert "Đã xếp “Bản tin hằng ngày” lúc 17:00 ngày 27/11." in client.get(answer.headers["Location"]).text
    plan = read_plan(home)
    (schedule,) = plan.schedules
    assert plan.troubles == ()
    said = [it.say for it in schedule.rundown if hasattr(it, "say")]
    assert said[0].startswith("Đây là Đài thử. Hôm nay, thứ Sáu, ngày 27/11/2026.")
    assert said[1] == "Sau đây là các tin chính. Tin một."
    assert {it.name for it in fit_for(home, plan, SEEN)} == {"tin-mot", "thong-bao"}


def test_ready_texts_are_offered_and_no_blank_is_read_aloud(home, client):
    assert "Nước đang lên nhanh" in client.get("/khan-cap?mau=lu").text
    assert "tạm ngừng cấp" in client.get("/thu-vien/soan?mau=cat-dien").text
    assert "Cháy (khẩn cấp)" in client.get("/chuong-trinh/").text
    order = Emergency(who="Lan", text="Cháy ở {nơi cháy}.", segment="", zones=(), repeats=None)
    with pytest.raises(Refused, match="Chưa điền “nơi cháy”"):
        emergency_broadcast(home, read_plan(home), order, SEEN)
