"""Uploads by tus, from outside: whatever breaks and wherever, what was acknowledged is there, and nothing else."""

import base64
import hashlib
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.clock import Clock
from station.desk.people import new_setup_code
from station.desk.uploads import MOST_PENDING
from station.rules.now import DAY, Now
from station.rules.rundown import Kind
from station.stores.home import Home, open_home, places
from station.stores.uploads import Upload, new_key
from tests.browsing import RunningPage
from tests.running import RunningStation
from tests.web.states import SEEN
from tests.web.tus import PIECE, Sender, begin_here, metadata

SEED = 20_261_123


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[RunningPage]:
    with RunningPage(RunningStation(folder, device="none")) as page:
        yield page


@pytest.fixture(scope="module")
def station(folder: Path, page: RunningPage) -> Home:  # noqa: ARG001 - the page makes it
    return open_home(places(folder / "home"))


@pytest.fixture(scope="module")
def lan(page: RunningPage) -> Sender:
    return Sender(page.address).set_up(page.code, "Lan")


@pytest.fixture(scope="module")
def hoa(page: RunningPage, station: Home, lan: Sender) -> Sender:  # noqa: ARG001 - the first one is set up before
    return Sender(page.address).set_up(new_setup_code(station, now=0), "Hoa")


def original(home: Home, segment: str) -> bytes:
    found = home.library.find(segment)
    assert found
    return home.library.original_path(found.original).read_bytes()


def kept(home: Home) -> set[str]:
    return {it.suffix for it in home.places.uploads.iterdir()}


def some_bytes(length: int) -> bytes:
    return random.Random(length).randbytes(length)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    length=st.integers(1, 200_000),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=5),
)
def test_an_upload_that_was_cut_anywhere_goes_on_there(
    lan: Sender, station: Home, length: int, cuts: list[tuple[float, bool]]
):
    content = some_bytes(length)
    place, acknowledged = lan.begin(length, title=f"Bản ghi {length}"), 0
    for share, torn in cuts:
        piece = content[acknowledged : acknowledged + round(share * length)]
        if torn:
            lan.tear(place, piece + b"x", acknowledged, len(piece)).close()
            assert lan.offset(place) == acknowledged
        elif acknowledged + len(piece) < length:
            answer = lan.send(place, piece, acknowledged)
            assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(acknowledged + len(piece)))
            acknowledged += len(piece)
        assert lan.offset(place) == acknowledged
    segment = lan.send_rest(place, content)
    assert original(station, segment) == content
    assert lan.ask("HEAD", place).headers["Upload-Segment"] == segment, "who missed the last answer learns it too"
    assert lan.send(place, b"", length).headers["Upload-Segment"] == segment
    assert not list(station.places.uploads.glob("*.part"))


def test_what_does_not_go_on_where_the_upload_is_adds_nothing(lan: Sender):
    place = lan.begin(10)
    assert lan.send(place, b"abc", 0).status_code == 204
    for piece, offset in ((b"abc", 0), (b"x", 2), (b"x", 4), (b"12345678", 3), (b"x", 10**30)):
        assert lan.send(place, piece, offset).status_code == 409
    assert lan.offset(place) == 3


def test_a_piece_that_was_spoilt_on_its_way_is_not_kept(lan: Sender, station: Home):
    content = some_bytes(1000)
    place = lan.begin(len(content))
    sum_of = {name: base64.b64encode(hashlib.new(name, content).digest()).decode() for name in ("sha1", "sha256")}
    assert lan.send(place, content[::-1], 0, upload_checksum=f"sha1 {sum_of['sha1']}").status_code == 460
    assert lan.send(place, content, 0, upload_checksum=f"md4 {sum_of['sha1']}").status_code == 400
    assert lan.offset(place) == 0
    answer = lan.send(place, content, 0, upload_checksum=f"sha256 {sum_of['sha256']}")
    assert original(station, answer.headers["Upload-Segment"]) == content


