"""People: invited, given roles, removed, recovered from the terminal; their passwords and sessions."""

import io
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.desk import editing, order, orders, people, schedules, segments, speech, uploads
from station.desk.audit import check_seals
from station.desk.people import new_setup_code
from station.desk.permits import NotPermitted
from station.rules.hours import local
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.origin import Origin
from station.rules.roles import EVERY_ROLE, NO_ROLE, Role
from station.rules.rundown import Kind
from station.rules.trouble import Refused
from station.stores.asking import Asker, end_asking, let_ask
from station.stores.home import Home, open_home, places
from tests.running import HANOI, RunningStation
from tests.web.asking import post
from tests.web.conftest import PASSWORD
from tests.web.states import SEEN

USERS, ACCOUNT = "/he-thong/nguoi-dung", "/he-thong/tai-khoan"
PHONE = "Mozilla/5.0 (Linux; Android 13; SM-A125F) AppleWebKit/537.36 Chrome/119.0 Mobile Safari/537.36"


def sign_in(app: Flask, name: str, password: str = PASSWORD, address: str = "127.0.0.1"):
    """A browser that tried to sign in, and what it was answered."""
    browser = app.test_client()
    browser.environ_base.update({"REMOTE_ADDR": address, "HTTP_USER_AGENT": PHONE})
    return browser, post(browser, "/dang-nhap", "/dang-nhap", name=name, password=password)


def the_code(page: str) -> str:
    """The code that the page shows, once."""
    return page.split('<p class="title">')[1].split("<", maxsplit=1)[0]


def roles(home: Home) -> dict[str, frozenset[Role]]:
    return {it.name: it.roles for it in people.list_people(home)}


def test_the_first_person_holds_every_role(home: Home, client: FlaskClient):
    assert client
    assert roles(home) == {"Lan": EVERY_ROLE}


def test_a_technician_invites_and_the_invited_choose_name_and_password(app: Flask, home: Home, client: FlaskClient):
    answer = post(client, f"{USERS}/moi", USERS, roles=["operator"])
    code = the_code(answer.text)
    assert "Mã mời người mới" in answer.text
    assert code not in client.get(USERS).text, "it is shown once"
    assert "Mời: Người soạn, trực đài" in client.get(USERS).text
    hoa = app.test_client()
    joined = post(hoa, "/thiet-lap", "/thiet-lap", code=f" {code.lower()} ", name="Hoa", password=PASSWORD)
    assert joined.status_code == 302
    assert roles(home)["Hoa"] == {Role.OPERATOR}
    assert "Mã chưa dùng" not in client.get(USERS).text
    again = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Mai", password=PASSWORD)
    assert again.status_code == 400


def test_an_invitation_takes_nobody_s_place_and_ends_after_a_week(
    app: Flask, home: Home, client: FlaskClient, clock
):
    assert client
    code = people.invite(home, frozenset({Role.TECHNICIAN}), by="Lan", now=clock.now().wall)
    thief = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Lan", password="cua ke trom")
    assert "Đã có người dùng tên “Lan”" in thief.text
    assert sign_in(app, "Lan")[1].status_code == 302, "the password is what it was"
    clock.moved = 7 * DAY
    late = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Mai", password=PASSWORD)
    assert "hết hạn" in late.text
    assert set(roles(home)) == {"Lan"}


def test_an_invitation_can_be_withdrawn(app: Flask, client: FlaskClient):
    code = the_code(post(client, f"{USERS}/moi", USERS, roles=["operator"]).text)
    key = client.get(USERS).text.split('name="key" value="')[-1].split('"')[0]
    assert "Đã hủy mã ấy" in post_and_follow(client, f"{USERS}/huy-ma", USERS, key=key)
    late = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Mai", password=PASSWORD)
    assert late.status_code == 400


