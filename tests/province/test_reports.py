"""Reports go to a real nginx: as the log has them, at least once, and again when what stood in the way is gone."""

import base64
import datetime as dt
import hashlib
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import attrs
import pytest
from attrs import field, frozen, mutable

from station.desk import province as desk
from station.desk.reports import deliver_reports
from station.province import put as put_module
from station.province.link import Patience
from station.province.put import HttpDestination
from station.province.reports import AT_ONCE, Delivered, Destination, NoneTaken, deliver_due
from station.rules.day_report import DayReport, Health, bounds, digest, from_json
from station.rules.enrolment import Enrolment
from station.rules.now import DAY, HOUR, MINUTE, Now
from station.rules.rundown import Clip
from station.rules.trouble import Refused, Trouble
from station.stores.deliveries import LOOK_BACK, Deliveries
from station.stores.enrolment import keep_enrolment, load_enrolment
from station.stores.home import Home, open_home, places
from tests.airing import HEARD, air
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wall_ms
from tests.running import HANOI, RunningStation

CODE, TOKEN = "24169", "bi-mat"
TODAY = dt.date(2026, 11, 26)
FIVE = 5 * HOUR
NOW = bounds(TODAY, HANOI)[0] + 12 * HOUR
MUTE = Trouble("Âm thanh", "Không thấy card âm thanh.", "Các buổi tới vẫn được chuẩn bị.", "Kiểm tra dây.")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProvinceServer]:
    work = tmp_path / "work"
    work.mkdir()
    salt = b"12345678"
    hashed = base64.b64encode(hashlib.sha1(TOKEN.encode() + salt).digest() + salt).decode()  # noqa: S324
    (work / "htpasswd").write_text(f"{CODE}:{{SSHA}}{hashed}\n")
    with ProvinceServer(work, tmp_path / "nginx") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(places(tmp_path / "home"))
    home.places.config.write_text(
        'name = "Đài xã Hương Sơn"\ntrust_clock = true\n[zones.bac]\ntitle = "Thôn Bắc"\n'
    )
    return home


def enrol(home: Home, reports: str, code: str = CODE, token: str = TOKEN) -> None:
    enrolment = Enrolment("Tỉnh thử", code, "a" * 64, 1, ("https://127.0.0.1/",), reports, token)
    keep_enrolment(home.places.province, enrolment, b"{}")


def deliver(home: Home, now: int = NOW) -> Delivered:
    return deliver_reports(home, Now(now, 0))


def start_of(day: dt.date) -> int:
    return bounds(day, HANOI)[0]


def arrived(server: ProvinceServer, day: dt.date = TODAY) -> DayReport:
    return from_json((server.arrived / CODE / f"{day}.json").read_bytes())


def days_there(server: ProvinceServer) -> list[str]:
    return sorted(it.stem for it in (server.arrived / CODE).glob("*"))


def reported_until(home: Home) -> dt.date | None:
    """What the page shows of it."""
    enrolment = load_enrolment(home.places.province)
    assert enrolment
    return desk.reported_until(home, enrolment)


def a_day(home: Home, day: dt.date) -> None:
    """Two broadcasts, one of them missed."""
    air(home.log, start_of(day) + FIVE, Clip("tin", "Tin <b>“mới”</b>", "ab" * 32, 2 * MINUTE), proof=HEARD)
    air(home.log, start_of(day) + 17 * HOUR, result="missed", reason="Máy không chạy vào giờ phát.")


def test_a_station_that_reports_to_nobody_delivers_nothing(home: Home) -> None:
    assert deliver(home) == Delivered()
    enrol(home, reports="")
    assert deliver(home) == Delivered()


