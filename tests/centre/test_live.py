"""The province's overview as it is now: who comes and goes at a real broker, on the board and for Prometheus."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect, sync_playwright

from station.centre.board import read_board
from station.centre.board_page import draw_board
from station.centre.broker_accounts import PASSWORD
from station.centre.live_page import live_json
from station.centre.overview import Overview
from station.cli import main
from station.rules.alerting.alert import MessageType, Status
from station.rules.alerting.ways import link_topic, status_topic, verdict_topic
from station.rules.board import Commune
from station.rules.now import HOUR, MINUTE, SECOND
from station.rules.overview import Picture, Row
from tests.browsing import CHROMIUM
from tests.centre.live_office import Office
from tests.centre.simulated import SimulatedStation, status
from tests.rig.broker import Broker
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until, wall_ms

CODES = ("00001", "00002", "00003")
EVIL = "<img src=x onerror=\"document.title='x'\">'&\u202e"
PLAYERS_OWN = ("on_air", "faults", "disk_free_bytes", "temperature_celsius")
NO_BROKER = '[push]\naddress = "mqtt://127.0.0.1:9"'
ALERT = "0123456789abcdef"
NOW = 1_795_000_000_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "work", tmp_path / "mosquitto") as broker:
        for code in (*CODES, "00004"):
            broker.add(code, f"cua {code}")
        broker.reload()
        yield broker


@pytest.fixture
def office(tmp_path: Path, broker: Broker) -> Iterator[Office]:
    with Office(tmp_path / "work", broker, CODES) as office:
        yield office


@pytest.fixture
def stations(broker: Broker) -> Iterator[list[SimulatedStation]]:
    with ExitStack() as stack:
        yield [stack.enter_context(SimulatedStation(broker, code)) for code in CODES]


def test_stations_come_and_go(office: Office, stations: list[SimulatedStation]) -> None:
    fault = {"where": "Âm thanh", "what": "Không thấy card âm thanh.", "still": "", "mend": "Kiểm tra dây."}
    stations[0].tell(on_air={"title": "Bản tin sáng", "start": "2026-11-26T05:00:00+07:00"}, faults=[fault])
    wait_until(lambda: office.up() == "+++" and office.told()["stations"]["00001"]["on_air"], 30)
    told = office.told()["stations"]["00001"]
    assert (told["name"], told["on_air"]) == ("Xã 00001", "Bản tin sáng")
    assert told["faults"] == ["Âm thanh: Không thấy card âm thanh."]
    figures = office.figures()
    assert figures["loaxa_broker_connected", ""] == 1
    assert figures["loaxa_station_on_air", "00001"] == figures["loaxa_station_faults", "00001"] == 1
    assert figures["loaxa_station_on_air", "00002"] == figures["loaxa_station_faults", "00002"] == 0
    assert figures["loaxa_station_disk_free_bytes", "00002"] == 18 * 1024**3
    assert figures["loaxa_station_temperature_celsius", "00002"] == 41
    assert figures["loaxa_station_clock_trusted", "00002"] == 1
    stations[2].tell(player=False, disk_free=None, heat=None)
    wait_until(lambda: office.told()["stations"]["00003"]["player"] is False, 20)
    figures = office.figures()
    assert [figures["loaxa_station_player_up", code] for code in CODES] == [1, 1, 0]
    assert not {it for it in figures if it[1] == "00003"} & {(f"loaxa_station_{it}", "00003") for it in PLAYERS_OWN}
    before = int(wall_ms())
    stations[0].vanish()
    wait_until(lambda: office.up() == "-++", 20)
    told = office.told()["stations"]["00001"]
    assert before <= told["since"] <= wall_ms()
    assert told["seen"] <= before and told["on_air"] is None
    figures = office.figures()
    assert [figures["loaxa_station_up", code] for code in CODES] == [0, 1, 1]
    assert ("loaxa_station_on_air", "00001") not in figures, "nobody knows"
    assert before - MINUTE < figures["loaxa_station_last_seen_timestamp_seconds", "00001"] * SECOND <= before


def test_all_is_known_again_after_a_restart(office: Office, stations: list[SimulatedStation]) -> None:
    stations[2].vanish()
    wait_until(lambda: office.up() == "++-", 30)
    office.stop()
    (office.board / "live.json").unlink()
    office.start()
    wait_until(lambda: office.up() == "++-", 30)
    gone = office.told()["stations"]["00003"]
    assert gone["since"] is None and abs(gone["seen"] - wall_ms()) < MINUTE, (
        "it was so already; what it said last stays"
    )


def test_without_its_broker_it_knows_nothing_and_says_so(office: Office, stations: list[SimulatedStation]) -> None:
    wait_until(lambda: office.up() == "+++", 30)
    office.broker.stop()
    wait_until(lambda: office.up() == "???", 20)
    assert office.told()["broker"]["up"] is False
    figures = office.figures()
    assert figures["loaxa_broker_connected", ""] == 0
    assert not [name for name, _ in figures if name in {"loaxa_station_up", "loaxa_station_on_air"}]
    office.broker.start()
    wait_until(lambda: office.up() == "+++", 60)
    assert stations


def test_what_nobody_can_make_anything_of_harms_nothing(office: Office, stations: list[SimulatedStation]) -> None:
    wait_until(lambda: office.up() == "+++", 30)
    bad = stations[0]
    topics = status_topic("00001"), link_topic("00001"), verdict_topic("00001", ALERT), verdict_topic("00001", "0")
    for topic in topics:
        for content in (
            b"{",
            b"[" * 30_000,
            b"\xff\xfe",
            b'{"at": 1e999}',
            b'{"at": {}, "faults": 3}',
            b"x" * 1_000_000,
        ):
            bad.say(topic, content)
    bad.say("loa-xa/station/00001/other", b"x")
    with SimulatedStation(office.broker, "00004"):  # whom the province does not list
        wait_until(lambda: office.figures()["loaxa_garbled_messages_total", "stranger"] == 2, 30)
    figures = office.figures()
    assert figures["loaxa_garbled_messages_total", "content"] == 6 * len(topics)
    assert figures["loaxa_garbled_messages_total", "topic"] == 1
    assert office.up() == "+++"
    assert set(office.told()["stations"]) == set(CODES)


def test_a_commune_that_is_new_is_followed_at_once(office: Office, stations: list[SimulatedStation]) -> None:
    with SimulatedStation(office.broker, "00004"):
        wait_until(lambda: office.up() == "+++", 30)
        office.list_communes((*CODES, "00004"))
        wait_until(lambda: office.up() == "++++", 20)
        (office.work / "province.toml").write_text("name = ")
        stations[1].vanish()
        wait_until(lambda: office.up() == "+-++", 20)


def test_whom_to_call_about_an_alert(office: Office, stations: list[SimulatedStation]) -> None:
    first = office.send("Lũ về", "tinh")
    test = office.send("Diễn tập", "xa-00002", "vung-vung-3", status=Status.TEST)
    stations[0].answer(first.id, "air", result="aired", proof="heard")
    stations[1].answer(first.id, "refuse", reason="Bản tin đã hết hạn.")
    wait_until(lambda: [len(it["to_call"]) for it in office.told().get("alerts", [])] == [2, 2], 30)
    told = {it["title"]: it for it in office.told()["alerts"]}
    assert told["Lũ về"]["counts"] == {"none": 1, "refused": 1, "aired": 1}
    assert told["Lũ về"]["to_call"] == [["none", "00003", ""], ["refused", "00002", "Bản tin đã hết hạn."]]
    assert (told["Diễn tập"]["silent"], told["Diễn tập"]["counts"]) == (True, {"none": 2})
    figures = office.figures()
    for decision in ("none", "refuse", "air"):
        assert figures["loaxa_alert_verdicts", f"{first.id} {decision} alert"] == 1
    assert figures["loaxa_alert_stations", f"{first.id} alert aired"] == 1
    assert figures["loaxa_alert_stations", f"{test.id} test none"] == 2
    over = office.send("Hết lũ", "tinh", kind=MessageType.CANCEL, references=(first.me,))
    stations[2].answer(over.id, "air", result="aired", proof="silent")
    wait_until(lambda: any(it["counts"].get("failed") for it in office.told()["alerts"]), 20)
    assert {it["title"] for it in office.told()["alerts"]} == {"Hết lũ", "Diễn tập"}, (
        "what is over is not asked for"
    )


def test_it_serves_this_machine_alone(office: Office) -> None:
    wait_until(lambda: office.up() == "???" or office.up() == "---", 30)
    asked = ("ss", "-Hltn", "sport", "=", f":{office.port}")
    _, _, _, address, *_ = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert address == f"127.0.0.1:{office.port}"
    office.stop()
    with pytest.raises(URLError):
        office.figures()


@pytest.mark.parametrize(
    ("province", "board", "told"),
    [
        ('name = "Tỉnh thử"', "bang", "Chưa có máy chủ đẩy tin nào."),
        (f'name = "Tỉnh thử"\n{NO_BROKER}', "khac", "Không có thư mục của bảng."),
        (f'name = "Tỉnh thử"\n{NO_BROKER}', "bang", "Không mở được cổng này"),
        ("name = ", "bang", "province.toml"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, province: str, board: str, told: str) -> None:
    (tmp_path / board).mkdir()
    (tmp_path / "province.toml").write_text(province)
    (tmp_path / PASSWORD).parent.mkdir()
    (tmp_path / PASSWORD).write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = CliRunner().invoke(main, ["province", "--at", str(tmp_path), "live", "--port", port])
    assert ended.exit_code == 1 and told in ended.output


# What it makes of words


def overview(*, up: bool = True) -> Overview:
    made = Overview({code: f"Xã {code}" for code in CODES}, NOW)
    made.connect(up=up, now=NOW)
    return made


def row(of: Overview, now: int, code: str = "00001") -> Row:
    return next(it for it in of.picture((), now).rows if it.code == code)


def test_who_is_not_heard_of_is_unknown_first_and_then_gone() -> None:
    seen = overview()
    seen.take(link_topic("00002"), b"on", NOW, retained=True)
    assert [row(seen, NOW + SECOND, code).up for code in CODES] == [None, True, None]
    seen.take(status_topic("00002"), json.dumps(status()).encode(), NOW + 9 * SECOND, retained=True)
    assert [row(seen, NOW + 10 * SECOND, code).up for code in CODES] == [None, True, None], "more may come"
    assert [row(seen, NOW + MINUTE, code).up for code in CODES] == [False, True, False]
    seen.connect(up=False, now=NOW + MINUTE)
    assert row(seen, NOW + MINUTE, "00002").up is None
    seen.connect(up=True, now=NOW + 2 * MINUTE)
    assert row(seen, NOW + 2 * MINUTE, "00002").up is None, "what was true before may be no longer"
    assert row(seen, NOW + 3 * MINUTE, "00002").up is False


def test_since_when_is_known_only_to_who_saw_it() -> None:
    seen = overview()
    seen.take(link_topic("00001"), b"off", NOW, retained=True)
    assert row(seen, NOW).since is None
    seen.take(link_topic("00001"), b"on", NOW + MINUTE, retained=False)
    seen.take(link_topic("00001"), b"on", NOW + 2 * MINUTE, retained=False)
    assert row(seen, NOW + 3 * MINUTE).since == NOW + MINUTE
    seen.connect(up=False, now=NOW + 4 * MINUTE)
    seen.connect(up=True, now=NOW + 5 * MINUTE)
    seen.take(link_topic("00001"), b"on", NOW + 5 * MINUTE, retained=True)
    assert row(seen, NOW + 6 * MINUTE).since == NOW + MINUTE


def test_a_station_cannot_fill_the_memory_with_answers() -> None:
    seen = overview()
    for number in range(500):
        answer = {"at": NOW, "decision": "refuse", "reason": "x"}
        seen.take(verdict_topic("00001", f"{number:016x}"), json.dumps(answer).encode(), NOW, retained=True)
    assert len(row(seen, NOW).answers) == 20
    assert f"{499:016x}" in row(seen, NOW).answers


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda it: st.lists(it, max_size=3),
)
KNOWN = st.sampled_from(["at", "on_air", "next", "faults", "heat", "player", "disk_free", "decision", "result"])
SAID = st.binary(max_size=30) | st.dictionaries(KNOWN, JSON).map(lambda it: json.dumps({**status(), **it}).encode())
TOPICS = st.sampled_from(
    [link_topic("00001"), status_topic("00001"), verdict_topic("00001", ALERT), "", "x/y", link_topic("9")]
)


@given(st.lists(st.tuples(TOPICS, SAID, st.booleans()), max_size=8))
def test_whatever_is_said_can_be_shown(said: list[tuple[str, bytes, bool]]) -> None:
    seen = overview()
    for topic, content, retained in said:
        seen.take(topic, content, NOW, retained=retained)
    picture: Picture = seen.picture((), NOW + HOUR)
    assert set(json.loads(live_json(picture))["stations"]) == set(CODES)
    assert picture.messages == len(said)


# The board's page


@pytest.fixture
def page(office: Office, tmp_path: Path) -> Iterator[Page]:
    """The board as nginx shows it to somebody of the office."""
    (tmp_path / "bao-cao").mkdir()
    communes = {code: Commune(f"Xã {code}") for code in CODES}
    board = read_board(tmp_path / "bao-cao", communes, int(wall_ms()), tmp_path / "read")
    (office.board / "index.html").write_text(draw_board(board, "Tỉnh thử"))
    (office.work / "htpasswd").touch()
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "mot hai"], check=True, capture_output=True, text=True)
    (office.work / "bang-htpasswd").write_text(f"truc:{hashed.stdout}")
    with ProvinceServer(office.work, tmp_path / "nginx") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        who = {"username": "truc", "password": "mot hai"}
        context = browser.new_context(ignore_https_errors=True, http_credentials=who, base_url=server.tree)
        yield context.new_page()
        browser.close()


@pytest.mark.browser
def test_the_board_says_who_is_gone_without_being_loaded_anew(
    office: Office, stations: list[SimulatedStation], page: Page
) -> None:
    stations[1].tell(on_air={"title": EVIL, "start": "2026-11-26T05:00:00+07:00"})
    page.goto("bang/")
    expect(page.locator("#live-up")).to_have_text("3/3", timeout=30_000)
    page.evaluate("document.body.dataset.loaded = 'once'")
    line = page.locator("[data-live='00001']")
    expect(line).to_have_text("đang kết nối")
    expect(page.locator("[data-live='00002']")).to_contain_text("đang phát “<img src=x")
    stations[0].vanish()
    expect(line).to_contain_text("mất kết nối từ", timeout=20_000)
    expect(page.locator("#live-gone-head")).to_have_text("Mất kết nối: 1 đài")
    expect(page.locator("#live-up")).to_have_text("2/3")
    alert = office.send("Lũ về", "tinh")
    stations[1].answer(alert.id, "air", result="aired", proof="heard")
    stations[2].answer(alert.id, "air", result="aired", proof="heard")
    expect(page.locator(".alert")).to_contain_text("2/3 đài đã phát", timeout=20_000)
    expect(page.locator(".alert")).to_contain_text("cần gọi điện: 1 đàiXã 00001 00001 · mất kết nối")
    assert page.evaluate("document.body.dataset.loaded") == "once"
    assert page.title() == "3/3 đài im lặng – Truyền thanh cơ sở – Tỉnh thử"


@pytest.mark.browser
def test_a_board_that_is_told_nothing_any_more_says_so(
    office: Office, stations: list[SimulatedStation], page: Page
) -> None:
    page.goto("bang/")
    expect(page.locator("#live-up")).to_have_text("3/3", timeout=30_000)
    office.broker.stop()
    expect(page.locator("#live-old")).to_contain_text("Mất máy chủ đẩy tin từ", timeout=20_000)
    expect(page.locator("#live-now")).to_be_hidden()
    expect(page.locator("[data-live='00001']")).to_be_hidden()
    office.stop()
    told = office.told()
    (office.board / "live.json").write_text(
        json.dumps({**told, "at": told["at"] - MINUTE})
    )  # as if it was a while ago
    expect(page.locator("#live-old")).to_contain_text("Tin trực tiếp dừng từ", timeout=20_000)
    assert stations


def test_the_office_alone_sees_the_board(office: Office, tmp_path: Path) -> None:
    (office.work / "htpasswd").touch()
    (office.work / "bang-htpasswd").touch()
    (office.board / "index.html").write_text("bảng")
    with ProvinceServer(office.work, tmp_path / "nginx") as server:
        for address, code in (
            (f"{server.plain_tree}bang/", "403"),
            (f"{server.tree}bang/", "401"),
            (f"{server.tree}bang/live.json", "401"),
            (f"{server.tree}bang/.index.html.read", "404"),
        ):
            asked = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", address]
            assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == code
