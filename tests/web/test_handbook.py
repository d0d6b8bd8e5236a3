"""The handbook: every page has its “?”, and what it says is true of the program as it is."""

import re
import struct
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.catalogue import DOMAINS, ROOT, gathered
from tests.web.states import STATES
from tests.web.test_looks import pages
from web import handbook

# Endpoints that answer with no page of their own: files, feeds, sound, and pieces of a page.
NO_PAGE = {
    "static",
    "bootstrap.static",
    "certificate.authority",
    "alerts.listen",
    "alerts.now",
    "audit.as_csv",
    "log.table",
    "timetable.feed",
    "metrics.metrics",
    "replay.feed",
    "replay.sound",
    "library.listen",
    "library.listing",
    "schedules.listen",
    "practice.hear",
    "commissioning.player",
    "province.now",
    "today.now",
    "today.stream",
    "language.words",
    "people.is_signed_in",
}
# What is bold and stands on none of our templates: a phone's own words, and the handbook's.
ELSEWHERE = {"?", "Bản tin hằng ngày"}
NAMES = sorted(handbook.names())
LONGEST = 470  # words: a screen and a half
HELP = re.compile(r'<a class="help" href="([^"]+)"[^>]*aria-label="([^"]+)"')
LINK, PICTURE = re.compile(r"(?<!!)\[[^]]+\]\(([^)]+)\)"), re.compile(r"!\[([^]]+)\]\(([^)]+)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def written(name: str) -> str:
    return (handbook.FOLDER / f"{name}.md").read_text()


@pytest.fixture(scope="module")
def shown() -> str:
    """All that the page says: its templates, its scripts, and the station's sentences."""
    texts = [str(it.id) for domain in DOMAINS for it in gathered(DOMAINS[domain]()) if it.id]
    texts += [it.read_text() for it in (ROOT / "web").glob("templates/*.html")]
    return re.sub(r"\s+", " ", re.sub(r"</?strong>", "", "\n".join(texts)))


def test_every_page_is_explained(app: Flask):
    asked = [it.endpoint for it in app.url_map.iter_rules() if "GET" in it.methods]
    ours = {it for it in asked if not it.startswith("handbook.")} - NO_PAGE
    assert len(ours) > 30
    assert {it for it in ours if handbook.explained_by(it) not in handbook.names()} == set()
    assert set(asked) >= NO_PAGE, "what is no page is still there"
    known = {it.endpoint for it in app.url_map.iter_rules()} | set(app.blueprints)
    assert {it.partition(" ")[0] for it in handbook.EXPLAINED_BY} <= known
    assert set(handbook.EXPLAINED_BY.values()) <= handbook.names()


@pytest.mark.usefixtures("evening", "enrolled")
def test_every_page_leads_to_what_explains_it_and_back(client: FlaskClient, player, bulletin: str):
    for state, address in [*pages(bulletin), ("silent", "/dang-nhap")]:
        if address.startswith("/so-tay/"):
            continue
        player["status"] = STATES[state]
        ((found, told),) = HELP.findall(client.get(address).text)
        link = urlsplit(unescape(found))
        answer = client.get(unescape(found))
        assert answer.status_code == 200, (address, found)
        back = parse_qs(link.query)["tu"][0]
        assert back == address
        assert f'href="{back.replace("&", "&amp;")}"' in answer.text
        title = handbook.read(Path(link.path).name if not link.path.endswith("/") else handbook.CONTENTS).title
        assert unescape(told) == f"Sổ tay: {title}"
        assert '<a class="help"' not in answer.text


def test_one_page_explains_what_is_on_it(client: FlaskClient):
    for address, name in {
        "/he-thong/cai-dat/dai": "cai-dat",
        "/he-thong/cai-dat/cum-loa/bac": "cum-loa",
        "/he-thong/cai-dat/tiep-song/them_moi": "tiep-am",
        "/he-thong/cai-dat/micro/them_moi": "truc-tiep",
        "/khong-co": "",
    }.items():
        assert HELP.search(client.get(address).text)[1].startswith(f"/so-tay/{name}?"), address


def test_every_page_of_it_is_in_its_table_of_contents():
    assert set(LINK.findall(written(handbook.CONTENTS))) == {f"{name}.md" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_short_and_has_a_picture_of_what_it_is_about(name: str):
    text = written(name)
    ((told, file),) = PICTURE.findall(text)
    assert told
    assert (handbook.FOLDER / file).is_file()
    assert text.startswith("# ")
    assert len(text.split()) < LONGEST


def test_no_picture_is_kept_for_nothing_and_all_are_small():
    wanted = {Path(file).name for name in [*NAMES, handbook.CONTENTS] for _, file in PICTURE.findall(written(name))}
    assert set(handbook.pictures()) == wanted
    assert sum(it.stat().st_size for it in handbook.pictures().values()) < 2_500_000


@pytest.mark.parametrize("name", [*NAMES, handbook.CONTENTS])
def test_links_lead_somewhere_in_the_repository_and_on_the_page(name: str, stranger: FlaskClient):
    text = written(name)
    for target in LINK.findall(text):
        assert (handbook.FOLDER / target).is_file(), target
    page = f"/so-tay/{'' if name == handbook.CONTENTS else name}"
    article = re.search(r"<article.*</article>", stranger.get(page).text, re.DOTALL)[0]
    found = re.findall(r'(?:href|src)="([^"]+)"', article)
    assert len(found) == len(LINK.findall(text)) + len(PICTURE.findall(text))
    for address in found:
        assert not urlsplit(address).netloc
        assert stranger.get(f"/so-tay/{address}".replace("/./", "/")).status_code == 200, address


@pytest.mark.parametrize("name", [*NAMES, handbook.CONTENTS])
def test_what_is_bold_is_what_the_page_says(name: str, shown: str):
    parts = [it for bold in BOLD.findall(written(name)) for it in re.sub(r"\s+", " ", bold).split(" › ")]
    assert [it for it in parts if it not in shown and it not in ELSEWHERE] == []


def test_whoever_is_not_signed_in_may_read_it(stranger: FlaskClient):
    assert "Tôi muốn" in stranger.get("/so-tay/").text
    for address in ("/thiet-lap", "/dang-nhap"):
        assert "/so-tay/ngay-dau" in stranger.get(address, follow_redirects=True).text


@pytest.mark.parametrize(
    "name",
    ["khong-co", "README", "../design", "..%2f..%2fREADME", "tinh.md", "hinh", "hinh/x.png", "hinh/..%2ftinh.md"],
)
def test_only_its_own_files_are_read(name: str, client: FlaskClient):
    assert client.get(f"/so-tay/{name}").status_code == 404


@pytest.mark.parametrize("back", ["//nguoi.la/", "https://nguoi.la/", "javascript:alert(1)", "/\\nguoi.la"])
def test_nobody_is_led_away_from_it(back: str, stranger: FlaskClient):
    answer = stranger.get("/so-tay/tinh", query_string={"tu": back})
    assert answer.status_code == 200
    assert "Về trang đang làm" not in answer.text


def test_a_picture_that_a_browser_has_is_not_sent_again(stranger: FlaskClient):
    first = stranger.get("/so-tay/hinh/tinh.png")
    assert first.mimetype == "image/png"
    assert size(first.data)[0] > 0
    again = stranger.get("/so-tay/hinh/tinh.png", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_drawing_is_sent_as_one(stranger: FlaskClient):
    answer = stranger.get("/so-tay/hinh/dau-noi.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def size(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_it_is_vietnamese_also_where_the_page_is_english(client: FlaskClient):
    client.set_cookie("ngon-ngu", "en")
    answer = client.get("/so-tay/tinh").text
    assert "The handbook is in Vietnamese." in answer
    assert '<html lang="en">' in answer
    assert re.search(r'<article [^>]*lang="vi"', answer)


def test_html_in_a_file_is_shown_and_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(handbook, "FOLDER", tmp_path)
    (tmp_path / "xau.md").write_text("# Xấu <b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert)\n")
    html = handbook.read.__wrapped__("xau").html
    assert "<script>" not in html
    assert "href" not in html


def test_pages_are_there_without_it(client: FlaskClient, player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert player
    monkeypatch.setattr(handbook, "FOLDER", tmp_path)
    monkeypatch.setattr(handbook, "read", handbook.read.__wrapped__)
    answer = client.get("/")
    assert answer.status_code == 200
    assert not HELP.search(answer.text)
