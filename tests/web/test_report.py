"""The monthly report: the log's figures, a drawing that fits, A4, and the same on the command line."""

import csv
import datetime as dt
import io
import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from station.rules.hours import instant
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.proof import Proof
from station.rules.report import Month, report
from station.rules.rundown import Clip, Kind
from station.rules.schedule import Trigger
from station.stores.home import Home
from tests.airing import HEARD, air, rebroadcast
from tests.browsing import CHROMIUM
from tests.running import HANOI, RunningStation
from tests.web.records import as_run
from tests.web.shelf import approved
from web.charts import HEIGHT, draw_bars, draw_days

FIRST = dt.date(2026, 11, 1)
BEGIN = instant(FIRST, 0, HANOI)


def on(day: int, clock: int = 5 * HOUR) -> int:
    return BEGIN + (day - 1) * DAY + clock


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_figures_are_those_of_the_log(home: Home, client: FlaskClient):
    bulletin, tune = approved(home, "Lịch tiêm phòng"), approved(home, "Nhạc hiệu", kind=Kind.IDENT)
    part = Clip(bulletin.id, bulletin.title, str(bulletin.ready), 2 * MINUTE)
    air(home.log, on(2), Clip(tune.id, tune.title, str(tune.ready), MINUTE), part, proof=HEARD)
    air(home.log, on(3), part, proof=Proof(compared=60_000, match=0.9, level=-40.0))
    air(home.log, on(4), rebroadcast(90 * MINUTE), origin=Origin.CENTRAL, title="VOV1", zones=("bac",))
    air(home.log, on(5), part, result="missed", reason="Máy không chạy vào giờ phát.", title="Bản tin lỡ")
    air(home.log, on(6), part, trigger=Trigger.HAND, who="Lan", schedule="phat-ngay")
    air(home.log, on(1) - DAY, part, title="Tháng trước")
    page = plain(client.get("/nhat-ky/bao-cao?thang=2026-11").text)
    for told in (
        "Báo cáo truyền thanh tháng 11 năm 2026",
        "Buổi phát 5",
        "Thời gian đã phát 1 giờ 37 phút",
        "Đã phát 4",
        "Bỏ lỡ 1",
        "Phát tay 1",
        "Trung ương 1 giờ 30 phút · 1 buổi",
        "Xã 7 phút · 3 buổi",
        "Thôn Bắc 1 giờ 37 phút · 4 buổi",
        "Thôn Đông 7 phút · 3 buổi",
        "Tin 6 phút · 3 lượt",
        "Nhạc hiệu 1 phút · 1 lượt",
        "05/11 05:00 Bản tin lỡ Bỏ lỡ Máy không chạy vào giờ phát.",
        "Máy nghe lại 2 buổi: 1 buổi đúng chương trình, 1 buổi đầu ra không có tiếng",
        "2 buổi không kiểm chứng",
        "Người lập biểu",
        "Người phụ trách",
    ):
        assert told in page, told
    row = re.search(r"1 Lịch tiêm phòng Tin Khác Hòa Lan, \S+ (\S+ \S+) (\d+) (\S+)", page)
    assert row.groups() == ("02/11 05:00", "3", "06:00")
    assert "Tháng trước" not in page
    assert "2 Nhạc hiệu" not in page


def test_a_removed_bulletin_stays_in_the_report(home: Home, client: FlaskClient):
    kept = approved(home, "Tin đã xóa")
    air(home.log, on(2), Clip(kept.id, kept.title, str(kept.ready), MINUTE))
    with home.engine.begin() as connection:
        home.library.remove(connection, kept.id)
    assert "1 Tin đã xóa Tin – đã xóa – 02/11 05:00 1 01:00" in plain(client.get("/nhat-ky/bao-cao").text)


def test_this_month_is_shown_unless_another_is_asked_for_and_nothing_after_it(client: FlaskClient):
    this = client.get("/nhat-ky/bao-cao").text
    assert "tháng 11 năm 2026" in this
    assert "khi chưa hết tháng" in this
    assert "thang=2026-12" not in this
    before = client.get("/nhat-ky/bao-cao?thang=2026-10").text
    assert "tháng 10 năm 2026" in before
    assert "khi chưa hết tháng" not in before
    assert "thang=2026-11" in before
    wrong = client.get("/nhat-ky/bao-cao?thang=2026-13")
    assert wrong.status_code == 400
    assert "“2026-13” không phải là tháng." in wrong.text


