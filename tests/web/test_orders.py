"""The pages that put somebody on air: what they ask, what they order, and what they say came of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.control.messages import Answer, Emergency, Live, Mute, Play, Stop
from station.desk.people import new_setup_code
from station.desk.segments import approve_segment, take_in_waiting
from station.rules.now import HOUR
from station.rules.proof import Proof
from station.rules.rundown import Programme
from station.rules.schedule import Broadcast
from station.stores.home import Home
from tests.running import speech
from tests.web.asking import post, token, upload
from tests.web.records import as_run
from tests.web.states import LIVE, ON_AIR, SEEN, STATES, STATUS
from web import words

ALL = ["bac", "dong"]
REFUSED = Answer(done=False, sentence="Ngoài khung giờ cho phép (05:00–21:00).")
MICROPHONE = '\n[microphones.phong-thu]\ntitle = "Micro phòng thu"\ndevice = "pulse"\n'


@pytest.fixture
def bulletin(home: Home, client: FlaskClient, tmp_path) -> str:
    """An approved bulletin's name."""
    upload(client, speech(tmp_path / "tin.mp3", "Xin chào bà con.").read_bytes(), "tin.mp3", title="Tin bão")
    (segment,) = take_in_waiting(home)
    return approve_segment(home, segment.id, by="Lan", now=SEEN).name


def settings(home: Home, more: str, hours: str = "00:00-24:00") -> None:
    written = home.places.config.read_text().replace("00:00-24:00", hours)
    home.places.config.write_text(written + more)


# Emergencies


def test_an_emergency_is_asked_for_with_the_station_s_own_message(client: FlaskClient, player):
    player["status"] = STATES["on air"]
    page = client.get("/khan-cap").text
    for shown in (
        "Thông báo khẩn cấp. Đề nghị bà con",
        'value="3"',
        "Bản tin chiều”, còn 11:39",
        "Buổi này sẽ bị ngắt",
    ):
        assert shown in page
    assert player["orders"] == []


def test_an_emergency_speaks_what_was_typed(client: FlaskClient, player):
    answer = post(client, "/khan-cap", "/khan-cap", what="text", text="Nước lên.", repeats="2", zones=["bac"])
    assert answer.headers["Location"] == "/"
    assert player["orders"] == [Emergency("Lan", "", "Nước lên.", ("bac",), 2)]
    assert "Đã làm." in client.get("/").text


def test_an_emergency_plays_an_approved_segment_and_not_the_text_beside_it(
    client: FlaskClient, player, bulletin: str
):
    assert "Tin bão (" in client.get("/khan-cap").text
    post(client, "/khan-cap", "/khan-cap", what="segment", segment=bulletin, text="x", repeats="1", zones=ALL)
    assert player["orders"] == [Emergency("Lan", bulletin, "", ("bac", "dong"), 1)]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"zones": []}, "Chưa chọn cụm loa nào"),
        ({"repeats": "0"}, "Chọn từ 1 đến 10 lần"),
        ({"repeats": "nhiều"}, "Chọn từ 1 đến 10 lần"),
    ],
)
def test_an_emergency_that_cannot_be_keeps_what_was_typed(client: FlaskClient, player, typed: dict, told: str):
    form = {"what": "text", "text": "Nước lên nhanh.", "repeats": "2", "zones": ["dong"], **typed}
    answer = post(client, "/khan-cap", "/khan-cap", **form)
    assert answer.status_code == 400
    assert told in answer.text
    assert "Nước lên nhanh." in answer.text
    assert 'value="bac" checked' not in answer.text
    assert player["orders"] == []


def test_an_emergency_that_the_player_refuses_or_never_hears_of_keeps_what_was_typed(home, client, player):
    form = {"what": "text", "text": "Nước lên nhanh.", "repeats": "2", "zones": ALL}
    player["answer"] = Answer(done=False, sentence="Card âm thanh không nhận tiếng.")
    answer = post(client, "/khan-cap", "/khan-cap", **form)
    assert answer.status_code == 400
    assert "Card âm thanh không nhận tiếng." in answer.text
    assert "Nước lên nhanh." in answer.text
    home.places.socket.unlink()
    assert "Máy phát không chạy." in client.get("/khan-cap").text, "before anything is typed"
    assert "Máy phát không chạy." in post(client, "/khan-cap", "/khan-cap", **form).text


# Speaking live


def test_speaking_into_a_microphone_of_the_station(home: Home, client: FlaskClient, player):
    settings(home, MICROPHONE)
    assert "Micro phòng thu" in client.get("/truc-tiep/").text
    asked = {"microphone": "phong-thu", "zones": ["dong"], "urgent": "yes", "override": "Cháy rừng"}
    assert post(client, "/truc-tiep/", "/truc-tiep/", **asked).headers["Location"] == "/"
    assert player["orders"] == [Live("Lan", "microphone:phong-thu", ("dong",), True, "Cháy rừng")]