def test_an_invitation_without_a_role_is_refused(client: FlaskClient):
    answer = post(client, f"{USERS}/moi", USERS)
    assert answer.status_code == 400
    assert "Chưa chọn vai trò nào" in answer.text
    assert post(client, f"{USERS}/moi", USERS, roles=["vua"]).status_code == 400


def test_a_code_for_one_person_sets_their_password_and_nothing_else(app: Flask, home: Home, client, someone):
    hoa = someone("Hoa", Role.OPERATOR)
    code = the_code(post(client, f"{USERS}/mat-khau", USERS, name="Hoa").text)
    wrong = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Lan", password="mat khau moi")
    assert "chỉ để “Hoa”" in wrong.text
    right = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Hoa", password="mat khau moi")
    assert right.status_code == 302
    assert roles(home)["Hoa"] == {Role.OPERATOR}
    assert hoa.get("/").status_code == 302, "who knew the old password is signed out"
    assert sign_in(app, "Hoa", "mat khau moi")[1].status_code == 302


def test_roles_change_at_once_and_never_the_last_technician_s(home: Home, client: FlaskClient, someone):
    hoa = someone("Hoa", Role.OPERATOR)
    assert hoa.get("/khan-cap").status_code == 200
    post(client, f"{USERS}/vai-tro", USERS, name="Hoa", roles=["approver"])
    assert hoa.get("/khan-cap").status_code == 403
    refused = post(client, f"{USERS}/vai-tro", USERS, name="Lan", roles=["operator"])
    assert "kỹ thuật duy nhất" in refused.text
    assert roles(home)["Lan"] == EVERY_ROLE
    assert "kỹ thuật duy nhất" in post(client, f"{USERS}/xoa", USERS, name="Lan").text
    assert "Không có người dùng" in post(client, f"{USERS}/xoa", USERS, name="Không ai").text
    post(client, f"{USERS}/vai-tro", USERS, name="Hoa", roles=["technician"])
    assert post(client, f"{USERS}/vai-tro", USERS, name="Lan", roles=["operator"]).status_code == 302
    assert client.get(USERS).status_code == 403


def test_who_is_removed_is_out_at_once(home: Home, client: FlaskClient, someone):
    hoa = someone("Hoa", Role.OPERATOR)
    assert hoa.get("/").status_code == 200
    assert "Đã xóa người dùng “Hoa”" in post_and_follow(client, f"{USERS}/xoa", USERS, name="Hoa")
    assert hoa.get("/").status_code == 302
    assert set(roles(home)) == {"Lan"}


def test_one_s_own_password(app: Flask, client: FlaskClient):
    other, _ = sign_in(app, "Lan")
    wrong = post(client, ACCOUNT, ACCOUNT, old="khong phai", new="mat khau moi")
    assert "Mật khẩu đang dùng không đúng" in wrong.text
    assert "quá ngắn" in post(client, ACCOUNT, ACCOUNT, old=PASSWORD, new="1234567").text
    assert post(client, ACCOUNT, ACCOUNT, old=PASSWORD, new="mat khau moi").status_code == 302
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302, "other browsers must know the new one"
    assert sign_in(app, "Lan")[1].status_code == 400
    assert sign_in(app, "Lan", "mat khau moi")[1].status_code == 302


def test_sessions_are_shown_and_can_be_ended(app: Flask, client: FlaskClient, clock):
    phone, _ = sign_in(app, "Lan", address="192.168.1.23")
    clock.moved = 3 * HOUR
    phone.get("/")
    page = client.get(ACCOUNT).text
    assert "Chrome trên Android" in page
    assert "192.168.1.23" in page
    assert f"dùng gần nhất khoảng {local(SEEN + 3 * HOUR, HANOI):%H:%M}" in page
    assert "thiết bị này" in page
    key = page.split("Chrome trên Android")[1].split('name="key" value="')[1].split('"')[0]
    post(client, "/he-thong/phien", ACCOUNT, key=key)
    assert phone.get("/").status_code == 302
    assert client.get("/").status_code == 200


