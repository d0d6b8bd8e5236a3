"""The province's board: who is silent cannot be overlooked, and what strangers write is shown, never obeyed."""

import datetime as dt
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, sync_playwright

from station.centre.board import read_board
from station.centre.board_communes import read_communes
from station.centre.board_drawing import draw_map, draw_strip
from station.centre.board_page import board_json, draw_board
from station.cli import main
from station.rules.as_run import AsRunSegment
from station.rules.board import Board, Commune, Condition, Row
from station.rules.day_report import MOST_BYTES, ReportedRecord, to_json
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.proof import Verdict
from station.rules.title import clean
from station.rules.trouble import Refused, Trouble
from station.stores.written import Unreadable
from tests.browsing import CHROMIUM
from tests.centre.boards import NOW, TODAY, a_report, broken_since, put, put_bytes, start_of
from tests.web.records import as_run

YESTERDAY = TODAY - dt.timedelta(days=1)
EVIL = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">'&\u202e\x00\u2028{{ 7 * 7 }}"


@pytest.fixture
def arrived(tmp_path: Path) -> Path:
    folder = tmp_path / "bao-cao"
    folder.mkdir()
    return folder


def seen(arrived: Path, communes: dict[str, Commune] | None = None, now: int = NOW) -> Board:
    return read_board(arrived, communes or {}, now, arrived.parent / "read")


def only(board: Board) -> Row:
    (row,) = board.rows
    return row


# How a station is


@pytest.mark.parametrize(
    ("came", "results", "more", "condition"),
    [
        (NOW - MINUTE, "aired", {}, Condition.WELL),
        (NOW - MINUTE, "aired cut", {}, Condition.WELL),
        (NOW - 4 * HOUR, "aired", {}, Condition.OVERDUE),
        (NOW - DAY - 1, "aired", {}, Condition.SILENT),
        (NOW - MINUTE, "", {}, Condition.MUTE),
        (NOW - MINUTE, "missed failed", {}, Condition.MUTE),
        (NOW - MINUTE, "aired missed", {}, Condition.FAULTY),
        (NOW - MINUTE, "aired failed", {}, Condition.FAULTY),
        (NOW - MINUTE, "aired", {"faults": broken_since()}, Condition.FAULTY),
    ],
)
def test_how_a_station_is(arrived: Path, came: int, results: str, more, condition: Condition) -> None:
    put(arrived, a_report(results=results, **more), came)
    assert only(seen(arrived)).condition is condition


def test_what_sounded_yesterday_keeps_a_station_from_being_mute_in_the_morning(arrived: Path) -> None:
    put(arrived, a_report(results=""))
    put(arrived, a_report(day=YESTERDAY))
    assert only(seen(arrived)).condition is Condition.WELL
    assert only(seen(arrived, now=NOW + DAY + MINUTE)).condition is Condition.SILENT


def test_an_output_without_sound_is_a_fault(arrived: Path) -> None:
    start = start_of(TODAY) + 5 * HOUR
    silent = ReportedRecord(as_run(start, start + MINUTE, proof=Verdict.SILENT))
    put(arrived, a_report(records=(silent,)))
    row = only(seen(arrived))
    assert (row.condition, row.proofs) == (Condition.FAULTY, {"silent": 1})


def test_a_station_is_silent_since_it_was_last_heard_however_long_ago(arrived: Path) -> None:
    gone = TODAY - dt.timedelta(days=200)
    put(arrived, a_report(day=gone))
    (arrived / "24169" / "2026-99-99.json").write_text("")
    row = only(seen(arrived))
    assert (row.condition, row.arrived.last_contact) == (Condition.SILENT, start_of(gone) + DAY)
    assert row.commune.name == "Đài 24169"


def test_who_never_reported_is_there_and_first(arrived: Path) -> None:
    put(arrived, a_report("24169"))
    put(arrived, a_report("24172", day=YESTERDAY), NOW - 2 * DAY)
    board = seen(arrived, {"24100": Commune("Xã Chưa Từng"), "24169": Commune("Xã Hương Sơn")})
    assert [(it.code, it.condition) for it in board.rows] == [
        ("24100", Condition.NEVER),
        ("24172", Condition.SILENT),
        ("24169", Condition.WELL),
    ]
    assert [it.listed for it in board.rows] == [True, False, True]
    assert board.heard_today == 1


