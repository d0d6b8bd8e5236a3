"""The audit log: who did what, when and from where; and what was tampered with shows."""

import csv
import io
import threading
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.desk.audit import check_seals
from station.rules.roles import Role
from station.stores.audit import write_audit
from station.stores.home import Home, open_home, places
from tests.running import RunningStation
from tests.web.asking import post
from tests.web.states import SEEN

LOG = "/he-thong/nhat-ky/"
DAY = 86_400_000


def write(home: Home, *deeds: tuple[int, str, str, str]) -> None:
    for at, who, deed, subject in deeds:
        with home.engine.begin() as connection:
            write_audit(connection, at, who, deed, subject)


@pytest.fixture
def written(home: Home) -> Home:
    """A week of a station."""
    write(
        home,
        (SEEN - 2 * DAY, "Hoa", "thêm", "3f Lịch tiêm phòng"),
        (SEEN - DAY, "Lan", "duyệt", "3f Lịch tiêm phòng"),
        (SEEN - DAY + 1, "Lan", "đổi vai trò", "Hoa"),
        (SEEN, "Nút bấm", "dừng phát", ""),
    )
    return home


def tamper(home: Home, statement: str) -> None:
    with home.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_the_page_tells_who_did_what_when_and_from_where(home: Home, client: FlaskClient, player):
    assert home
    assert player
    client.environ_base["REMOTE_ADDR"] = "192.168.1.23"
    post(client, "/dung-phat", "/dung-phat")
    page = client.get(LOG).text
    for shown in ("Lan", "dừng phát", "Đã làm.", "từ 192.168.1.23", "thiết lập", "17:08:"):
        assert shown in page


def test_what_the_terminal_does_comes_from_the_machine(tmp_path: Path):
    station = RunningStation(tmp_path, device="none")
    station.command("order", "province")
    with open_home(places(station.home)).engine.connect() as connection:
        who, origin, deed = connection.exec_driver_sql("SELECT who, origin, deed FROM audit").one()
    assert who.startswith("dòng lệnh (")
    assert (origin, deed) == ("máy", "thứ tự ưu tiên")


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("?ai=Hoa", ["thêm"], ["duyệt", "dừng phát"]),
        ("?tim=tiem+PHONG", ["thêm", "duyệt"], ["đổi vai trò", "dừng phát"]),
        ("?tim=phong+duyet", ["duyệt"], ["thêm"]),
        ("?ngay=2026-11-23", ["dừng phát"], ["thêm", "đổi vai trò"]),
        ("?ngay=hom-nay", ["dừng phát", "thêm"], []),
        ("?ai=Kh%C3%B4ng+ai", ["Không tìm thấy dòng nào"], ["dừng phát"]),
    ],
)
@pytest.mark.usefixtures("written")
def test_filters(client: FlaskClient, asked: str, shown: list[str], hidden: list[str]):
    page = client.get(LOG + asked).text.split('<section class="card">')[1]
    for words in shown:
        assert words in page
    for words in hidden:
        assert f"</span> {words}" not in page


def test_it_is_shown_page_by_page(home: Home, client: FlaskClient):
    write(home, *[(SEEN + number, "Lan", "thêm", f"tin-{number:03}") for number in range(120)])
    first, last = client.get(LOG).text, client.get(f"{LOG}?trang=2").text
    assert "tin-119" in first
    assert "tin-069" not in first
    assert "Cũ hơn" in first
    assert "tin-000" in last
    assert "Cũ hơn" not in last
    assert client.get(f"{LOG}?trang=x").status_code == 200