def test_a_session_of_somebody_else_is_ended_by_a_technician_only(client: FlaskClient, someone):
    hoa = someone("Hoa", Role.OPERATOR)
    key = client.get(ACCOUNT).text.split('name="key" value="')[1].split('"')[0]
    assert post(hoa, "/he-thong/phien", ACCOUNT, key=key).status_code == 403
    assert client.get("/").status_code == 200
    theirs = client.get(USERS).text.split('<h2 class="what">Hoa')[1].split('name="key" value="')[1].split('"')[0]
    post(client, "/he-thong/phien", USERS, key=theirs, back="users")
    assert hoa.get("/").status_code == 302


def test_a_session_ends_after_a_month(client: FlaskClient, clock):
    clock.moved = 30 * DAY
    assert client.get("/").status_code == 302


def test_wrong_passwords_cost_time_and_the_right_one_gets_in_soon(
    app: Flask, client: FlaskClient, clock, home: Home
):
    assert client
    stranger = "192.168.1.66"
    for _ in range(5):
        assert sign_in(app, "Lan", "sai", stranger)[1].status_code == 400
    waiting = sign_in(app, "Lan", PASSWORD, stranger)[1]
    assert waiting.status_code == 429
    assert "Chờ 2 giây rồi thử lại" in waiting.text
    assert 'value="Lan"' in waiting.text
    clock.moved = 2 * SECOND
    for _ in range(20):
        sign_in(app, "Lan", "sai", stranger)
        clock.moved += 30 * SECOND
    assert sign_in(app, "Lan", PASSWORD, stranger)[1].status_code == 302, "never more than half a minute"
    assert sign_in(app, "Lan", "sai", stranger)[1].status_code == 400, "and it is forgiven"
    with home.engine.connect() as connection:
        noted = connection.exec_driver_sql("SELECT subject, origin FROM audit WHERE who = 'Người lạ'").all()
    assert {tuple(it) for it in noted} == {("Lan", stranger)}


def test_a_password_in_the_field_for_the_name_is_not_written_down(app: Flask, client: FlaskClient, home: Home):
    assert client
    for _ in range(5):
        sign_in(app, "mat khau bi mat", "Lan")
    with home.engine.connect() as connection:
        (noted,) = connection.exec_driver_sql("SELECT subject FROM audit WHERE who = 'Người lạ'").scalars()
    assert noted == "tên không có ở đài"


def test_who_is_tried_from_everywhere_still_gets_in_from_where_they_are_known(app: Flask, client: FlaskClient):
    assert client
    for number in range(6):
        last = sign_in(app, "Lan", "sai", f"10.0.0.{number}")[1]
    assert last.status_code == 429, "many places do not give many tries"
    assert sign_in(app, "Lan", PASSWORD, "127.0.0.1")[1].status_code == 302


def test_wrong_codes_cost_time_and_void_nothing(app: Flask, home: Home, clock):
    code = new_setup_code(home, now=0)
    for _ in range(20):
        post(app.test_client(), "/thiet-lap", "/thiet-lap", code="sai", name="X", password=PASSWORD)
    right = {"code": code, "name": "X", "password": PASSWORD}
    assert post(app.test_client(), "/thiet-lap", "/thiet-lap", **right).status_code == 429
    clock.moved = 30 * SECOND
    assert post(app.test_client(), "/thiet-lap", "/thiet-lap", **right).status_code == 302


def test_wrong_tries_are_forgotten_after_a_while(app: Flask, client: FlaskClient, clock):
    assert client
    for _ in range(5):
        sign_in(app, "Lan", "sai")
    clock.moved = 16 * MINUTE
    for _ in range(5):
        assert sign_in(app, "Lan", "sai")[1].status_code == 400


