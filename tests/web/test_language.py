"""Two languages: what a person chose, everywhere, and no text that was forgotten."""

import datetime as dt
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.stores.home import Home
from tests.catalogue import DOMAINS, ENGLISH, compiled, gathered, kept
from tests.web.asking import post
from tests.web.states import STATES
from tests.web.test_looks import pages
from web import words
from web.language import said

# What people typed, and names: of zones, titles, what is read aloud, feasts.
TYPED = (
    "Đài thử",
    "Thôn Bắc",
    "Thôn Đông",
    "Nguyễn Thị Lan",
    "loa thử",
    "Bản tin sáng của xã và các thôn",
    "Bản tin tối của xã và mọi thôn xa gần",
    "Bản tin sáng",
    "Bản tin chiều",
    "Thời sự tỉnh sáng 24/11",
    "Thời sự tỉnh",
    "Hướng dẫn gieo cấy vụ đông xuân cho các xã vùng núi",
    "Tỉnh Hà Tĩnh",
    "Nhạc trưa",
    "Lịch tiêm phòng",
    "Phát trực tiếp",
    "Ban Chỉ huy PCTT tỉnh",
    "Đài Khí tượng tỉnh",
    "Vùng thử",
    "Hương Sơn",
    "Khẩn cấp: Nước sông lên nhanh",
    "Cảnh báo: Nước sông lên nhanh",
    "Xin chào bà con.",
    "Thử loa. Cụm loa Thôn Bắc.",
    "Đài truyền thanh xã",
    "Bản tin hằng ngày",
    "Bác tin đồn",
    "Cắt điện, cắt nước",
    "Cháy",
    "Lũ quét",
    "Lũ, ngập",
    "Loa xã",
    "Tết",
    "Hùng",
    "bằng mã một lần: Người soạn, trực đài, Người duyệt, Kỹ thuật",  # as the audit keeps it
)
TYPED_TEXT = re.compile("|".join(map(re.escape, TYPED)))
LETTER = re.compile("[À-ÖØ-öø-ỹ]")
READ = ("aria-label", "placeholder", "title", "alt", "data-busy")
SIGNED_OUT = (("silent", "/dang-nhap"), ("silent", "/thiet-lap"))


@pytest.fixture
def english(app: Flask):
    with app.test_request_context(headers={"Cookie": "ngon-ngu=en"}):
        yield


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_is_in_its_catalogue_and_translated(domain: str):
    """`python -m tests.catalogue` gathers what is missing and names it."""
    catalog = kept(domain)
    known = {str(it.id): str(it.string) for it in catalog if it.id}
    assert known.keys() == {str(it.id) for it in gathered(DOMAINS[domain]()) if it.id}
    assert [it for it, translated in known.items() if not translated] == []
    assert [it for it, translated in known.items() if holes(it) != holes(translated)] == []
    assert not any(it.fuzzy for it in catalog)
    assert (ENGLISH / f"{domain}.mo").read_bytes() == compiled(catalog)


def holes(text: str) -> list[str]:
    """What values go into a text: names, or how many places."""
    named = re.findall(r"%\((\w+)\)", text)
    return sorted(named) or ["{}"] * len(re.findall(r"\{\d?\}", text))


@pytest.mark.usefixtures("english")
def test_a_sentence_of_the_stations_is_said_with_its_values():
    assert said("Không có mục này trong thư viện.") == "This item is not in the library."
    assert said("Lịch “Sáng” đang dùng mục này.") == "The schedule “Sáng” uses this item."
    assert said("Quá 45 phút một ngày.") == "More than 45 minutes a day."


@pytest.mark.usefixtures("english")
def test_sentences_one_after_another_are_each_said():
    together = "Tin sáng: Lịch “Sáng” đang dùng mục này. Chưa xóa gì. Bỏ mục này khỏi lịch trước, rồi xóa."
    assert said(together) == (
        "Tin sáng: The schedule “Sáng” uses this item. Nothing was removed. "
        "Take this item out of the schedule first, then remove it."
    )


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a.toml, rundown thứ 2: Không có mục “x” trong thư viện. Tải lên và duyệt mục này.",
            "a.toml, rundown no. 2: There is no item “x” in the library. Upload and approve this item.",
        ),
        (
            "Lan cho phát ngoài khung giờ: bão. An đã bấm Dừng phát. Cụm loa “Đê”: không bật được.",
            "Lan allowed it outside the allowed hours: bão. An pressed Stop. Zone “Đê”: could not be switched on.",
        ),
        ("Đang phát “Bản tin số 3. Tháng 11”.", "“Bản tin số 3. Tháng 11” is on air."),
        (
            "Có một quãng lặng dài 4,5 giây. Nghe thử; nếu thừa thì cắt đi.",
            "There is a silence of 4.5 seconds. Listen to it; cut it if it is not needed.",
        ),
        (
            "Có một quãng lặng dài 5 giây ở 01:05. Nghe thử; nếu thừa thì cắt đi.",
            "There is a silence of 5 seconds at 01:05. Listen to it; cut it if it is not needed.",
        ),
    ],
)
def test_values_and_places_keep_to_their_own_sentence(text: str, told: str):
    assert said(text) == told


