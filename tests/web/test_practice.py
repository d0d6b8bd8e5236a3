"""The practice station's page: heard in the browser alone, and a first day ticked by what truly happened."""

import math
import struct
import wave
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from station.desk.people import new_setup_code
from station.desk.segments import approve_segment, take_in_waiting
from station.rules.rundown import Programme
from station.rules.schedule import Broadcast, Priority, Trigger
from station.stores.home import Home
from tests.browsing import RunningPage
from tests.running import CONFIG, RunningStation, speech
from tests.web.asking import post, upload
from tests.web.states import ON_AIR, SEEN, STATES, STATUS
from tests.web.test_looks import TOO_SMALL

TAPE = "tin-123456789012-0123456789abcdef.wav"
PRACTICE = "practice = true\n" + CONFIG
AIR = {**ON_AIR, "tape": TAPE, "heard": 12.0}


@pytest.fixture
def tape(home: Home) -> bytes:
    """A minute of tone on a practice station's air."""
    home.places.config.write_text("practice = true\n" + home.places.config.read_text())
    with wave.open(str(home.places.tapes / TAPE), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        samples = (round(8_000 * math.sin(it / 4)) for it in range(8_000 * 60))
        file.writeframes(b"".join(struct.pack("<h", it) for it in samples))
    return (home.places.tapes / TAPE).read_bytes()


def practise(home: Home) -> None:
    home.places.config.write_text("practice = true\n" + home.places.config.read_text())


def test_what_is_on_air_is_heard_in_pieces_and_nothing_else_is(client: FlaskClient, player, tape: bytes):
    player["status"] = {**STATES["simulated"], "on_air": AIR}
    page = client.get("/").text
    assert "chỉ nghe trong trình duyệt, không ra loa" in page
    assert f'src="/tap/nghe/{TAPE}"' in page
    assert 'data-heard="12.0"' in page
    part = client.get(f"/tap/nghe/{TAPE}", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.data) == (206, tape[1000:2000])
    for other in ("khac.wav", "..%2Fstation.db", "station.db"):
        assert client.get(f"/tap/nghe/{other}").status_code == 404
    player["status"] = STATUS
    assert client.get(f"/tap/nghe/{TAPE}").status_code == 404
    assert "/tap/nghe/" not in client.get("/").text


def test_a_real_station_lets_nobody_hear_its_tape_nor_teaches(home: Home, client: FlaskClient, player, tape: bytes):  # noqa: ARG001
    home.places.config.write_text(home.places.config.read_text().removeprefix("practice = true\n"))
    player["status"] = {**STATUS, "on_air": AIR}
    assert client.get(f"/tap/nghe/{TAPE}").status_code == 404
    page = client.get("/").text
    assert "Nghe thử buổi này" not in page
    assert "Ngày đầu tiên" not in page
    assert "practice.js" not in page


def learnt(client: FlaskClient) -> list[str]:
    """The lessons that the page ticks."""
    page = client.get("/").text
    lessons = page[page.index("Ngày đầu tiên") :].split("<li ")[1:9]
    return [it.split("<strong>")[1].split("<")[0] for it in lessons if "(đã làm)" in it]


def aired(home: Home, schedule: str, start: int, reason: str = "", **more) -> None:
    broadcast = Broadcast(schedule, "Tin", start, start + 1000, ("bac",), Programme(()), **more)
    home.log.open(broadcast, start)
    home.log.note_start(broadcast.key, start)
    home.log.close(broadcast.key, "cut" if reason else "aired", start + 900, reason)


def test_the_first_day_is_ticked_by_what_truly_happened(home: Home, client: FlaskClient, player, tmp_path: Path):  # noqa: ARG001
    practise(home)
    assert learnt(client) == []
    upload(client, speech(tmp_path / "tin.mp3", "Xin chào bà con.").read_bytes(), "tin.mp3", title="Tin")
    (segment,) = take_in_waiting(home)
    assert learnt(client) == ["Đưa một bản tin lên"]
    assert client.get(f"/thu-vien/{segment.id}/nghe").status_code < 300
    approve_segment(home, segment.id, by="Lan", now=SEEN)
    assert learnt(client) == ["Đưa một bản tin lên", "Nghe thử", "Duyệt"]
    from station.desk.schedules import draft_new, save  # noqa: PLC0415

    fields = {"title": "Tin", "air": [{"days": "daily", "at": "17:00"}], "rundown": [{"say": "Chào."}]}
    save(home, draft_new(home, "tin", fields), by="Lan", now=SEEN)
    assert "Xếp vào lịch phát" in learnt(client)
    aired(home, "tin-khac", SEEN - 5_000)
    assert "Cho phát" not in learnt(client), "somebody else's programme"
    aired(home, "tin", SEEN - 4_000)
    assert "Cho phát" in learnt(client)
    aired(home, "x", SEEN - 3_000, "Minh đã bấm Dừng phát.")
    assert "Dừng phát khi đang có tiếng" not in learnt(client)
    aired(home, "y", SEEN - 2_000, "Lan đã bấm Dừng phát.")
    aired(home, "khan-cap", SEEN - 1_000, trigger=Trigger.HAND, who="Lan", priority=Priority.EMERGENCY)
    client.get("/nhat-ky")
    assert len(learnt(client)) == 8
    assert "Bạn đã làm trọn một ngày của đài." in client.get("/").text


def test_each_official_has_a_first_day_of_their_own(home: Home, client: FlaskClient, app, player):  # noqa: ARG001
    practise(home)
    client.get("/nhat-ky")
    assert learnt(client) == ["Xem nhật ký"]
    other = app.test_client()
    post(other, "/thiet-lap", "/thiet-lap", code=new_setup_code(home, now=0), name="Minh", password="mat khau hai")
    assert learnt(other) == []


def test_a_real_station_notes_no_listening(home: Home, client: FlaskClient, player):  # noqa: ARG001
    client.get("/nhat-ky")
    with home.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit WHERE deed = 'xem nhật ký'").scalar() == 0


# In a real browser


@pytest.mark.browser
def test_the_browser_keeps_step_with_the_station(browser: Browser, address: str, client: FlaskClient, player, tape):  # noqa: ARG001
    context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=address, locale="vi-VN")
    context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])
    page = context.new_page()
    player["status"] = {**STATES["simulated"], "on_air": AIR}
    page.goto("/")
    audio = page.locator(".hear audio")
    assert audio.evaluate("it => it.paused"), "nothing sounds unasked"
    audio.evaluate("it => it.play()")
    page.wait_for_function("() => document.querySelector('.hear audio').currentTime > 11.5")
    element = audio.element_handle()
    player["status"] = {**STATES["simulated"], "on_air": {**AIR, "heard": 50.0}}
    page.wait_for_function("() => document.querySelector('.hear audio').currentTime > 49.5")
    assert page.evaluate("it => it.isConnected && !it.paused", element), "the same sound goes on"
    player["status"] = STATUS
    expect(audio).to_have_count(0)
    assert page.evaluate("it => it.paused", element), "silent as soon as the station is"
    player["status"] = {**STATES["simulated"], "on_air": {**AIR, "heard": 5.0}}
    page.wait_for_function("() => { const it = document.querySelector('.hear audio'); return it && !it.paused; }")
    context.close()