def test_a_name_is_the_same_however_it_is_composed(app: Flask, someone):
    someone("Nguyễn Thị Hiền", Role.OPERATOR)
    decomposed = "Nguye\u0302\u0303n Thi\u0323  Hie\u0302\u0300n "
    assert sign_in(app, decomposed)[1].status_code == 302


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("", PASSWORD, "Chưa có tên"),
        ("Lan" * 30, PASSWORD, "Tên dài hơn"),
        ("Lan", "1234567", "Mật khẩu quá ngắn"),
        ("Lan", "x" * 2000, "Mật khẩu quá dài"),
    ],
)
def test_a_person_that_cannot_be_is_refused_and_the_code_stays_good(app: Flask, home: Home, name, password, told):
    code = new_setup_code(home, now=0)
    refused = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name=name, password=password)
    assert refused.status_code == 400
    assert told in refused.text
    right = post(app.test_client(), "/thiet-lap", "/thiet-lap", code=code, name="Lan", password=PASSWORD)
    assert right.status_code == 302


def test_the_desk_itself_refuses_who_may_not(home: Home):
    facts = {"by": "Hoa", "now": SEEN}
    began = let_ask(Asker(NO_ROLE, "192.168.1.9"))
    try:
        for deed in (
            lambda: segments.add_segment(home, io.BytesIO(b"x"), title="Tin", kind=Kind.NEWS, **facts),
            lambda: segments.add_text(home, "Xin chào", title="Tin", kind=Kind.NEWS, **facts),
            lambda: segments.submit_segment(home, "x", **facts),
            lambda: segments.approve_segment(home, "x", **facts),
            lambda: segments.approve_segment(home, "x", alone=True, **facts),
            lambda: segments.reject_segment(home, "x", "vì thế", **facts),
            lambda: segments.remove_segment(home, "x", **facts),
            lambda: editing.edit_segment(home, "x", **facts),
            lambda: editing.restore_segment(home, "x", **facts),
            lambda: editing.split_segment(home, "x", 1, **facts),
            lambda: editing.join_segments(home, ["x", "y"], title="z", **facts),
            lambda: orders.play(home, "x", **facts),
            lambda: orders.emergency(home, text="Lũ", **facts),
            lambda: orders.live(home, "browser", **facts),
            lambda: orders.mute(home, "bac", muted=True, **facts),
            lambda: orders.stop(home, **facts),
            lambda: order.let_go_first(home, Origin.COMMUNE, None, **facts),
            lambda: schedules.save(home, schedules.Draft("x", "thêm lịch", None, "x", None), **facts),
            lambda: speech.add_reading(home, "UBND", "ủy ban", **facts),
            lambda: speech.remove_reading(home, "UBND", **facts),
            lambda: uploads.begin_upload(home, name="x", title="x", kind=Kind.NEWS, length=1, mark="", **facts),
            lambda: people.invite(home, EVERY_ROLE, **facts),
            lambda: people.let_set_password(home, "Lan", **facts),
            lambda: people.set_roles(home, "Hoa", EVERY_ROLE, **facts),
            lambda: people.remove_person(home, "Lan", **facts),
            lambda: people.withdraw_code(home, "x", **facts),
        ):
            with pytest.raises(NotPermitted):
                deed()
    finally:
        end_asking(began)


# The Pi's own terminal


@pytest.fixture
def station(tmp_path: Path) -> RunningStation:
    return RunningStation(tmp_path, device="none")


def become(home: Home, code: str, name: str, password: str = PASSWORD) -> str:
    return people.set_up(home, code=code, name=name, password=password, now=SEEN)


