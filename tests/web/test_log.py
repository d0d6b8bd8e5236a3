"""The log's page: sifted as one remembers, refused in words, and taken away as a table that Excel reads."""

import csv
import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.schedule import Priority, Trigger
from station.stores.home import Home
from station.stores.log_search import PAGE
from tests.airing import HEARD, air
from tests.running import RunningStation
from tests.web.asking import post
from tests.web.states import SEEN

TODAY, YESTERDAY = SEEN - 12 * HOUR, SEEN - 36 * HOUR


@pytest.fixture
def filled(home: Home) -> Home:
    air(home.log, TODAY, title="Bản tin sáng", proof=HEARD)
    air(home.log, TODAY + HOUR, title="Thời sự tỉnh", origin=Origin.PROVINCE, zones=("bac",))
    by_hand = {"trigger": Trigger.HAND, "who": "Hòa", "priority": Priority.PRIORITY}
    air(home.log, YESTERDAY, title="=1+1", late=4 * MINUTE, **by_hand)
    lost = "Máy không chạy vào giờ phát."
    air(home.log, YESTERDAY + HOUR, title="Nhạc trưa", result="missed", reason=lost, zones=("dong",))
    return home


def titles(page: str) -> list[str]:
    return re.findall(r'<span class="what">([^<]+)</span>', page)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Thời sự tỉnh", "Bản tin sáng", "Nhạc trưa", "=1+1"]),
        ("?tu=2026-11-23", ["Thời sự tỉnh", "Bản tin sáng"]),
        ("?den=2026-11-22", ["Nhạc trưa", "=1+1"]),
        ("?tu=2026-11-22&den=2026-11-22", ["Nhạc trưa", "=1+1"]),
        ("?ket-qua=missed", ["Nhạc trưa"]),
        ("?nguon=province", ["Thời sự tỉnh"]),
        ("?cum=dong", ["Bản tin sáng", "Nhạc trưa", "=1+1"]),
        ("?muc=priority", ["=1+1"]),
        ("?tim=thoi+su", ["Thời sự tỉnh"]),
        ("?tim=hoa", ["=1+1"]),
        ("?ket-qua=khong-co&nguon=x&muc=y&trang=-1", ["Thời sự tỉnh", "Bản tin sáng", "Nhạc trưa", "=1+1"]),
        ("?tim=khong+co+gi", []),
    ],
)
def test_the_log_is_sifted_on_the_page_and_in_the_table_alike(client: FlaskClient, asked: str, found: list[str]):
    page = client.get(f"/nhat-ky{asked}")
    assert page.status_code == 200
    assert titles(page.text) == found
    rows = list(csv.DictReader(io.StringIO(client.get(f"/nhat-ky/bang.csv{asked}").text.lstrip("\ufeff"))))
    assert [row["Buổi phát"].lstrip("'") for row in rows] == found


@pytest.mark.usefixtures("filled")
def test_what_was_planned_stands_beside_what_aired(client: FlaskClient):
    page = client.get("/nhat-ky?tim=hoa").text
    assert "Theo lịch 05:08:21–05:18:21" in page
    assert "phát thật 05:12:21–05:22:21" in page
    assert "muộn 4 phút, hết muộn 4 phút" in page
    assert "muộn" not in client.get("/nhat-ky?tim=ban+tin+sang").text


def test_pages_go_on_and_keep_what_was_asked(home: Home, client: FlaskClient):
    for number in range(PAGE + 1):
        air(home.log, TODAY - number * HOUR, title=f"Buổi {number}")
    first = client.get("/nhat-ky?nguon=commune").text
    older = re.search(r'href="([^"]+)">Cũ hơn', first)[1].replace("&amp;", "&")
    assert "nguon=commune" in older
    assert titles(client.get(older).text) == [f"Buổi {PAGE}"]
    assert "Không có buổi phát nào như vậy" in client.get("/nhat-ky?trang=9").text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("?tu=2026-11-23&den=2026-11-22&tim=sang", "“Đến ngày” ở trước “Từ ngày”."),
        ("?tu=hom+qua&tim=sang", "“hom qua” không phải là ngày."),
        ("?den=9999-12-31&tim=sang", "“9999-12-31” không phải là ngày."),
    ],
)
def test_dates_that_cannot_be_are_told_and_what_was_typed_stays(client: FlaskClient, asked: str, told: str):
    answer = client.get(f"/nhat-ky{asked}")
    assert answer.status_code == 400
    assert told in answer.text
    assert 'value="sang"' in answer.text
    assert client.get(f"/nhat-ky/bang.csv{asked}").status_code == 400


@pytest.mark.usefixtures("filled")
def test_the_table_opens_in_a_spreadsheet_with_its_letters_and_without_formulas(client: FlaskClient):
    answer = client.get("/nhat-ky/bang.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment; filename=nhat-ky-phat-song.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1] == {
        "Ngày": "23/11/2026",
        "Theo lịch từ": "05:08:21",
        "Theo lịch đến": "05:18:21",
        "Phát thật từ": "05:08:21",
        "Phát thật đến": "05:18:21",
        "Số giây đã phát": "600",
        "Buổi phát": "Bản tin sáng",
        "Kết quả": "Đã phát",
        "Lý do": "",
        "Nguồn": "Xã",
        "Mức": "thông thường",
        "Cụm loa": "Thôn Bắc, Thôn Đông",
        "Cách phát": "Theo lịch",
        "Người phát": "",
        "Lý do phát ngoài giờ": "",
        "Máy nghe lại": "Đúng chương trình",
    }
    assert rows[2]["Phát thật từ"] == rows[2]["Số giây đã phát"] == ""
    assert rows[3]["Buổi phát"] == "'=1+1"
    assert rows[3]["Cách phát"] == "Phát tay"


def test_the_command_line_sifts_it_too(filled: Home, tmp_path: Path):
    station = RunningStation(tmp_path / "other")
    station.home = filled.places.home
    span = ("log", "--from", "2026-11-22", "--to", "2026-11-24")

    def found(*asked: str) -> list[str]:
        return [it["title"] for it in station.json(*span, *asked)]

    assert found() == ["=1+1", "Nhạc trưa", "Bản tin sáng", "Thời sự tỉnh"]
    assert found("--result", "missed") == found("--find", "may khong chay") == ["Nhạc trưa"]
    assert found("--origin", "province", "--zone", "bac") == ["Thời sự tỉnh"]
    assert found("--priority", "priority") == ["=1+1"]
    assert station.command(*span, "--result", "khong-co").returncode == 2


def test_an_empty_log_is_said_and_its_table_has_its_heading(client: FlaskClient):
    assert "Chưa có buổi phát nào." in client.get("/nhat-ky").text
    assert client.get("/nhat-ky/bang.csv").text.startswith("\ufeffNgày,Theo lịch từ")


def test_the_table_of_a_long_log_is_sent_as_it_is_read(home: Home, client: FlaskClient):
    air(home.log, TODAY)
    air(home.log, TODAY - DAY)
    answer = client.get("/nhat-ky/bang.csv", buffered=False)
    assert answer.is_streamed
    assert len(list(answer.response)) == 3


@pytest.mark.usefixtures("filled")
def test_how_far_apart_they_are_is_said_in_english_too(client: FlaskClient):
    post(client, "/ngon-ngu", "/nhat-ky", language="en", back="/nhat-ky")
    assert "(4 min late, ended 4 min late)" in client.get("/nhat-ky?tim=hoa").text