def test_what_arrives_is_what_the_log_has(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    a_day(home, TODAY)
    home.faults.note({MUTE: start_of(TODAY) - HOUR}, {})
    assert reported_until(home) is None
    assert deliver(home) == Delivered(reports=1)
    assert reported_until(home) == TODAY

    came = arrived(server)
    begin, end = bounds(TODAY, HANOI)
    assert tuple(it.record for it in came.records) == home.log.between(begin, end)
    kept = home.log.segments(begin, end)
    assert [it.segments for it in came.records] == [kept.get(it.record.key, ()) for it in came.records]
    assert came.records[0].segments[0].ready == "ab" * 32
    assert came.faults == home.faults.lasting()
    assert (came.code, came.name, came.zones) == (CODE, "Đài xã Hương Sơn", {"bac": "Thôn Bắc"})
    assert not came.sealed
    assert came.health
    assert came.health.at == NOW
    assert came.health.disk_total > came.health.disk_free > 0
    (asked,) = server.log()
    assert (asked.method, asked.path, asked.status, asked.who) == (
        "PUT",
        f"/bao-cao/{CODE}/{TODAY}.json",
        201,
        CODE,
    )


def test_sync_on_the_command_line_delivers_whatever_became_of_the_programmes(server: ProvinceServer, tmp_path):
    with RunningStation(tmp_path, 'name = "Đài thử"\ntrust_clock = true\n') as station:
        home = open_home(places(station.home))
        enrol(home, server.reports)
        begun = wall_ms()
        done = station.command("sync")
        (day,) = (dt.date.fromisoformat(it) for it in days_there(server))
        came = arrived(server, day)
    assert done.stderr, "no tree is there"
    assert came.name == "Đài thử"
    assert came.health
    assert begun <= came.health.at <= wall_ms()
    assert came.health.version == metadata.version("loa-xa")


def test_what_is_the_same_goes_once_an_hour_and_what_changed_at_once(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    assert deliver(home).reports == 1
    assert deliver(home, NOW + HOUR - 1).reports == 0
    a_day(home, TODAY)
    assert deliver(home, NOW + HOUR - 1).reports == 1
    assert deliver(home, NOW + HOUR).reports == 0
    before = (home.places.home / "station.db").read_bytes()
    assert deliver(home, NOW + 2 * HOUR).reports == 1
    assert arrived(server).health.at == NOW + 2 * HOUR
    assert deliver(home, NOW + 3 * HOUR - 1).reports == 0
    assert (home.places.home / "station.db").read_bytes() == before, "the card is spared"


def test_a_day_is_over_with_one_last_word(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    a_day(home, TODAY)
    deliver(home)
    home.heartbeat.beat(NOW + DAY)
    assert deliver(home, NOW + DAY).reports == 2
    yesterday = arrived(server)
    assert yesterday.sealed
    assert yesterday.health is None
    assert deliver(home, NOW + DAY + HOUR).reports == 1, "today's sign of life only"


def test_an_outage_of_a_month_is_made_good_in_several_rounds(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    server.stop()
    days = [TODAY + dt.timedelta(days=number) for number in range(31)]
    for day in days:
        a_day(home, day)
        if day.day % 10 == TODAY.day % 10:
            assert deliver(home, start_of(day) + 23 * HOUR).trouble
    now = start_of(days[-1]) + 23 * HOUR
    home.heartbeat.beat(now)
    server.start()
    assert deliver(home, now) == Delivered(AT_ONCE, 31 - AT_ONCE)
    assert days_there(server) == sorted(str(it) for it in (days[-1], *days[: AT_ONCE - 1])), (
        "today, then the oldest"
    )
    assert reported_until(home) == days[AT_ONCE - 2], "the page does not claim more"
    assert deliver(home, now) == Delivered(31 - AT_ONCE)
    assert days_there(server) == [str(it) for it in days]
    for day in days:
        assert [it.record for it in arrived(server, day).records] == [*home.log.between(*bounds(day, HANOI))]
    assert deliver(home, now) == Delivered()
    assert reported_until(home) == days[-1]


def test_what_was_before_the_enrolment_and_what_is_too_old_stays_at_the_station(home: Home, server: ProvinceServer):
    enrol(home, server.reports)
    a_day(home, TODAY - dt.timedelta(days=1))
    deliver(home)
    assert days_there(server) == [str(TODAY)]
    later = TODAY + dt.timedelta(days=100)
    assert deliver(home, start_of(later)) == Delivered(AT_ONCE, LOOK_BACK - AT_ONCE)
    assert days_there(server)[1] == str(later - dt.timedelta(days=LOOK_BACK - 1))
    assert reported_until(home) == later - dt.timedelta(days=LOOK_BACK - AT_ONCE + 1)


def test_another_province_is_told_everything_anew(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports + "cu/")
    assert deliver(home).trouble, "no such commune"
    enrol(home, server.reports)
    assert deliver(home).reports == 1
    assert deliver(home).reports == 0


# Whatever is killed when


@frozen
class Killed:
    """Ends its own process without a word before or after so many reports."""

    real: Destination
    after: int
    before: bool
    count: list[int] = field(factory=list)

    @property
    def name(self) -> str:
        return self.real.name

    def deliver(self, code: str, date: dt.date, body: bytes) -> None:
        self.count.append(1)
        if len(self.count) == self.after and self.before:
            os.kill(os.getpid(), signal.SIGKILL)
        self.real.deliver(code, date, body)
        if len(self.count) == self.after:
            os.kill(os.getpid(), signal.SIGKILL)


def in_a_child(deed: Callable[[], object]) -> int:
    """Run `deed` in a process of its own; gives the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        try:
            deed()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] & 0x7F


HEALTH = Health(NOW, "1", NOW - DAY, 1, 2, 40, "network", 0.1, None)


def test_a_kill_anywhere_loses_nothing_and_leaves_the_same_files(
    home: Home, server: ProvinceServer, tmp_path: Path
) -> None:
    days = [TODAY + dt.timedelta(days=number) for number in range(7)]
    health = attrs.evolve(HEALTH, at=start_of(days[-1]) + 20 * HOUR)
    real = HttpDestination(server.reports, CODE, TOKEN)
    Deliveries(home.engine, real.name, home.places.run).since(TODAY)
    for day in days:
        a_day(home, day)
    home.heartbeat.beat(health.at)
    home.engine.dispose()

    def round_(killed: Killed) -> None:
        deliver_due(open_home(places(tmp_path / "home")), killed, CODE, health)

    kills = [Killed(real, after, before) for after in (1, 2, 3) for before in (True, False)]
    assert [in_a_child(lambda it=it: round_(it)) for it in kills] == [signal.SIGKILL] * len(kills)
    after = open_home(places(tmp_path / "home"))
    assert deliver_due(after, real, CODE, health).waiting == 0
    assert days_there(server) == [str(it) for it in days]
    for day in days:
        came = arrived(server, day)
        assert [it.record for it in came.records] == [*home.log.between(*bounds(day, HANOI))]
        assert digest(came) == Deliveries(home.engine, real.name, home.places.run).since(TODAY)[day].digest
    whole = {it.name: it.read_bytes() for it in (server.arrived / CODE).iterdir()}
    with after.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE report_delivery SET digest = '', sealed = 0")
    assert deliver_due(after, real, CODE, health).reports == len(days), "once more, as after a lost row"
    assert {it.name: it.read_bytes() for it in (server.arrived / CODE).iterdir()} == whole


# Servers that refuse


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (401, "Máy chủ của tỉnh không nhận mã của đài (trả lời 401)."),
        (403, "Máy chủ của tỉnh không nhận mã của đài (trả lời 403)."),
        (404, "Máy chủ của tỉnh chưa có chỗ nhận báo cáo của đài (trả lời 404)."),
        (429, "Máy chủ của tỉnh đang trục trặc (trả lời 429)."),
        (500, "Máy chủ của tỉnh đang trục trặc (trả lời 500)."),
        (507, "Máy chủ của tỉnh đã hết chỗ chứa (trả lời 507)."),
        ("302 /login", "Nơi trả lời không phải là máy chủ báo cáo của tỉnh (trả lời 302)."),
    ],
)
def test_a_server_that_takes_nothing_is_told_and_asked_once(home: Home, server, status: int, what: str) -> None:
    enrol(home, server.reports)
    server.stop()
    deliver(home)
    server.fail(status)
    server.start()
    refused = deliver(home, NOW + DAY)
    assert (refused.reports, refused.waiting) == (0, 2)
    assert refused.trouble
    assert refused.trouble.what == what
    assert refused.trouble.still and refused.trouble.mend
    assert len(server.log()) == 1
    server.behave()
    assert deliver(home, NOW + DAY) == Delivered(2)


def test_a_login_page_is_no_receipt(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    server.be_a_portal()
    came = deliver(home)
    assert came.trouble
    assert came.trouble.what == "Nơi trả lời không phải là máy chủ báo cáo của tỉnh (trả lời 200)."
    server.behave()
    assert deliver(home) == Delivered(1)


@pytest.mark.parametrize(("code", "token"), [("24172", TOKEN), (CODE, "sai")])
def test_nobody_writes_without_the_right_token(home: Home, server: ProvinceServer, code: str, token: str) -> None:
    enrol(home, server.reports, code, token)
    came = deliver(home)
    assert came.trouble
    assert "không nhận mã của đài" in came.trouble.what
    assert [*server.arrived.iterdir()] == []


def test_a_station_does_not_write_in_another_s_folder(server: ProvinceServer) -> None:
    with pytest.raises(NoneTaken, match="403"):
        HttpDestination(server.reports, CODE, TOKEN).deliver("24172", TODAY, b"{}")
    assert [*server.arrived.iterdir()] == []


def test_a_server_that_nobody_vouches_for_gets_no_token(home: Home, server: ProvinceServer, monkeypatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    enrol(home, server.reports)
    came = deliver(home)
    assert came.trouble
    assert "Chứng chỉ" in came.trouble.what
    assert server.log() == []


def test_a_day_that_is_too_large_holds_up_no_other(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    server.stop()
    deliver(home)
    server.start()
    home.faults.note({attrs.evolve(MUTE, what="x" * 2_100_000): NOW}, {})
    home.faults.note({}, {attrs.evolve(MUTE, what="x" * 2_100_000): NOW + 1})
    came = deliver(home, NOW + DAY)
    assert (came.reports, came.waiting) == (1, 1)
    assert came.trouble
    assert "413" in came.trouble.what
    assert days_there(server) == [str(TODAY + dt.timedelta(days=1))]


def test_a_server_that_never_ends_its_answer_is_left(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends a letter as often as one is asked for, so no silence betrays it."""
    monkeypatch.setattr(put_module, "_PATIENCE", Patience(silence=30, head=1))
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        enrol(home, f"http://127.0.0.1:{listening.getsockname()[1]}/")

        def dribble() -> None:
            link, _ = listening.accept()
            with link:
                while not over.wait(0.05):
                    link.sendall(b"x")

        server = threading.Thread(target=dribble)
        server.start()
        came = deliver(home)
        over.set()
        server.join()
    assert came.trouble
    assert came.trouble.what == "Máy chủ của tỉnh im lặng quá lâu."


def test_a_card_that_takes_nothing_is_told_and_costs_no_report(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    deliver(home)
    with home.engine.begin() as connection:
        full = "BEFORE UPDATE ON report_delivery BEGIN SELECT RAISE(FAIL, 'full'); END"
        connection.exec_driver_sql(f"CREATE TRIGGER full {full}")
    a_day(home, TODAY)
    came = deliver(home)
    assert came.trouble
    assert came.trouble.what == "Thẻ nhớ không ghi được, nên chưa biết báo cáo nào đã tới tỉnh."
    with home.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert deliver(home) == Delivered(1)


def test_without_the_right_time_nothing_is_said(home: Home, server: ProvinceServer) -> None:
    enrol(home, server.reports)
    came = deliver_reports(home, Now(NOW, 0, trusted=False))
    assert (came.reports, came.trouble is None) == (0, False)
    assert server.log() == []


@mutable
class Ministry:
    """Another destination, as somebody may write an adapter for it."""

    name: str = "ministry"
    has: dict[dt.date, bytes] = field(factory=dict)

    def deliver(self, code: str, date: dt.date, body: bytes) -> None:
        if code != CODE:
            raise Refused(Trouble("", "Không biết xã này."))
        self.has[date] = body


def test_another_destination_gets_the_same(home: Home, server: ProvinceServer) -> None:
    a_day(home, TODAY)
    ministry = Ministry()
    assert deliver_due(home, ministry, CODE, HEALTH) == Delivered(1)
    assert deliver_due(home, HttpDestination(server.reports, CODE, TOKEN), CODE, HEALTH) == Delivered(1)
    assert ministry.has[TODAY] == (server.arrived / CODE / f"{TODAY}.json").read_bytes()
    assert set(json.loads(ministry.has[TODAY])) > {"schema", "station", "records"}