def code_of(done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.split(": ")[1].strip()


def test_the_terminal_lists_people_and_gives_them_roles_and_back_what_they_lost(station: RunningStation):
    home = open_home(places(station.home))
    become(home, code_of(station.command("setup-code")), "Lan")
    hoa = people.invite(home, frozenset({Role.OPERATOR}), by="Lan", now=SEEN)
    become(home, hoa, "Hoa")
    assert [(it["name"], it["roles"]) for it in station.json("people")] == [
        ("Hoa", ["operator"]),
        ("Lan", ["operator", "approver", "technician"]),
    ]
    assert "Hoa: Người soạn, trực đài; dùng gần nhất" in station.command("people").stdout
    assert station.command("people", "roles", "Hoa", "approver").returncode == 0
    assert roles(home)["Hoa"] == {Role.APPROVER}
    become(home, code_of(station.command("setup-code", "--for", "Hoa")), "Hoa", "mat khau moi")
    assert roles(home)["Hoa"] == {Role.APPROVER}, "a code for one person gives nobody a role"
    become(home, code_of(station.command("setup-code")), "Hoa", "mat khau moi")
    assert roles(home)["Hoa"] == EVERY_ROLE
    assert "Đã xóa" in station.command("people", "remove", "Lan").stdout
    last = station.command("people", "remove", "Hoa")
    assert last.returncode == 1
    assert "kỹ thuật duy nhất" in last.stderr
    assert "Không có người dùng" in station.command("setup-code", "--for", "Không ai").stderr


def test_a_new_code_of_the_terminal_voids_the_one_before_and_no_invitation(home: Home):
    first, invitation = new_setup_code(home, now=0), people.invite(home, EVERY_ROLE, by="Lan", now=SEEN)
    second = new_setup_code(home, now=0)
    with pytest.raises(Refused):
        become(home, first, "A")
    become(home, second, "B")
    become(home, invitation, "C")


def test_people_of_an_older_version_keep_all_they_could_do(tmp_path: Path):
    """A database as the version before roles wrote it, after 23 changes."""
    path = tmp_path / "home" / "station.db"
    open_home(places(tmp_path / "home")).engine.dispose()
    with sqlite3.connect(path) as old:
        old.executescript(
            """
            DROP TABLE person; DROP TABLE session; DROP TABLE setup_code; DROP TABLE audit; DROP TABLE audit_end;
            CREATE TABLE person (name VARCHAR PRIMARY KEY, password VARCHAR NOT NULL, created_at INTEGER NOT NULL);
            CREATE TABLE session (token VARCHAR PRIMARY KEY, person VARCHAR NOT NULL, created_at INTEGER NOT NULL,
                                  expires_at INTEGER NOT NULL);
            CREATE TABLE setup_code (hash VARCHAR PRIMARY KEY, created_at INTEGER NOT NULL,
                                     failures INTEGER NOT NULL);
            CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who VARCHAR NOT NULL,
                                deed VARCHAR NOT NULL, subject VARCHAR NOT NULL);
            INSERT INTO person VALUES ('Lan', 'x', 1);
            INSERT INTO setup_code VALUES ('x', 1, 0);
            INSERT INTO audit VALUES (1, 1, 'Lan', 'thiết lập', ''), (2, 2, 'Lan', 'dừng phát', '');
            ALTER TABLE segment DROP COLUMN offered; ALTER TABLE segment DROP COLUMN vouched;
            ALTER TABLE as_run_segment DROP COLUMN origin;
            PRAGMA user_version = 23;
            """
        )
        old.execute("INSERT INTO session VALUES (?, 'Lan', 1, ?)", (sha256(b"khoa").hexdigest(), SEEN + DAY))
    home = open_home(places(tmp_path / "home"))
    assert roles(home) == {"Lan": EVERY_ROLE}
    session = people.session_of(home, token="khoa", now=SEEN)
    assert session is not None
    assert session.person == "Lan"
    people.end_session(home, session.key, by="Lan", now=SEEN)
    assert list(check_seals(home)) == []


def post_and_follow(client: FlaskClient, address: str, at: str, **fields) -> str:
    answer = post(client, address, at, **fields)
    assert answer.status_code == 302, answer.text
    return client.get(answer.headers["Location"]).text
