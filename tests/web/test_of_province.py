"""What is the province's on the page: shown as that, heard and rejected, and nothing to edit."""

import pytest
from flask.testing import FlaskClient

from station.audio.labels import tape_name, write_label
from station.desk.schedules import coming_broadcasts, schedule_text
from station.desk.segments import take_in_waiting
from station.rules.rundown import Kind
from station.stores.home import Home
from tests.airing import air, clip
from tests.province.offers import level_quickly, sent, stored
from tests.rig.tapes import noise, write_tape
from tests.web.asking import post
from tests.web.conftest import AIRED
from tests.web.states import SEEN

SCHEDULE = """\
title = "Thời sự tỉnh"
[[air]]
days = "daily"
at = "20:30"
[[rundown]]
play = "thoi-su"
[[rundown]]
newest = "news"
within = "36h"
"""
NAMES = ("sang", "sua", "bo", "nghe")  # some are words of addresses


@pytest.fixture
def theirs(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a segment of the province's, which its schedules play."""
    level_quickly(monkeypatch)
    sent(home, b"sound", published=SEEN)
    for name in NAMES:
        sent(home, SCHEDULE.encode(), f"tinh/{name}.toml")
    list(take_in_waiting(home))
    return stored(home).id


def told(client: FlaskClient, segment: str, name: str, **form: str) -> str:
    """What the page says after a deed."""
    answer = post(client, f"/thu-vien/{segment}/{name}", "/thu-vien/them", **form)
    return client.get(answer.headers["Location"]).text if answer.status_code == 302 else answer.text


def test_the_library_shows_whose_it_is_and_can_be_asked_for_it(client: FlaskClient, bulletin: str, theirs: str):
    whole = client.get("/thu-vien/danh-sach").text
    assert whole.count('class="whose">Tỉnh<') == 1
    for origin, shown in (("province", [theirs]), ("commune", [bulletin]), ("khac", [bulletin, theirs])):
        page = client.get(f"/thu-vien/danh-sach?nguon={origin}").text
        assert [it for it in (bulletin, theirs) if f'id="muc-{it}"' in page] == shown
    assert f"/thu-vien/{bulletin}/sua" in whole
    assert f"/thu-vien/{theirs}/sua" not in whole


def test_a_segment_of_the_provinces_is_heard_played_and_rejected_and_no_more(client: FlaskClient, theirs: str):
    page = client.get(f"/thu-vien/{theirs}").text
    shown = {name: f"/{theirs}/{name}" in page for name in ("nghe", "tu-choi", "thong-tin", "xoa")}
    assert shown == {"nghe": True, "tu-choi": True, "thong-tin": False, "xoa": False}
    assert "dinh-chinh" not in page
    assert client.get(f"/thu-vien/{theirs}/nghe").status_code == 200
    assert client.get("/phat-ngay/province/thoi-su").status_code == 200
    assert "/phat-ngay/province/thoi-su" in page
    for name, form in (("xoa", {}), ("thong-tin", {"title": "Khác", "kind": "news", "field": "other"})):
        assert "Mục này của tỉnh" in told(client, theirs, name, **form)
    assert "Mục này của tỉnh" in told(client, theirs, "cat", start="0", end="1")
    assert "Đã từ chối" in told(client, theirs, "tu-choi", reason="Sai sự thật.")


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_of_the_provinces_is_for_reading_only(client: FlaskClient, home: Home, theirs: str, name: str):
    address = f"/lich/province/{name}"
    page = client.get(address).text
    assert "Lịch của tỉnh chỉ để xem" in page
    assert f"{address}/" not in page, "no form and no link leads further but to its tape"
    assert "Thời sự" in page.partition("Khung chương trình")[2], "its segment by its title"
    assert client.get(f"{address}/sua").status_code == 404
    text = schedule_text(home, f"province/{name}")
    for deed in ("bat-tat", "bo"):
        answer = post(client, f"{address}/{deed}", "/thu-vien/them")
        assert "chỉ để xem" in client.get(answer.headers["Location"]).text
    assert schedule_text(home, f"province/{name}") == text
    assert theirs
    listed = client.get("/cac-lich").text
    assert (listed.count('class="whose">Tỉnh<'), f'href="{address}"' in listed) == (len(NAMES), True)
    week = client.get("/lich/").text
    assert 'class="province look-' in week
    assert 'class="province look-' in client.get("/lich/?thang").text


def test_its_tape_can_be_heard_before_it_airs(client: FlaskClient, home: Home, theirs: str):
    assert theirs
    (first, *_) = coming_broadcasts(home, "province/sang", SEEN, 1)
    tape = home.places.tapes / f"{tape_name(first.key, first.programme.digest)}.wav"
    write_label(write_tape(tape, noise(500)))
    assert "/lich/province/sang/nghe" in client.get("/lich/province/sang").text
    assert client.get("/lich/province/sang/nghe").data == tape.read_bytes()


def test_what_the_province_made_is_not_heard_again_in_public_whoever_aired_it(
    client: FlaskClient, stranger: FlaskClient, home: Home, bulletin: str, theirs: str
):
    air(home.log, AIRED - 60_000, clip(stored(home, theirs)), schedule="xa")
    assert client.get("/nhat-ky").status_code == 200
    page = stranger.get("/nghe-lai/").text
    assert "Lịch tiêm phòng" in page
    assert "Thời sự" not in page
    month = client.get("/nhat-ky/bao-cao?thang=2026-11").text
    assert "Lịch tiêm phòng" in month
    assert "Thời sự" not in month, "it is no bulletin of the commune's"
    assert bulletin


def test_the_newest_of_the_province_can_be_chosen_in_the_form_and_stays(
    client: FlaskClient, home: Home, theirs: str
):
    assert theirs
    own = SCHEDULE.replace('play = "thoi-su"', 'play = "province/thoi-su"') + 'origin = "province"\n'
    home.places.schedules.joinpath("xa.toml").write_text(own)
    form = client.get("/lich/xa/sua").text
    assert '<option value="province" selected>' in form
    assert "Tin mới nhất · Tỉnh" in client.get("/lich/xa").text
    assert stored(home).kind is Kind.NEWS