def test_speaking_outside_allowed_hours_wants_a_reason_and_a_refusal_keeps_it(home, client, player):
    assert "<details open" not in " ".join(client.get("/truc-tiep/").text.split())
    settings(home, MICROPHONE, hours="05:00-17:20")
    page = client.get("/truc-tiep/").text
    assert "Khung giờ cho phép (05:00–17:20) không đủ cho buổi này" in page, "half an hour from 17:08 on"
    player["answer"] = REFUSED
    answer = post(client, "/truc-tiep/", "/truc-tiep/", microphone="phong-thu", zones=["bac"], override="Họp dân")
    assert answer.status_code == 400
    assert REFUSED.sentence in answer.text
    assert 'value="Họp dân"' in answer.text


def test_playing_outside_allowed_hours_wants_a_reason(home: Home, client: FlaskClient, player, bulletin: str):
    settings(home, "", hours="05:00-11:00")
    address = f"/phat-ngay/{bulletin}"
    assert "Khung giờ cho phép (05:00–11:00)" in client.get(address).text
    player["answer"] = REFUSED
    assert post(client, address, address, zones=ALL).headers["Location"] == address, "to where the reason is asked"
    post(client, address, address, zones=ALL, override="Mất điện sáng nay")
    assert player["orders"][-1] == Play(bulletin, "Lan", ("bac", "dong"), "Mất điện sáng nay")


# The microphone of a browser


def say(client: FlaskClient, samples: bytes):
    ticket = {"X-CSRFToken": token(client, "/truc-tiep/")}
    return client.post("/truc-tiep/tieng", data=samples, headers=ticket)


def test_a_browser_s_microphone_is_ordered_by_its_script_and_told_why_not(client: FlaskClient, player):
    form = {"csrf_token": token(client, "/truc-tiep/"), "zones": ALL}
    by_script = {"X-Microphone": "1"}
    assert client.post("/truc-tiep/", data=form, headers=by_script).json == {"trouble": ""}
    assert player["orders"] == [Live("Lan", "browser", ("bac", "dong"))]
    player["answer"] = REFUSED
    assert client.post("/truc-tiep/", data=form, headers=by_script).json == {"trouble": REFUSED.sentence}


def test_what_it_hears_goes_to_the_player_and_the_page_is_told_what_becomes_of_it(client, player, heard):
    stages = {
        "warming": ({"phase": "warming", "number": 0}, "signal"),
        "chime": ({"number": 1}, "signal"),
        "on air": ({}, "heard"),
        "not heard": ({"feed": "Chưa nhận được tiếng từ “Micro của trình duyệt”."}, "unheard"),
    }
    for more, stage in stages.values():
        player["status"] = {**STATUS, "on_air": {**LIVE, **more}}
        assert say(client, b"ab" * 12_000).json == {"stage": stage}
        assert heard() == b"ab" * 12_000


@pytest.mark.parametrize(
    "air",
    [None, ON_AIR, {**ON_AIR, "who": "Lan"}, {**LIVE, "who": "Minh"}, {**LIVE, "phase": "stopping"}],
)
def test_nobody_speaks_into_a_broadcast_that_is_not_theirs(client: FlaskClient, player, heard, air):
    player["status"] = {**STATUS, "on_air": air}
    assert say(client, b"ab").json == {"stage": "waiting"}
    player["status"] = {**STATUS, "on_air": LIVE}
    say(client, b"cd")
    assert heard() == b"cd", "and nothing before it"


def test_a_player_that_does_not_listen_is_told_as_such(home: Home, client: FlaskClient, player):
    player["status"] = {**STATUS, "on_air": LIVE}
    assert say(client, b"ab").json == {"stage": "unheard"}
    home.places.socket.unlink()
    assert say(client, b"ab").json == {"stage": "unheard"}


def test_more_than_two_seconds_at_once_are_refused(client: FlaskClient, player):
    player["status"] = {**STATUS, "on_air": LIVE}
    assert say(client, bytes(192_002)).status_code == 413


def test_samples_without_a_token_are_refused(client: FlaskClient, player):
    player["status"] = {**STATUS, "on_air": LIVE}
    assert client.post("/truc-tiep/tieng", data=b"ab").status_code == 400