@pytest.mark.usefixtures("english")
def test_what_the_page_composes_is_in_its_language():
    seen = dt.datetime.fromisoformat("2026-11-24T15:00:00+07:00")
    assert words.day(seen.date()) == "Tuesday 24/11/2026"
    assert words.lunar(seen.date()) == "day 16 of month 10 (lunar)"
    assert words.lunar(dt.date(2025, 7, 25)) == "day 1 of leap month 6 (lunar)"
    assert words.which_day("2026-11-25T05:00:00+07:00", seen) == "tomorrow"
    assert words.which_day("2026-11-29T05:00:00+07:00", seen) == "Sunday 29/11"
    assert words.until("2026-11-24T17:05:00+07:00", seen) == "in 2 h 5 min"
    assert words.until("2026-11-24T17:00:00+07:00", seen) == "in 2 h"
    assert words.until("2026-11-24T15:20:00+07:00", seen) == "in 20 min"
    assert words.until("2026-11-24T15:05:00+07:00", seen) == "in 05:00"
    assert words.about("2026-11-24T15:00:00+07:00", "2026-11-24T15:00:20+07:00") == "20 s"
    assert words.where(["dinh"], {"dinh": "Đình"}) == "all zones"
    assert words.on_air({"priority": "emergency", "live": True, "phase": "on air"}) == "ON AIR EMERGENCY LIVE"
    assert words.megabytes(1_572_864) == "1.5"
    assert words.loud(-20) == "clear"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("text", ["", "Tin của tôi", "12:30", "Nguyễn Thị Lan", "a: b: c. d", "{} {0} %(x)s"])
def test_what_is_nobodys_sentence_stays_as_it_is(text: str):
    assert said(text) == text


def test_a_person_chooses_and_is_led_back_to_the_same_page(client):
    assert 'lang="vi"' in client.get("/nhat-ky").text
    answer = post(client, "/ngon-ngu", language="en", back="/nhat-ky", at="/nhat-ky")
    assert answer.location == "/nhat-ky"
    assert 'lang="en"' in client.get("/nhat-ky").text
    post(client, "/ngon-ngu", language="vi", back="/", at="/")
    assert 'lang="vi"' in client.get("/").text


@pytest.mark.parametrize("back", ["//nguoi.la", "https://nguoi.la/", "/\\\\nguoi.la", "", "nhat-ky"])
def test_nobody_is_led_away_from_the_station(client, back: str):
    assert post(client, "/ngon-ngu", language="en", back=back, at="/").location == "/"


def test_an_unknown_language_changes_nothing(client):
    post(client, "/ngon-ngu", language="xx", back="/", at="/")
    assert 'lang="vi"' in client.get("/").text


def test_no_script_says_a_text_where_no_catalogue_finds_it():
    """What gathers the texts does not look into templates of strings."""
    for file in (Path(words.__file__).parent / "static").glob("*.js"):
        assert not re.search(r"\$\{[^}]*\bsay\(", file.read_text()), file.name


def test_scripts_say_what_they_say_in_english_too(client):
    assert "chu.js" not in client.get("/thu-vien/them").text
    post(client, "/ngon-ngu", language="en", back="/", at="/")
    assert re.findall(r"[a-z]+\.js", client.get("/thu-vien/them").text) == [
        "chu.js",
        "station.js",
        "uploader.js",
        "recorder.js",
    ]
    words_of_scripts = json.loads(client.get("/ngon-ngu/chu.js").text.removeprefix("window.WORDS = ").rstrip(";"))
    assert words_of_scripts["Đã gửi {} / {} MB."] == "{} / {} MB sent."


@pytest.mark.usefixtures("evening", "enrolled")
def test_no_page_in_english_speaks_vietnamese(client: FlaskClient, stranger: FlaskClient, player, bulletin: str):
    """But for what the public hears again, which is for the commune."""
    found = {}
    ours = [(state, address) for state, address in pages(bulletin) if not address.startswith("/nghe-lai")]
    for browser, states in ((client, ours), (stranger, SIGNED_OUT)):
        browser.set_cookie("ngon-ngu", "en")
        for state, address in states:
            player["status"] = STATES[state]
            if left := vietnamese(browser.get(address).text):
                found[state, address] = left
    assert not found


def test_a_practice_station_speaks_english_too(home: Home, client: FlaskClient, player):
    home.places.config.write_text(f"practice = true\n{home.places.config.read_text()}")
    player["status"] = STATES["simulated"]
    client.set_cookie("ngon-ngu", "en")
    answer = client.get("/").text
    assert "PRACTICE STATION" in answer
    assert vietnamese(answer) == []


def vietnamese(page: str) -> list[str]:
    """What a page says in Vietnamese, but for what was typed."""
    return [it for it in Shown(page).texts if LETTER.search(TYPED_TEXT.sub("", it))]


class Shown(HTMLParser):
    """The texts of a page that are seen or read aloud; not values, nor what is marked as Vietnamese."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._passing = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in {"script", "style", "textarea"} or (tag != "html" and named.get("lang") == "vi"):
            self._passing = self._passing or tag
        if not self._passing:
            self.texts += [value for it in READ if (value := named.get(it))]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._passing:
            self._passing = ""

    def handle_data(self, data: str) -> None:
        if not self._passing and data.strip():
            self.texts.append(data.strip())