def test_the_figures_are_those_of_the_reports(arrived: Path) -> None:
    put(arrived, a_report(results="aired missed failed cut"))
    put(arrived, a_report(day=TODAY.replace(day=1), results="aired"))
    put(arrived, a_report(day=TODAY.replace(day=1) - dt.timedelta(days=1), results="aired aired aired"))
    (told,) = board_json(seen(arrived))["rows"]
    assert told["today"] == {"aired": 1, "cut": 1, "missed": 1, "failed": 1, "open": 0}
    assert told["month_seconds"] == 3 * 20 * 60
    assert told["days"][str(TODAY)] == 0.5
    assert told["version"] == "1.2.0"
    assert told["last_contact"] == "2026-11-26T11:30:00+07:00"


def test_the_strip_says_what_each_day_was(arrived: Path) -> None:
    put(arrived, a_report(results="aired aired"))
    put(arrived, a_report(day=YESTERDAY, results="aired failed missed missed"))
    put(arrived, a_report(day=TODAY - dt.timedelta(days=2), results=""))
    drawn = draw_strip(only(seen(arrived)))
    assert (
        drawn.words == "14 ngày qua: 1 ngày phát đủ, 1 ngày thiếu, 1 ngày không có buổi, 11 ngày không có báo cáo"
    )
    assert drawn.aired == "M96 16h7v-4h-7zM104 16h7v-16h-7z"
    assert drawn.lost == "M96 0h7v12h-7z"


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=8))
@settings(max_examples=50)
def test_every_place_is_on_the_map(places: list[tuple[float, float]]) -> None:
    communes = {str(number): Commune("Xã", place) for number, place in enumerate(places)}
    rows = [Row(code, it, True, Condition.WELL, None, None, 0, {}, (), ()) for code, it in communes.items()]
    drawn = draw_map(Board(NOW, TODAY, tuple(rows)))
    assert drawn
    assert len(drawn.dots) == len(places)
    assert all(0 < it.x < drawn.width <= 1_000 and 0 < it.y < drawn.height <= 1_000 for it in drawn.dots)


# What strangers write


RUBBISH = [
    b"",
    b"<!doctype html><title>Wi-Fi</title>",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"null",
    b" " * (MOST_BYTES + 1),
    to_json(a_report("24172")),
    to_json(a_report(day=YESTERDAY)),
    to_json(a_report()).replace(b'"result":"aired"', b'"result":[]'),
    to_json(a_report()).replace(b"Asia", b"\\ud800"),
    to_json(a_report())[:-40],
]


@pytest.mark.parametrize("body", RUBBISH)
def test_what_is_no_report_of_that_station_and_day_is_shown_as_broken(arrived: Path, body: bytes) -> None:
    put(arrived, a_report(day=YESTERDAY))
    put_bytes(arrived, "24169", TODAY, body)
    for _ in range(2):
        board = seen(arrived)
        assert only(board).condition is Condition.BROKEN
        assert only(board).broken == (TODAY,)
        page = draw_board(board, "")
        assert "Báo cáo hỏng: 1 đài" in page
        assert "Báo cáo ngày 26/11 không đọc được." in page
    put(arrived, a_report(), NOW)
    assert only(seen(arrived)).condition is Condition.WELL


@pytest.mark.timeout(20)
def test_what_is_no_file_is_left_alone(arrived: Path, tmp_path: Path) -> None:
    """A pipe would never end, and a link may lead anywhere."""
    put(arrived, a_report())
    os.mkfifo(arrived / "24169" / f"{YESTERDAY}.json")
    elsewhere = put(tmp_path / "elsewhere", a_report("24172"))
    (arrived / "24172").mkdir()
    (arrived / "24172" / f"{TODAY}.json").symlink_to(elsewhere)
    (arrived / "24173").symlink_to(elsewhere.parent)
    (arrived / "24174" / f"{TODAY}.json").mkdir(parents=True)
    for name in ("..x", "CON", "a b", "é", ".htaccess", "24175.json"):
        (arrived / name).mkdir()
    assert {it.code: it.condition for it in seen(arrived).rows} == {
        "24169": Condition.WELL,
        "24172": Condition.NEVER,
        "24174": Condition.NEVER,
    }


