"""Every route of the page: signed out, with each wrong role, and without the token of one's own form."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from station.desk.people import new_setup_code
from station.rules.roles import MAY, Deed, Role
from station.stores.home import Home
from tests.running import CONFIG
from tests.web.asking import token
from web.pages.people import OPEN
from web.permits import needed

DEEDS = ("POST", "PATCH", "PUT", "DELETE")
ONES_OWN = {"people.sign_out", "users.change_password", "users.end_session"}  # for everybody who is signed in
TUS = {"Tus-Resumable": "1.0.0"}


def doors(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each route, an address of it, and each method that it takes."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", *DEEDS}):
            yield rule, re.sub(r"<[^>]+>", "x", rule.rule), method


def ask(client: FlaskClient, method: str, address: str, **headers: str):
    more = TUS if address.startswith("/tai-len/") else {}
    return client.open(address, method=method, headers={**more, **headers}, data={"name": "Lan", "key": "x"})


@pytest.fixture
def kept(home: Home) -> Callable[[], str]:
    """All that the station keeps, to be compared."""

    def look() -> str:
        with home.engine.connect() as connection:
            tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
            rows = {name: connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables}  # noqa: S608
        files = {it: it.read_bytes() for it in home.places.home.rglob("*.toml")}
        return f"{rows} {files} {sorted(home.places.uploads.rglob('*'))}"

    return look


def test_each_deed_says_who_may_do_it(app: Flask):
    with app.app_context():
        for rule, _, method in doors(app):
            if method in DEEDS and rule.endpoint not in OPEN | ONES_OWN:
                assert needed(rule.endpoint), f"{rule.endpoint} has no @needs(Deed.…)"


def test_to_strangers_all_is_closed_and_nothing_happens(app: Flask, home: Home, client: FlaskClient, player, kept):
    assert client
    stranger, before = app.test_client(), kept()
    ticket = token(stranger, "/thiet-lap")
    for rule, address, method in doors(app):
        if rule.endpoint in OPEN:
            continue
        for headers in ({}, {"X-CSRFToken": ticket}):
            answer = ask(stranger, method, address, **headers)
            assert answer.status_code in {302, 401}, (method, address)
            assert "dang-nhap" in answer.headers.get("Location", "dang-nhap")
    assert player["orders"] == []
    assert kept() == before
    new_setup_code(home, now=0)


@pytest.mark.parametrize("role", Role)
def test_the_wrong_role_is_told_so_and_nothing_happens(app: Flask, someone, player, kept, role: Role):
    client = someone("Hoa", role)
    someone("Lan", *Role)
    ticket, before = token(client, "/dung-phat"), kept()
    closed = 0
    for rule, address, method in doors(app):
        with app.app_context():
            deed = needed(rule.endpoint)
        if deed and role not in MAY[deed]:
            answer = ask(client, method, address, **{"X-CSRFToken": ticket})
            assert answer.status_code == 403, (method, address)
            told = answer.json["trouble"] if answer.is_json else answer.text
            assert "Việc này cần vai trò" in told
            closed += 1
    assert closed
    assert player["orders"] == []
    assert kept() == before


def test_each_role_has_its_own_deeds(app: Flask, someone):
    """What a role may do is not closed to it: each of its doors answers something else than 403."""
    for role in Role:
        client = someone(f"Người {role}", role)
        for rule, address, method in doors(app):
            with app.app_context():
                deed = needed(rule.endpoint)
            if deed and role in MAY[deed] and method == "GET":
                assert ask(client, method, address).status_code != 403, address


def test_a_deed_without_one_s_own_token_is_refused(app: Flask, client: FlaskClient, someone, player, kept):
    foreign = token(someone("Kẻ gian", *Role), "/dung-phat")
    before = kept()
    for rule, address, method in doors(app):
        if method in DEEDS:
            for headers in ({}, {"X-CSRFToken": foreign}, {"X-CSRFToken": "x"}):
                answer = ask(client, method, address, **headers)
                assert answer.status_code == 400, (rule, headers)
                assert "Trang này đã cũ" in (answer.json["trouble"] if answer.is_json else answer.text)
    assert player["orders"] == []
    assert kept() == before


def test_everybody_may_stop(someone, player):
    for role in Role:
        client = someone(f"Người {role}", role)
        ticket = token(client, "/dung-phat")
        assert client.post("/dung-phat", data={"csrf_token": ticket}).status_code == 302
    assert len(player["orders"]) == len(Role)


def test_the_table_leaves_no_deed_to_nobody():
    assert set(MAY) == set(Deed)
    assert all(MAY.values())
    assert MAY[Deed.STOP] == set(Role)


def test_pages_offer_only_what_one_may_do(home: Home, someone, player):
    assert player
    home.places.config.write_text(CONFIG.replace("{device}", "none"))
    operator, approver, technician = (someone(f"Người {role}", role) for role in Role)
    assert "Khẩn cấp" in operator.get("/").text
    assert "Tải tệp âm thanh lên" in operator.get("/").text
    for client in (approver, technician):
        assert "Khẩn cấp</a>" not in client.get("/").text
        assert "Tải tệp âm thanh lên" not in client.get("/").text
        assert "Thêm bản tin" not in client.get("/thu-vien/").text
        assert "Dừng phát" in client.get("/").text
    assert "Tắt riêng" in technician.get("/").text
    assert "Tắt riêng</button>" not in approver.get("/").text
    assert "Người dùng" in technician.get("/he-thong/").text
    assert "/he-thong/nguoi-dung" not in operator.get("/he-thong/").text
    assert "Soạn chương trình" not in approver.get("/lich/").text