def test_an_upload_is_its_own_person_s(lan: Sender, hoa: Sender):
    place = lan.begin(10)
    assert hoa.ask("HEAD", place).status_code == 404
    assert hoa.send(place, b"abc", 0).status_code == 404
    assert hoa.ask("DELETE", place).status_code == 404
    assert lan.offset(place) == 0
    for nobody_s in ("0" * 32, "x", "%2e%2e", "%2e%2e%2fpage.key", "A" * 32, "0" * 31 + "%0a"):
        assert lan.ask("HEAD", f"/tai-len/{nobody_s}").status_code == 404


def test_nothing_is_taken_from_strangers_nor_without_a_token(lan: Sender, page: RunningPage):
    place, stranger = lan.begin(10), Sender(page.address)
    stranger.token = stranger._read("/dang-nhap")
    for someone, more, status in ((stranger, {}, 401), (lan, {"x_csrftoken": ""}, 400)):
        for method, where in (("POST", "/tai-len/"), ("PATCH", place), ("DELETE", place)):
            answer = someone.ask(method, where, **more)
            assert answer.status_code == status
            assert answer.json()["trouble"].endswith(".")
    assert stranger.ask("HEAD", place).status_code == 401
    assert stranger.ask("OPTIONS").status_code == 401
    assert lan.offset(place) == 0