def test_the_largest_and_smallest_numbers_do_no_harm(arrived: Path) -> None:
    for number, wild in enumerate((10**14, -(10**9))):
        record = as_run(wild, wild, actual_start=wild, actual_end=wild, result="missed", proof="silent")
        fault = evolve(broken_since()[0], opened_at=wild)
        put(arrived, a_report(f"2416{number}", records=(ReportedRecord(record),), faults=(fault,)))
    board = seen(arrived)
    assert draw_board(board, "")
    assert json.dumps(board_json(board))
    put_bytes(arrived, "24160", TODAY, to_json(a_report("24160")).replace(str(NOW).encode(), b"9" * 4_000))
    assert {it.code: it.condition for it in seen(arrived).rows}["24160"] is Condition.BROKEN


def evil_station(arrived: Path) -> None:
    trouble = Trouble(EVIL, EVIL, EVIL, EVIL)
    segment = AsRunSegment(EVIL, EVIL, EVIL, EVIL, 0, 0)
    start = start_of(TODAY)
    record = as_run(start, start, key=EVIL, title=EVIL, reason=EVIL, zones=(EVIL,), result="missed", proof=EVIL)
    records = (ReportedRecord(record, (segment,)), ReportedRecord(evolve(record, result=EVIL)))
    put(arrived, a_report("xa-la", name=EVIL, records=records, faults=broken_since(trouble), zones={EVIL: EVIL}))


def test_nothing_that_a_station_writes_becomes_markup(arrived: Path) -> None:
    evil_station(arrived)
    page = draw_board(seen(arrived), EVIL)
    assert page.count("<script") == 1, "the page's own"
    assert not re.search(r"<img|\bonerror=\"|[\u202e\u2028\x00]", page)
    assert "{{ 7 * 7 }}" in page


@given(st.text())
def test_a_stranger_s_words_are_one_line_of_bounded_length(words: str) -> None:
    shown = clean(words * 10)
    assert len(shown) <= 201
    assert len(shown.splitlines()) <= 1
    shown.encode()


# Which communes there are


def test_the_communes_come_from_the_province_s_file_or_from_a_table(tmp_path: Path) -> None:
    toml, table = tmp_path / "province.toml", tmp_path / "xa.csv"
    toml.write_text('name = "Tỉnh thử"\n[communes.24169]\nname = "Xã Hương Sơn"\nplace = [22.5, 105]\n')
    table.write_text("code,name,lat,lon\n24169,Xã Hương Sơn,22.5,105\n24172,Xã Bằng Lang,,\n", encoding="utf-8-sig")
    placed = Commune("Xã Hương Sơn", (22.5, 105.0))
    assert read_communes(toml).province == "Tỉnh thử"
    assert read_communes(toml).known == {"24169": placed}
    assert read_communes(table).known == {"24169": placed, "24172": Commune("Xã Bằng Lang")}


@pytest.mark.parametrize(
    ("table", "line"),
    [("code,name\n24169,\n", 2), ("code,name\n24169,Xã\n../x,Xã\n", 3), ("code,name,lat,lon\n1,Xã,91,0\n", 2)],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, table: str, line: int) -> None:
    (tmp_path / "xa.csv").write_text(table)
    with pytest.raises(Refused, match=f"xa.csv:{line}"):
        read_communes(tmp_path / "xa.csv")


@pytest.mark.parametrize("place", ["[22.5]", "[22.5, 105, 1]", '"22.5, 105"', "[91, 0]"])
def test_a_place_that_is_none_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "province.toml").write_text(f'name = "T"\n[communes.1]\nname = "Xã"\nplace = {place}\n')
    with pytest.raises(Unreadable):
        read_communes(tmp_path / "province.toml")


# The command


def test_the_command_draws_the_board_and_tells_it_as_data(arrived: Path, tmp_path: Path) -> None:
    put(arrived, a_report(), int(Path(arrived).stat().st_mtime * 1_000))
    (tmp_path / "tinh").mkdir()
    toml = 'name = "Tỉnh thử"\n[communes.24169]\nname = "Xã Hương Sơn"\n[communes.24172]\nname = "Xã Lạ"\n'
    (tmp_path / "tinh" / "province.toml").write_text(toml)
    out = tmp_path / "bang.html"
    (tmp_path / "left.unfinished").write_text("of a drawing that was killed")
    drawing = ("province", "--at", str(tmp_path / "tinh"), "board", str(arrived), str(out))
    done = CliRunner().invoke(main, drawing)
    assert done.output == f"{out}: 2 đài, 1 im lặng.\n"
    assert "<title>1/2 đài im lặng" in out.read_text()
    assert out.stat().st_mode & 0o777 == 0o644
    assert not (tmp_path / "left.unfinished").exists()
    told = json.loads(CliRunner().invoke(main, [*drawing, "--json"]).output)
    assert (told["stations"], told["conditions"]["never"]) == (2, 1)
    assert [it["name"] for it in told["rows"]] == ["Xã Lạ", "Xã Hương Sơn"]