@pytest.mark.parametrize(
    ("air", "coming", "ends"),
    [
        (LIVE, [], True),
        (None, [LIVE], True),
        ({**LIVE, "who": "Minh"}, [], False),
        (ON_AIR, [LIVE], False),
        (None, [ON_AIR], False),
    ],
)
def test_leaving_the_page_ends_ones_own_live_broadcast_and_nothing_else(client, player, air, coming, ends: bool):
    player["status"] = {**STATUS, "on_air": air, "next": coming}
    form = {"csrf_token": token(client, "/truc-tiep/")}
    assert client.post("/truc-tiep/roi-trang", data=form).status_code == 204
    assert player["orders"] == ([Stop("Lan")] if ends else [])


# Zones, the level, and the log


def test_a_zone_is_muted_and_sounds_again(home: Home, client: FlaskClient, player):
    assert post(client, "/cum-loa/bac", "/", muted="yes").headers["Location"] == "/"
    assert "Đã tắt riêng cụm loa Thôn Bắc." in client.get("/").text
    assert player["orders"] == [Mute("Lan", "bac", True)]
    assert home.muted.all() == {"bac"}
    post(client, "/cum-loa/bac", "/", muted="")
    assert player["orders"][-1] == Mute("Lan", "bac", False)
    post(client, "/cum-loa/khong-co", "/", muted="yes")
    assert "Không có cụm loa" in client.get("/").text


def test_what_sounds_is_told_in_every_state(client: FlaskClient, player):
    told = {
        "emergency": ["ĐANG PHÁT KHẨN CẤP", 'value="-20.3"', "nghe rõ"],
        "live": ["ĐANG PHÁT TRỰC TIẾP", "Lan · Micro của trình duyệt", "còn nhiều nhất"],
        "stream lost": ["Mất sóng “VOV1”", "im lặng"],
        "muted": ["ĐANG TẮT RIÊNG", "Cho phát lại", "Thôn Bắc</strong> đang tắt riêng nên không nghe thấy"],
        "no sound card": ["Không tìm thấy card âm thanh “USB”.", "Âm thanh <em>không có"],
    }
    for state, sentences in told.items():
        player["status"] = STATES[state]
        page = client.get("/tinh-hinh").text
        for sentence in sentences:
            assert sentence in page, state


def test_a_programme_that_is_rendered_but_lacks_an_item_is_not_called_unready(client: FlaskClient, player):
    coming = {**STATES["silent"]["next"][1], "ready": True}
    player["status"] = {**STATUS, "next": [coming]}
    page = client.get("/tinh-hinh").text
    assert "! Còn thiếu" in page
    assert "Chưa sẵn sàng" not in page


def test_the_proof_of_air_is_told_in_words_and_figures():
    heard = as_run(0, 1, proof="heard", proof_match=0.973, proof_level=-0.41, proof_late=12.0)
    told = "✓ Máy nghe lại: đúng chương trình (giống 97%, nhỏ hơn 0,4\N{NO-BREAK SPACE}dB)"
    assert words.proof(heard) == told
    silent = as_run(0, 1, proof="silent", proof_match=0.0, proof_level=-60.0, proof_late=0.0)
    assert words.proof(silent) == "! Máy nghe lại: đầu ra không có tiếng"
    other = as_run(0, 1, proof="other", proof_match=0.1, proof_level=2.0, proof_late=0.0)
    assert "không phải chương trình này (giống 10%, to hơn 2,0" in words.proof(other)
    assert words.proof(as_run(0, 1)) == "Không kiểm chứng tiếng ra loa"


def test_the_log_shows_the_proof_of_what_sounded(home: Home, client: FlaskClient):
    def shown() -> str:
        return client.get("/nhat-ky").text

    broadcast = Broadcast("tin", "Tin sáng", SEEN - HOUR, SEEN, ("bac",), Programme(()))
    home.log.open(broadcast, SEEN - HOUR)
    assert "Tin sáng" in shown()
    assert "kiểm chứng" not in shown(), "nothing is proven before it is over"
    home.log.note_start(broadcast.key, SEEN - HOUR)
    proof = Proof(compared=20_000, match=0.1, level=-50.0, late=0.0)
    home.log.close(broadcast.key, "aired", SEEN, "", proof)
    assert 'alarming">! Máy nghe lại: đầu ra không có tiếng' in shown()


def test_strangers_neither_speak_nor_stop(app: Flask, home: Home, player):
    new_setup_code(home, now=0)
    player["status"] = {**STATUS, "on_air": LIVE}
    stranger = app.test_client()
    for address in ("/truc-tiep/tieng", "/truc-tiep/roi-trang", "/khan-cap", "/cum-loa/bac"):
        ticket = {"X-CSRFToken": token(stranger, "/thiet-lap")}
        assert stranger.post(address, data=b"ab", headers=ticket).status_code == 302
    assert player["orders"] == []