@given(
    st.lists(st.tuples(st.integers(0, 30 * DAY), st.integers(1, 6 * HOUR), st.sampled_from([*Origin])), max_size=40)
)
def test_the_drawing_is_inside_its_frame_and_as_high_as_the_hours(found: list[tuple[int, int, Origin]]):
    records = [as_run(BEGIN + at, BEGIN + at + length, origin=origin) for at, length, origin in found]
    made = report(records, Month(FIRST), HANOI)
    drawn = draw_days(made)
    assert len(drawn.columns) == 30
    (_, lowest), *_, (_, highest) = drawn.lines
    for column, hours in zip(drawn.columns, made.hours.values(), strict=True):
        assert drawn.left <= column.x < column.middle < column.x + column.width <= 100
        assert all(highest - 0.2 <= it.y <= lowest and it.height >= 0 for it in column.pieces)
        assert {it.origin for it in column.pieces} == {name for name, length in hours.items() if length}
    for one, other in zip(drawn.columns, drawn.columns[1:], strict=False):
        height, its = (sum(it.height for it in column.pieces) for column in (one, other))
        if one.length > other.length + 10 * MINUTE:
            assert height > its
    assert highest >= 0 and lowest <= HEIGHT
    bars = draw_bars(made.origins)
    assert all(0 <= it.width <= 100 for it in bars)
    assert not bars or bars[0].width == 100


@pytest.mark.browser
def test_it_prints_on_a4_without_the_page_around_it(home: Home, client: FlaskClient, address: str):
    for day in range(1, 23):
        air(home.log, on(day), rebroadcast(30 * MINUTE))
        air(home.log, on(day, 9 * HOUR), result="missed", reason="Máy không chạy vào giờ phát.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        context = browser.new_context(color_scheme="dark")
        context.add_cookies([{"name": "phien", "value": client.get_cookie("phien").value, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/nhat-ky/bao-cao?thang=2026-11")
        assert page.get_by_role("button", name="In báo cáo").is_visible()
        page.emulate_media(media="print")
        for hidden in ("In báo cáo", "Đăng xuất"):
            assert not page.get_by_text(hidden).is_visible()
        assert not page.get_by_role("link", name="Dừng phát").is_visible()
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.report')).backgroundColor")
            == "rgb(255, 255, 255)"
        )
        assert page.get_by_text("Người lập biểu").is_visible()
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    sizes = {
        tuple(round(float(it)) for it in found.split())
        for found in re.findall(rb"/MediaBox \[0 0 ([^\]]+)\]", printed)
    }
    assert sizes == {(595, 842)}


def test_the_command_line_tells_the_same(home: Home, tmp_path):
    air(home.log, on(2), rebroadcast(90 * MINUTE), origin=Origin.CENTRAL)
    air(home.log, on(5), result="failed", reason="Không có card.", title="Bản tin lỗi")
    station = RunningStation(tmp_path / "other")
    station.home = home.places.home
    told = station.json("report", "--month", "2026-11")
    assert (told["month"], told["broadcasts"], told["seconds"]) == ("2026-11", 2, 5400)
    assert told["results"] == {"aired": 1, "failed": 1}
    assert told["days"]["2026-11-02"] == {"central": 5400}
    assert told["origins"] == {"central": {"broadcasts": 1, "seconds": 5400}}
    assert told["troubles"] == [
        {
            "start": "2026-11-05T05:00:00+07:00",
            "title": "Bản tin lỗi",
            "result": "failed",
            "reason": "Không có card.",
        }
    ]
    table = list(csv.DictReader(io.StringIO(station.command("report", "--month", "2026-11", "--csv").stdout)))
    assert {"figure": "origins", "name": "central", "broadcasts": "1", "seconds": "5400"} in table
    lines = station.command("report", "--month", "2026-11").stdout
    assert "Trung ương: 1 buổi, 1 giờ 30 phút" in lines
    assert "Bản tin lỗi  Không có card." in lines
    wrong = station.command("report", "--month", "thang nay")
    assert (wrong.returncode, "không phải là tháng" in wrong.stderr) == (1, True)