@pytest.mark.parametrize(
    ("length", "facts", "status", "told"),
    [
        ("536870913", {}, 413, "Tệp lớn hơn 512 MB"),
        ("0", {}, 400, "Tệp này trống"),
        ("-1", {}, 400, "không đúng cách"),
        ("1e3", {}, 400, "không đúng cách"),
        ("", {}, 400, "không đúng cách"),
        ("10", {"kind": "khong-co"}, 400, "Chưa chọn loại"),
        ("10", {"title": " ", "filename": ""}, 400, "chưa có tên"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    lan: Sender, length: str, facts: dict[str, str], status: int, told: str
):
    facts = metadata(**facts)
    answer = lan.ask("POST", upload_length=length.encode(), upload_metadata=facts)
    assert answer.status_code == status
    assert told in answer.json()["trouble"]


def test_what_is_not_the_protocol_is_refused(lan: Sender):
    place = lan.begin(10)
    assert lan.ask("POST", upload_length="10", upload_metadata="title ???").status_code == 400
    assert lan.ask("HEAD", place, tus_resumable="").status_code == 412
    assert lan.ask("HEAD", place, tus_resumable="0.2.2").headers["Tus-Version"] == "1.0.0"
    assert lan.ask("PATCH", place, b"x", content_type="text/plain", upload_offset="0").status_code == 415
    large = lan.begin(PIECE + 1)
    assert "lớn hơn 1 MB" in lan.send(large, bytes(PIECE + 1), 0).json()["trouble"]
    offered = lan.ask("OPTIONS", tus_resumable="").headers
    assert set(offered["Tus-Extension"].split(",")) == {"creation", "expiration", "checksum", "termination"}
    assert offered["Tus-Max-Size"] == str(512 * 1024**2)


def test_the_same_file_twice_is_one_segment_and_the_page_says_so(lan: Sender, hoa: Sender, station: Home):
    content = some_bytes(5000)
    first = lan.send_rest(lan.begin(len(content), title="Lịch cắt điện"), content)
    before = len(station.library.segments())
    again = hoa.send_rest(hoa.begin(len(content), title="Khác", filename="khac.mp3"), content)
    assert (again, len(station.library.segments())) == (first, before)
    assert "“khac.mp3” đã có trong thư viện với tên “Lịch cắt điện”" in hoa.get("/thu-vien/")


def test_a_file_s_name_is_only_shown(lan: Sender, station: Home, folder: Path):
    files = set(folder.rglob("*"))
    for name in ("../../hai.mp3", "/etc/passwd", "a\\b.mp3", "$(touch hai).mp3", "<b>hai</b>.mp3", "x" * 5000):
        place = lan.begin(3, filename=name, title="")
        assert all(it.parent == station.places.uploads for it in set(folder.rglob("*")) - files)
        assert "<b>hai" not in lan.get("/thu-vien/them")
        assert lan.ask("DELETE", place).status_code == 204
    assert set(folder.rglob("*")) == files


def test_what_is_given_up_is_gone(lan: Sender, station: Home):
    before = kept(station)
    place = lan.begin(10)
    lan.send(place, b"abc", 0)
    assert lan.ask("DELETE", place).status_code == 204
    assert lan.ask("HEAD", place).status_code == 404
    assert lan.send(place, b"defg", 3).status_code == 404
    assert kept(station) == before


def test_a_person_may_have_only_so_many_on_their_way(hoa: Sender):
    made = [hoa.begin(10) for _ in range(MOST_PENDING)]
    answer = hoa.ask("POST", upload_length="10", upload_metadata=metadata())
    assert (answer.status_code, f"gửi dở {MOST_PENDING} tệp" in answer.json()["trouble"]) == (400, True)
    for place in made:
        hoa.ask("DELETE", place)
    hoa.ask("DELETE", hoa.begin(10))


def test_slow_links_hold_no_thread(lan: Sender):
    places_ = [lan.begin(2000) for _ in range(3)]
    links = [lan.tear(places_[number % 3], bytes(2000), 0, 100) for number in range(24)]
    assert "Thêm bản tin" in lan.get("/thu-vien/them")
    for link in links:
        link.close()
    for place in places_:
        lan.ask("DELETE", place)


def test_the_same_file_begun_again_goes_on_under_its_new_title(lan: Sender, hoa: Sender, station: Home):
    content = some_bytes(700)
    facts = {"mark": "700-abc", "title": "Cũ"}
    place = lan.begin(len(content), **facts)
    lan.send(place, content[:300], 0)
    assert hoa.begin(len(content), **facts) != place
    assert lan.begin(len(content) + 1, **facts) != place
    assert lan.begin(len(content), mark="700-abc", title="Mới", kind="notice") == place
    segment = station.library.find(lan.send_rest(place, content))
    assert segment
    assert (segment.title, segment.kind) == ("Mới", Kind.NOTICE)


def test_two_at_once_write_one_after_the_other(client: FlaskClient, home: Home):
    place, headers = begin_here(client, 10)
    (upload,) = home.uploads.pending(SEEN, "Lan")
    with home.uploads.reading(upload):
        assert client.patch(place, data=b"abc", headers=headers).status_code == 423
        assert client.delete(place, headers=headers).status_code == 423
    assert client.patch(place, data=b"abc", headers=headers).status_code == 204


def test_what_nobody_goes_on_with_is_given_up_after_a_week(app: Flask, client: FlaskClient, home: Home):
    place, headers = begin_here(client, 10)
    assert client.patch(place, data=b"abc", headers=headers).status_code == 204
    files = set(home.places.uploads.iterdir())
    for days, status in ((6, 200), (7, 404)):
        app.extensions["clock"] = Later(days)
        assert client.head(place, headers=headers).status_code == status
    assert client.patch(place, data=b"d", headers={**headers, "Upload-Offset": "3"}).status_code == 404
    begin_here(client, 10)
    assert not files & set(home.places.uploads.iterdir())


class Later(Clock):
    """So many days after all was seen."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self._days = days

    def now(self) -> Now:
        return Now(SEEN + self._days * DAY, 0, trusted=True)


def test_what_a_power_cut_left_behind_goes(home: Home):
    leftover = home.places.uploads / ("0" * 32 + ".part")
    leftover.write_bytes(b"x")
    home.uploads.give_up(SEEN)
    assert not leftover.exists()


def test_killed_at_any_instant_nothing_acknowledged_is_lost(tmp_path: Path):
    chance, station = random.Random(SEED), RunningStation(tmp_path, device="none")
    content, home = chance.randbytes(3_000_000), open_home(places(station.home))
    sender, place, sending = None, "", None
    for least in (100_000, 1_500_000, 2_900_000):  # the last one while the segment is made
        with RunningPage(station) as page:
            sender = moved(sender, page)
            place = place or sender.begin(len(content), title="Bản ghi dài")
            assert sender.offset(place) >= (sending.acknowledged if sending else 0)
            sending = Sending(sender, place, content)
            sending.until(least)
            threading.Event().wait(chance.uniform(0, 0.02))
        sending.join()
    with RunningPage(station) as page:
        segment = moved(sender, page).send_rest(place, content)
    assert sending.segment in {"", segment}
    assert original(home, segment) == content
    assert len(home.library.segments()) == 1


def moved(sender: Sender | None, page: RunningPage) -> Sender:
    if sender is None:
        return Sender(page.address).set_up(page.code, "Lan")
    sender.address = page.address
    return sender


class Sending(threading.Thread):
    """Sends the rest until the page is gone."""

    def __init__(self, sender: Sender, place: str, content: bytes) -> None:
        super().__init__(daemon=True)
        self._sender, self._place, self._content = sender, place, content
        self._news = threading.Condition()
        self.acknowledged, self.segment = 0, ""
        self.start()

    def run(self) -> None:
        with suppress(requests.RequestException):
            offset = self._sender.offset(self._place)
            while not self.segment:
                self._note(offset)
                answer = self._sender.send(self._place, self._content[offset : offset + 100_000], offset)
                offset, self.segment = (
                    int(answer.headers["Upload-Offset"]),
                    answer.headers.get("Upload-Segment", ""),
                )
            self._note(offset)

    def until(self, least: int) -> None:
        """Wait until so much is acknowledged."""
        with self._news:
            assert self._news.wait_for(lambda: self.acknowledged >= least, 30)

    def _note(self, offset: int) -> None:
        with self._news:
            self.acknowledged = offset
            self._news.notify()


def test_what_had_come_to_its_last_byte_is_a_segment_once_the_page_starts(tmp_path: Path):
    station = RunningStation(tmp_path, device="none")
    home, content = open_home(places(station.home)), some_bytes(3000)
    now = Clock().now().wall
    upload = Upload(new_key(), "Lan", "tin.mp3", "Tin", Kind.NEWS, len(content), "", now)
    home.uploads.begin(upload)
    home.uploads.append(upload, content, 0)
    with RunningPage(station):
        (segment,) = home.library.segments()
    assert (original(home, segment.id), segment.author) == (content, "Lan")
    assert home.uploads.pending(now) == ()


FULL_CARD = """
import subprocess, sys
from pathlib import Path
home = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=203m", "tmpfs", home], check=True)
print("mounted", flush=True)
from station.clock import Clock
from station.desk.people import new_setup_code
from station.stores.home import open_home, places
from tests.web.asking import post, upload
from tests.web.tus import begin_here, metadata
from web import create_app
opened = open_home(places(home))
client = create_app(opened, Clock()).test_client()
code = new_setup_code(opened, now=0)
post(client, "/thiet-lap", code=code, name="Lan", password="mat khau dai", at="/thiet-lap")
place, headers = begin_here(client, 1000)
large = {"Upload-Length": "1000000", "Upload-Metadata": metadata()}
answer = client.post("/tai-len/", headers={**headers, **large})
print(answer.status_code, answer.json["trouble"])
(home / "filling").write_bytes(bytes(3_100_000))
answer = client.patch(place, data=bytes(500), headers=headers)
print(answer.status_code, answer.json["trouble"])
print(client.head(place, headers=headers).headers["Upload-Offset"])
answer = upload(client, bytes(1000), "tin.mp3")
print(answer.status_code, "Thẻ nhớ không còn đủ chỗ" in answer.text)
print("Thẻ nhớ không còn đủ chỗ" in client.get("/thu-vien/them").text)
(home / "filling").unlink()
print(client.patch(place, data=bytes(500), headers=headers).status_code)
"""


def test_a_full_card_refuses_in_a_sentence_and_leaves_the_player_its_room(tmp_path: Path):
    home = tmp_path / "card"
    home.mkdir()
    command = ["unshare", "--mount", "--map-root-user", sys.executable, "-c", FULL_CARD, str(home)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    if "mounted" not in told.stdout:
        pytest.skip(f"no small card can be mounted here: {told.stderr}")
    why = "Thẻ nhớ không còn đủ chỗ nên chưa nhận được tệp. Máy phát vẫn chạy theo lịch. "
    full = f"507 {why}Gọi kỹ thuật dọn thẻ nhớ rồi gửi lại."
    assert told.stdout.splitlines()[1:] == [full, full, "0", "507 True", "True", "204"], told.stderr