@pytest.mark.browser
def test_a_whole_practice_station_is_heard_in_step_by_a_real_browser(browser: Browser, tmp_path: Path):
    station = RunningStation(tmp_path, PRACTICE)
    station.add_noise(20_000)
    with station.start(), RunningPage(station) as served:
        page = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN").new_page()
        served.set_up(page)
        assert station.command("play", "nen").returncode == 0
        expect(page.locator(".hear audio")).to_be_visible()
        page.locator(".hear audio").evaluate("it => it.play()")
        page.wait_for_function("() => document.querySelector('.hear audio').currentTime > 5")
        apart = []
        while len(apart) < 5 and (air := station.on_air()):
            apart.append(page.locator(".hear audio").evaluate("it => it.currentTime") - air["heard"])
        assert len(apart) == 5
        assert max(map(abs, apart)) < 1.5, "seconds"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_practice_page_fits_and_keeps_nobody_out(browser, address, client, player, tape, scheme: str):  # noqa: ARG001, PLR0913, PLR0917
    """By axe, and by the measures of a phone and a thumb."""
    player["status"] = {**STATES["simulated"], "on_air": AIR}
    client.get("/nhat-ky")
    for width in (360, 1280):
        context = browser.new_context(
            viewport={"width": width, "height": 740}, base_url=address, color_scheme=scheme, bypass_csp=True
        )
        context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_text("1/8")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_SMALL) == []
        found = Axe().run(page).response["violations"]
        assert [it["id"] for it in found if it["impact"] in {"serious", "critical"}] == []
        context.close()
