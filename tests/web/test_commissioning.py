"""Thiết lập đài: a new station is led from its first person to horns that somebody heard."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect, sync_playwright

from station.control.messages import Answer, Restart, TryZone
from station.desk.people import new_setup_code
from station.rules.roles import Role
from station.stores.home import Home
from tests.browsing import CHROMIUM, NAME, PASSWORD, RunningPage
from tests.rig.board import Board
from tests.rig.server import SoundServer
from tests.running import RunningStation
from tests.web.asking import post
from tests.web.states import STATUS
from tests.web.test_system import deeds, fields, send

ROOT = "/he-thong/thiet-lap"
ZONES = f"{ROOT}/cum-loa"
PATIENCE = 60_000  # ms
FAULT = {"where": "station.toml", "what": "Đã sửa.", "still": "", "mend": ""}


def first_person(app, home: Home) -> tuple[FlaskClient, str]:
    """The browser of whoever sets the page up, and where it is led."""
    browser, code = app.test_client(), new_setup_code(home, now=0)
    answer = post(browser, "/thiet-lap", "/thiet-lap", code=code, name="Lan", password=PASSWORD)
    return browser, answer.headers["Location"]


@pytest.mark.parametrize(
    ("written", "led"),
    [
        (None, f"{ROOT}/"),
        ("trust_clock = true\n", f"{ROOT}/"),
        ('name = "Đài xã"\n', "/"),
        ('[zones.bac]\ntitle = "Bắc"\n', "/"),
        ("practice = true\n", "/"),
        ("name = Đài\n", "/"),
    ],
)
def test_only_who_is_first_at_an_untouched_station_is_led_there(app, home: Home, player, written, led):  # noqa: ARG001
    home.places.config.unlink()
    if written:
        home.places.config.write_text(written)
    browser, where = first_person(app, home)
    assert where == led
    assert ("Đài chưa được thiết lập" in browser.get("/").text) == (led != "/")


def test_who_is_no_technician_is_not_asked(home: Home, someone, player):  # noqa: ARG001
    home.places.config.unlink()
    operator = someone("Hoa", Role.OPERATOR)
    assert "Đài chưa được thiết lập" not in operator.get("/").text
    assert operator.get(f"{ROOT}/").status_code == 403


def test_a_practice_station_has_nothing_to_set_up(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.write_text("practice = true\n" + home.places.config.read_text())
    assert client.get(f"{ROOT}/").status_code == 404
    assert "Thiết lập đài" not in client.get("/he-thong/").text


def test_nothing_is_mandatory_but_a_name(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.unlink()
    refused = send(client, f"{ROOT}/dai", name=" ", allowed_hours="05:00-21:00")
    assert refused.status_code == 400
    assert "Chưa có tên." in refused.text and "05:00-21:00" in refused.text
    assert not home.places.config.exists()
    assert send(client, f"{ROOT}/dai", name="Đài xã Hương Sơn").headers["Location"] == ZONES
    assert home.config().config.name == "Đài xã Hương Sơn"
    for step in ("cum-loa", "am-thanh", "dong-ho", "nguoi-dung", "tinh"):
        assert "Để sau." in (page := client.get(f"{ROOT}/{step}").text) or "Tiếp:" in page or "Xem còn gì" in page


def test_zones_get_the_best_free_pins_and_names_of_their_titles(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.write_text('[zones.loa]\ntitle = "Loa"\npin = 27\nfeedback = 16\n[panel]\nled = 26\n')
    made = post(client, ZONES, ZONES, titles="Thôn Bắc\r\n\r\n Thôn Bắc \r\nAll\r\n", board="low")
    assert made.headers["Location"] == ZONES
    zones = home.config().config.zones
    assert {name: it.pin for name, it in zones.items()} == {
        "loa": 27,
        "thon-bac": 17,
        "thon-bac-3": 12,
        "all-4": 13,
    }
    assert {it.active_high for name, it in zones.items() if name != "loa"} == {False}
    assert post(client, ZONES, ZONES, titles=" ").status_code == 400
    many = post(client, ZONES, ZONES, titles="\n".join(f"Cụm {number}" for number in range(20)))
    assert many.status_code == 400
    assert "không còn đủ chân tốt" in many.text and "Cụm 19" in many.text
    assert len(home.config().config.zones) == 4, "all or none"


def test_a_pin_is_chosen_of_the_header_which_says_what_speaks_against(home: Home, client: FlaskClient, player):  # noqa: ARG001
    address = f"{ZONES}/bac/chan"
    home.places.config.write_text(
        home.places.config.read_text().replace('title = "Thôn Đông"', 'title = "Thôn Đông"\npin = 27')
    )
    page = client.get(address).text
    assert page.count('type="radio" name="pin"') == 28 - 1 + 1, "each GPIO that is free, and none"
    assert page.count("mức cao lúc có điện</small>") == 5
    assert "UART phát" in page and "nên dùng" in page
    assert 'value="27"' not in page
    assert (
        client.post(address, data={**_form(client, address), "pin": "22", "active_high": "false"}).status_code
        == 302
    )
    bac = home.config().config.zones["bac"]
    assert (bac.pin, bac.active_high, bac.warm_up) == (22, False, 1_000)
    assert client.get(address).text.count("mức cao lúc có điện</small>") == 0, "they suit a low-level board"
    taken = client.post(address, data={**_form(client, address), "pin": "27"})
    assert taken.status_code == 400 and "Chân 27 được dùng hai lần." in taken.text
    assert client.get(f"{ZONES}/nam/chan").status_code == 404


def _form(client: FlaskClient, address: str) -> dict[str, str]:
    return {key: it for key, it in fields(client, address).items() if key in {"csrf_token", "based_on", "title"}}


def test_what_was_heard_is_kept_for_as_long_as_it_is_wired_so(home: Home, client: FlaskClient, player):
    home.places.config.write_text(
        home.places.config.read_text().replace('title = "Thôn Bắc"', 'title = "Thôn Bắc"\npin = 17')
    )
    address = f"{ZONES}/bac/nghe"
    assert player["orders"] == []
    tried = post(client, address, address)
    assert player["orders"] == [TryZone("Lan", "bac")]
    assert "Có nghe ở cụm Thôn Bắc không?" in client.get(tried.headers["Location"]).text
    assert "chưa nghe thử" in client.get(ZONES).text
    assert post(client, f"{ZONES}/bac/ket-qua", address, heard="bac").headers["Location"] == ZONES
    assert deeds(home)[-1] == ("Lan", "nghe đúng cụm loa", "bac: GPIO17, mức cao")
    assert "✓ đã nghe đúng" in client.get(ZONES).text
    assert "1 cụm loa, đã nghe thử đúng 1" in client.get(f"{ROOT}/").text
    home.places.config.write_text(home.places.config.read_text().replace("pin = 17", "pin = 22"))
    assert "✓ đã nghe đúng" not in client.get(ZONES).text


def test_the_wrong_horn_changes_wires_with_the_right_one(home: Home, client: FlaskClient, player):  # noqa: ARG001
    written = home.places.config.read_text()
    written = written.replace(
        'title = "Thôn Bắc"', 'title = "Thôn Bắc"\npin = 17\nactive_high = false\nfeedback = 5'
    )
    home.places.config.write_text(written.replace('title = "Thôn Đông"', 'title = "Thôn Đông"\npin = 27'))
    assert post(client, f"{ZONES}/bac/ket-qua", f"{ZONES}/bac/nghe", heard="dong").headers["Location"] == ZONES
    zones = home.config().config.zones
    assert [(it.pin, it.active_high, it.feedback) for it in zones.values()] == [(27, True, None), (17, False, 5)]
    assert [it.title for it in zones.values()] == ["Thôn Bắc", "Thôn Đông"]
    assert post(client, f"{ZONES}/bac/ket-qua", f"{ZONES}/bac/nghe", heard="nam").status_code == 400
    nothing = post(client, f"{ZONES}/bac/ket-qua", f"{ZONES}/bac/nghe", heard="")
    assert "xem lần lượt" in client.get(nothing.headers["Location"]).text


def test_a_trial_that_fails_says_why_and_what_to_look_at(home: Home, client: FlaskClient, player):
    home.places.config.write_text(
        home.places.config.read_text().replace('title = "Thôn Bắc"', 'title = "Thôn Bắc"\npin = 17')
    )
    failure = "Không điều khiển được cụm loa “bac” ở chân GPIO 17 (không có chân)."
    player["answer"] = Answer(done=False, sentence=failure)
    player["status"] = {**STATUS, "clock": {**STATUS["clock"], "trusted": False}}
    answer = post(client, f"{ZONES}/bac/nghe", f"{ZONES}/bac/nghe", override="Lắp đặt")
    assert answer.status_code == 400
    for told in (failure, "xem lần lượt", "chân 11 (GPIO17)", "Xem đồng hồ", 'value="Lắp đặt"'):
        assert told in answer.text


def test_a_broken_file_is_told_on_every_step(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.write_text("name = Đài\n")
    for step in ("dai", "cum-loa", "am-thanh"):
        assert "sai cú pháp TOML" in client.get(f"{ROOT}/{step}").text
    assert post(client, ZONES, ZONES, titles="Chợ").status_code == 400
    assert client.get(f"{ZONES}/bac/nghe").status_code == 404
    assert client.get(f"{ROOT}/").status_code == 200


def test_the_player_is_begun_anew_from_the_step_and_leads_back_to_it(client: FlaskClient, player):
    assert "Khởi động lại máy phát" not in client.get(ZONES).text
    player["status"] = {**STATUS, "faults": [FAULT]}
    assert "Khởi động lại máy phát" in client.get(ZONES).text
    assert "Khởi động lại máy phát" in client.get(f"{ROOT}/may-phat?tu={ZONES}").text
    begun = post(client, "/he-thong/khoi-dong-lai", ZONES, back=ZONES)
    assert begun.headers["Location"] == ZONES
    assert player["orders"] == [Restart("Lan")]
    assert (
        post(client, "/he-thong/khoi-dong-lai", ZONES, back="//elsewhere.example").headers["Location"]
        == "/he-thong/"
    )
    player["off"]()
    assert "chờ chừng nửa phút" in client.get(f"{ROOT}/may-phat").text


def test_the_sound_goes_where_a_person_chose(home: Home, client: FlaskClient, player):  # noqa: ARG001
    page = client.get(f"{ROOT}/am-thanh").text
    assert "USB Audio Device" in page and "đang giữ nó" in page
    assert 'value="none" checked' in page, "what is set stays a choice"
    chosen = "alsa:plughw:CARD=Device,DEV=0"
    assert post(client, f"{ROOT}/am-thanh", f"{ROOT}/am-thanh", device=chosen).status_code == 302
    assert home.config().config.audio.device == chosen
    assert post(client, f"{ROOT}/am-thanh", f"{ROOT}/am-thanh", device="").status_code == 302
    assert home.config().config.audio.device == "default"


def test_somebody_is_invited_by_a_code_that_is_shown_once(client: FlaskClient, player):  # noqa: ARG001
    address = f"{ROOT}/nguoi-dung"
    assert post(client, address, address).status_code == 400
    answer = post(client, address, address, roles="approver")
    assert "trang chỉ hiện một lần" in answer.text
    assert "trang chỉ hiện một lần" not in client.get(address).text
    assert "1 người, 1 mã chưa dùng" in client.get(f"{ROOT}/").text


def test_another_phone_finds_the_page_by_a_code(client: FlaskClient, player, monkeypatch: pytest.MonkeyPatch):  # noqa: ARG001
    monkeypatch.setattr("web.pages.commissioning.own_address", lambda: "192.0.2.7")
    for host, shown in (
        ("192.0.2.3:8080", "http://192.0.2.3:8080/"),
        ("truyenthanh.local", "http://192.0.2.7/"),
    ):
        client.set_cookie("phien", client.get_cookie("phien").value, domain=host.partition(":")[0])
        page = client.get(f"{ROOT}/", base_url=f"http://{host}").text
        assert f"<strong>{shown}</strong>" in page and "<svg" in page


# In a browser


@pytest.fixture
def phone() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", has_touch=True)
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context.new_page()
        expect.set_options(timeout=5_000)
        browser.close()


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    board = Board(tmp_path)
    for name, value in board.environment.items():
        monkeypatch.setenv(name, value)
    return board


def press(phone: Page, name: str) -> None:
    phone.get_by_role("button", name=name, exact=True).click()


def begin_anew(phone: Page) -> None:
    """Have the player take what was changed, and wait on the page until it has."""
    press(phone, "Khởi động lại máy phát")
    expect(phone.get_by_text("chưa áp dụng")).to_have_count(0)
    expect(phone.get_by_text("chờ chừng nửa phút")).to_have_count(0)


def try_zone(phone: Page, title: str) -> None:
    phone.get_by_role("link", name=f"Nghe thử {title}").click()
    press(phone, "Phát thử")
    expect(phone.get_by_role("heading", name=f"Có nghe ở cụm {title} không?")).to_be_visible()


@pytest.mark.browser
@pytest.mark.sound
def test_from_a_fresh_home_to_horns_that_are_heard(
    tmp_path: Path,
    board: Board,
    sound_server: SoundServer,  # noqa: ARG001
    phone: Page,
):
    with RunningStation(tmp_path, "trust_clock = true\n") as station, RunningPage(station.start()) as page:
        phone.goto(page.address)
        phone.get_by_label("Mã thiết lập").fill(page.code)
        phone.get_by_label("Tên của bạn").fill(NAME)
        phone.get_by_label("Mật khẩu").fill(PASSWORD)
        press(phone, "Bắt đầu")
        phone.get_by_role("link", name="Bắt đầu: Tên đài").or_(phone.get_by_role("link", name="Làm tiếp")).click()

        phone.get_by_label("Tên đài").fill("Đài truyền thanh xã Hương Sơn")
        phone.get_by_label("Khung giờ cho phép").fill("00:00-24:00")
        press(phone, "Lưu và sang bước sau")
        phone.get_by_label("Tên các cụm loa").fill("Thôn Bắc\nThôn Đông\nChợ")
        press(phone, "Thêm")
        phone.get_by_role("link", name="Chợ chân 36").click()
        phone.get_by_label("GPIO22").check()
        press(phone, "Lưu")
        begin_anew(phone)

        try_zone(phone, "Thôn Bắc")
        assert [any(it.on for it in board.driven(pin)) for pin in (17, 27, 22)] == [True, False, False]
        press(phone, "Có, đúng cụm này")
        expect(phone.get_by_text("✓ đã nghe đúng")).to_have_count(1)

        phone.get_by_role("link", name="Để sau. Sang Âm thanh").click()
        phone.get_by_label("Máy chủ âm thanh của máy này").check()
        press(phone, "Lưu")
        phone.get_by_role("link", name="Tiếp: Đồng hồ").click()
        phone.get_by_role("link", name="Tiếp: Người dùng").click()
        phone.get_by_label("Người duyệt").check()
        press(phone, "Lấy mã mời")
        phone.get_by_role("link", name="Tiếp: Tỉnh").click()
        phone.get_by_role("link", name="Xem còn gì chưa xong").click()
        expect(phone.get_by_text("3 cụm loa, đã nghe thử đúng 1")).to_be_visible()
        phone.get_by_role("link", name="Thêm chương trình đầu tiên").click()
        phone.wait_for_url("**/lich-moi")
        assert tomllib.loads((station.home / "station.toml").read_text()) == {
            "trust_clock": True,
            "name": "Đài truyền thanh xã Hương Sơn",
            "allowed_hours": ["00:00-24:00"],
            "zones": {
                "thon-bac": {"title": "Thôn Bắc", "pin": 17},
                "thon-dong": {"title": "Thôn Đông", "pin": 27},
                "cho": {"title": "Chợ", "pin": 22},
            },
            "audio": {"device": "pulse"},
        }


@pytest.mark.browser
def test_the_way_is_gone_without_script_and_by_keyboard_alone(open_context, player, home: Home):
    home.places.config.unlink()
    page = open_context(java_script_enabled=False).new_page()
    page.goto(f"{ROOT}/")

    page.get_by_role("link", name="Tên đài").last.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Tên đài").focus()
    page.keyboard.type("Đài xã Hương Sơn")
    page.keyboard.press("Enter")
    page.get_by_label("Tên các cụm loa").focus()
    page.keyboard.type("Chợ")
    page.get_by_role("button", name="Thêm").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Chợ chân 11").focus()
    page.keyboard.press("Enter")
    page.get_by_label("GPIO17").focus()
    page.keyboard.press("ArrowDown")  # a group of radio buttons, in the order of the header
    page.get_by_role("button", name="Lưu", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Chợ chân 12 (GPIO18)")).to_be_visible()
    assert home.config().config.zones["cho"].pin == 18
    page.get_by_role("link", name="Nghe thử Chợ").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Phát thử").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Có, đúng cụm này").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("✓ đã nghe đúng")).to_be_visible()
    assert player["orders"] == [TryZone("Lan", "cho")]