def test_what_did_not_change_is_not_read_again(arrived: Path) -> None:
    for code in ("24169", "24172"):
        for number in range(40):
            put(arrived, a_report(code, TODAY - dt.timedelta(days=number)))
    opened: list[str] = []
    sys.addaudithook(lambda name, it: opened.append(str(it[0])) if name == "open" and listening else None)

    def files_read() -> int:
        nonlocal listening
        opened.clear()
        listening = True
        seen(arrived)
        listening = False
        return len({it for it in opened if it.startswith(str(arrived / "24"))})

    listening = False
    assert files_read() == 2 * TODAY.day, "this month's, of two stations"
    assert files_read() == 2, "the newest of each, for what it says of the station now"
    put(arrived, a_report(day=TODAY - dt.timedelta(days=5), results="aired"))
    assert files_read() == 3
    (arrived.parent / "read").write_text("{")
    assert files_read() == 2 * TODAY.day


# The page


def a_province(arrived: Path, stations: int) -> Board:
    """A third of them is silent, some of these since ever; of the others some are broken, mute or faulty."""
    silent = stations // 3
    codes = {str(24000 + number): number for number in range(stations)}
    communes = {
        code: Commune(f"Xã Hương Sơn {it}", (22 + it % 21 / 9, 104 + it / 300)) for code, it in codes.items()
    }
    for code, number in codes.items():
        if number >= silent:
            day = a_report(code, results="aired missed" if number % 7 == 0 else "aired")
            put(arrived, evolve(day, faults=broken_since() if number % 20 == 0 else ()))
        elif number >= silent // 3:
            put(arrived, a_report(code, TODAY - dt.timedelta(days=3)))
    put(arrived, a_report(max(codes), results=""))
    put_bytes(arrived, str(24000 + stations - 2), TODAY, b"{")
    evil_station(arrived)
    return seen(arrived, communes)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()


@pytest.mark.browser
def test_150_silent_stations_cannot_be_overlooked(arrived: Path, tmp_path: Path, browser: Browser) -> None:
    """On a phone and on a screen, first of all; and nothing is asked for but the page."""
    out = tmp_path / "bang.html"
    out.write_text(draw_board(a_province(arrived, 450), "Tỉnh thử"))
    for width, height in ((360, 740), (1280, 800)):
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(out.as_uri())
        assert asked == [out.as_uri()]
        assert page.title() == "150/451 đài im lặng – Truyền thanh cơ sở – Tỉnh thử"
        figure = page.locator(".figure")
        box = figure.bounding_box()
        assert figure.text_content() == "150"
        assert box and box["y"] + box["height"] < height / 2 and box["height"] >= 48
        assert page.get_by_text("trong 451 đài im lặng").is_visible()
        assert page.get_by_text("im lặng từ 24/11/2026 00:00").first.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".map use").count() == 450
        order = page.locator("tbody").evaluate_all("all => all.map(it => it.id)")
        assert order == ["never", "silent", "broken", "mute", "faulty", "well"]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_keeps_nobody_out(arrived: Path, tmp_path: Path, browser: Browser, scheme) -> None:
    out = tmp_path / "bang.html"
    out.write_text(draw_board(a_province(arrived, 30), "Tỉnh thử"))
    for width in (360, 1280):
        page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
        page.goto(out.as_uri())
        assert page.locator("tbody").count() == 6
        assert Axe().run(page).response["violations"] == []


@pytest.mark.browser
def test_a_board_that_is_not_drawn_any_more_says_so(arrived: Path, tmp_path: Path, browser: Browser) -> None:
    out = tmp_path / "bang.html"
    out.write_text(draw_board(seen(arrived), ""))
    page = browser.new_context().new_page()
    page.clock.install(time=(NOW + 29 * MINUTE) / 1_000)
    page.goto(out.as_uri())
    old = page.get_by_text("Bảng này không còn được vẽ lại")
    assert not old.is_visible()
    page.clock.fast_forward(2 * MINUTE)
    assert old.is_visible()