def test_all_of_it_as_csv_which_no_spreadsheet_takes_for_formulas(home: Home, client: FlaskClient):
    write(home, (SEEN, "Lan", "thêm", "=HYPERLINK(1)"), (SEEN, "Hoa", "thêm", "Tin, “mới”"))
    answer = client.get(f"{LOG}nhat-ky-he-thong.csv?tim=them")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(it["who"], it["subject"]) for it in rows] == [("Hoa", "Tin, “mới”"), ("Lan", "'=HYPERLINK(1)")]
    assert rows[0]["at"] == "2026-11-23T17:08:21+07:00"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET subject = 'Tin khác' WHERE id = 2", "đã bị sửa"),
        ("UPDATE audit SET origin = '10.0.0.9' WHERE id = 1", "đã bị sửa"),
        ("UPDATE audit SET at = at + 1 WHERE id = 4", "đã bị sửa"),
        ("DELETE FROM audit WHERE id = 1", "đã bị sửa, hoặc dòng ngay trước nó đã bị xóa"),
        ("DELETE FROM audit WHERE id = 3", "đã bị sửa, hoặc dòng ngay trước nó đã bị xóa"),
        ("DELETE FROM audit WHERE id = 4", "Những dòng cuối"),
        ("DELETE FROM audit", "Những dòng cuối"),
        ("UPDATE audit SET id = 9 WHERE id = 4", "đã bị sửa"),
        ("INSERT INTO audit VALUES (9, 1, 'Lan', 'duyệt', '', 'máy', '')", "đã bị sửa"),
    ],
)
def test_what_was_tampered_with_shows(written: Home, statement: str, told: str):
    assert list(check_seals(written)) == []
    tamper(written, statement)
    troubles = list(check_seals(written))
    assert told in str(troubles[0])
    write(written, (SEEN + 1, "Lan", "thêm", "sau đó"))
    assert list(check_seals(written)), "what is written afterwards does not hide it"


def test_the_page_checks_the_seals_when_asked(written: Home, client: FlaskClient):
    assert "còn nguyên" in client.get(f"{LOG}?kiem-tra=1").text
    assert "còn nguyên" not in client.get(LOG).text
    tamper(written, "DELETE FROM audit WHERE id = 2")
    assert "đã bị xóa" in client.get(f"{LOG}?kiem-tra=1").text


def test_the_check_of_the_station_tells_it(tmp_path: Path):
    station = RunningStation(tmp_path, device="none")
    station.command("order", "province")
    station.command("order", "commune")
    assert "Nhật ký hệ thống" not in station.command("check").stderr
    tamper(open_home(places(station.home)), "DELETE FROM audit WHERE id = 1")
    told = station.command("check")
    assert told.returncode == 1
    assert "Nhật ký hệ thống" in told.stderr


deeds = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=20)), min_size=2, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=deeds, place=st.integers(0), column=st.sampled_from(["who", "deed", "subject", "origin", "seal"]))
def test_any_change_of_any_record_shows(tmp_path: Path, deeds, place: int, column: str):
    home = open_home(places(tmp_path / "one"))
    tamper(home, "DELETE FROM audit")
    tamper(home, "DELETE FROM audit_end")
    write(home, *[(SEEN, *(it.encode("utf-8", "ignore").decode() for it in deed)) for deed in deeds])
    assert list(check_seals(home)) == []
    tamper(home, f"UPDATE audit SET {column} = {column} || 'x' WHERE id = {1 + place % len(deeds)}")  # noqa: S608
    assert list(check_seals(home))
    home.engine.dispose()


def test_writers_side_by_side_leave_one_whole_log(tmp_path: Path):
    homes = [open_home(places(tmp_path / "home")) for _ in range(4)]

    def work(number: int) -> None:
        write(homes[number], *[(SEEN, f"Người {number}", "thêm", str(it)) for it in range(15)])

    writers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert list(check_seals(homes[0])) == []
    with homes[0].engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one() == 60


def test_a_check_while_others_write_finds_nothing_wrong(tmp_path: Path):
    home, other = (open_home(places(tmp_path / "home")) for _ in range(2))
    with home.engine.begin() as connection:
        for number in range(2500):  # more than is read at once
            write_audit(connection, SEEN, "Lan", "thêm", str(number))
    checked = threading.Event()

    def work() -> None:
        while not checked.is_set():
            write(other, (SEEN, "Hoa", "thêm", ""))

    writer = threading.Thread(target=work)
    writer.start()
    checks = [list(check_seals(home)) for _ in range(5)]
    checked.set()
    writer.join()
    assert not any(checks)
    tamper(home, "DELETE FROM audit WHERE id = 1500")
    assert len(list(check_seals(home))) == 1


def test_operators_do_not_read_it(someone):
    assert someone("Hoa", Role.OPERATOR).get(LOG).status_code == 403
    assert someone("Mai", Role.APPROVER).get(LOG).status_code == 200
