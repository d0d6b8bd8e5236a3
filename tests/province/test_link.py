"""The link by a real nginx with TLS, by a bad line, and by servers that answer as none should."""

import gzip
import os
import random
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from email.utils import format_datetime
from ipaddress import ip_address
from itertools import chain, repeat
from pathlib import Path
from threading import Event

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from station.clock import Clock
from station.province.link import Link, Patience
from station.province.sync import synchronise
from station.rules.now import DAY
from station.stores.contact import Contact
from tests.province.odd_server import OddServer, answer
from tests.province.stations import Hands, Station
from tests.rig import link as rig
from tests.rig.ports import free_port
from tests.rig.province_server import ProvinceServer
from tests.rig.tree import Tree, ago
from tests.rig.waiting import wait_until, wall_ms

CLOCK = Clock()
NEWS, LONG = "tinh/thoi-su.opus", "tinh/dai.opus"
AUDIO = random.Random(1).randbytes(1_000_000)
HASTY = Patience(connect=1, silence=0.4, head=0.8, window=0.5, least=4_000)
PER_CUT = 64 << 10
SYNCHRONISE = """
import sys
from pathlib import Path
from station.clock import Clock
from station.province.link import Link
from station.province.sync import synchronise
from station.stores.home import open_home, places
synchronise(open_home(places(Path(sys.argv[1]))), Clock(), sources=[Link(sys.argv[2], Clock())])
"""
HEADS = 2_000  # bytes that an answer's head, or a refused one, may take


@pytest.fixture
def server(tmp_path: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProvinceServer]:
    tree.offer(NEWS, b"OggS thoi su", title="Thời sự")
    tree.publish()
    with ProvinceServer(tmp_path, tmp_path / "nginx") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        yield server


@pytest.fixture
def line(server: ProvinceServer) -> Iterator[rig.Link]:
    """The line to it, without TLS, so that what goes through can be counted and spoiled."""
    with rig.Link(server.plain_port) as line:
        yield line


def by(server: ProvinceServer, line: rig.Link | None = None, patience: Patience | None = None) -> Link:
    return Link(line.through(server.plain_tree) if line else server.tree, CLOCK, patience)


def age(tree: Tree, seconds: float) -> None:
    """Have the timestamp written so long ago: nginx knows files by their second and length."""
    written = wall_ms() / 1e3 - seconds
    os.utime(tree.metadata / "timestamp.json", (written, written))


def long_one(tree: Tree) -> None:
    tree.offer(LONG, AUDIO, title="Dài")
    tree.publish()


# All is well.


def test_a_tree_comes_by_tls_and_costs_next_to_nothing_when_nothing_is_new(
    station: Station, server: ProvinceServer, tree: Tree
):
    age(tree, 99)
    assert station.synchronise(by(server)).trouble is None
    assert set(station.has) == {NEWS}
    before = len(server.log())
    with rig.Link(server.tls_port) as line:
        address = line.through(server.tree)
        assert station.synchronise(Link(address, CLOCK)).trouble is None
        line.down = line.up = 0
        assert station.synchronise(Link(address, CLOCK)).trouble is None
        assert line.connections == 2
        assert line.down + line.up < 10_000
    rest = [(it.path.rpartition("/")[2], it.status) for it in server.log()[before:]]
    assert rest[2:] == [("2.root.json", 404), ("timestamp.json", 304)]


@pytest.mark.parametrize("written", [99, 0])
def test_after_a_new_timestamp_only_that_travels(
    written: float, station: Station, server: ProvinceServer, tree: Tree
):
    age(tree, written)
    station.synchronise(by(server))
    before = len(server.log())
    tree.renew()  # in the very second, and as long: what tells them apart is the content alone
    age(tree, written / 2)
    assert station.synchronise(by(server)).trouble is None
    rest = [(it.path.rpartition("/")[2], it.status) for it in server.log()[before:]]
    assert rest == [("2.root.json", 404), ("timestamp.json", 200)]


def test_all_comes_over_one_connection(station: Station, server: ProvinceServer, tree: Tree, line: rig.Link):
    long_one(tree)
    assert station.synchronise(by(server, line)).trouble is None
    assert line.connections == 1
    assert line.down < len(AUDIO) * 1.01 + 10_000


def test_a_station_asks_where_its_enrolment_says(
    station: Station, server: ProvinceServer, tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("station.province.sync.sticks", tuple)
    nobody = f"http://127.0.0.1:{free_port()}/"
    enrolled = Station(station.home.places.home, tree, trees=(nobody, server.tree))
    contact = synchronise(enrolled.home, enrolled.clock)
    assert (contact.trouble, contact.source) == (None, server.tree)
    assert set(enrolled.has) == {NEWS}


# The line.


@pytest.mark.parametrize("tls", [False, True])
def test_cuts_cost_little_and_what_came_is_not_asked_for_again(
    tls: bool, station: Station, server: ProvinceServer, tree: Tree
):
    long_one(tree)
    with rig.Link(server.tls_port if tls else server.plain_port) as line:
        link = Link(line.through(server.tree if tls else server.plain_tree), CLOCK)
        station.synchronise(link)  # to know what it all is when nothing is cut
        whole, line.down = line.down, 0
        line.rate = 1_500_000  # so that no more is on the way than a real line holds
        line.cuts = sorted(random.Random(tls).sample(range(whole), 8))
        fresh = Station(station.home.places.home.parent / "fresh", tree)
        tries = [fresh.synchronise(link).trouble for _ in range(3)]
        assert tries[-1] is None
        assert fresh.has == {NEWS: b"OggS thoi su", LONG: AUDIO}
        assert line.cuts == []
        assert line.down <= whole + 8 * (PER_CUT + HEADS)


@pytest.mark.parametrize("after", [1, 300, 900, 1_500])
def test_a_line_that_is_cut_before_anything_comes(after: int, station: Station, server: ProvinceServer):
    with rig.Link(server.tls_port) as line:
        line.cut_each = after
        contact = station.synchronise(Link(line.through(server.tree), CLOCK))
        station.is_told(contact, "bị ngắt giữa chừng")
        assert line.connections >= 3


def test_a_line_that_is_cut_all_the_time_brings_even_long_metadata(
    station: Station, server: ProvinceServer, tree: Tree, line: rig.Link
):
    for number in range(2_000):
        tree.offer(f"tinh/bai-{number}.txt", b"Xin chao", title=f"Bài {number}", valid_until=1)
    tree.publish()
    size = (tree.metadata / f"{tree.group['tinh'].version}.tinh.json").stat().st_size
    line.cut_each = 60_000
    for _ in range(12):
        if station.synchronise(by(server, line)).trouble is None:
            break
    assert set(station.has) == {NEWS}
    assert size > 5 * line.cut_each
    assert line.down < 2 * size


def test_a_line_that_stands_still_is_given_up(station: Station, server: ProvinceServer, tree: Tree, line: rig.Link):
    long_one(tree)
    line.rate = 200_000

    def tell(contact: Contact) -> None:
        if any(it.title == "Dài" and it.come > 50_000 for it in contact.arriving):
            line.stall()

    contact = synchronise(station.home, station.clock, sources=[by(server, line, HASTY)], tell=tell)
    station.is_told(contact, "im lặng quá lâu")
    come = max(station.parts.values())
    assert 0 < come < len(AUDIO)
    line.flow()
    wait_until(lambda: line.idle)  # what stood still goes nowhere, and is not to be counted
    line.rate = 0
    line.down = 0
    assert station.synchronise(by(server, line)).trouble is None
    assert line.down < len(AUDIO) - come + PER_CUT + 3 * HEADS


def test_bytes_that_were_spoiled_on_the_way_are_noticed_and_had_anew(
    station: Station, server: ProvinceServer, tree: Tree, line: rig.Link
):
    long_one(tree)
    line.spoiled = {900_000}
    contact = station.synchronise(by(server, line))
    assert LONG not in station.has
    assert "không đúng với chữ ký" in contact.refused[0].what
    assert station.parts.keys() == {tree.place(LONG, AUDIO).name.partition(".")[0] + ".json"}
    station.clock = Hands(DAY // 2)
    assert station.synchronise(by(server, line)).refused == ()
    assert station.has[LONG] == AUDIO


def test_a_process_that_is_killed_goes_on_where_it_was(
    station: Station, server: ProvinceServer, tree: Tree, line: rig.Link
):
    long_one(tree)
    line.rate = 1_000_000
    command = [sys.executable, "-c", SYNCHRONISE, station.home.places.home, line.through(server.plain_tree)]
    part = station.province / "parts" / tree.place(LONG, AUDIO).name.partition(".")[0]
    for more in (100_000, 400_000):
        child = subprocess.Popen(command)
        wait_until(lambda more=more: part.exists() and part.stat().st_size > more, 20)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert set(station.has) <= {NEWS}
    line.rate = 0
    assert station.synchronise(by(server, line)).trouble is None
    assert station.has == {NEWS: b"OggS thoi su", LONG: AUDIO}
    assert line.down <= len(AUDIO) + 2 * (PER_CUT + line.piece) + 40_000


# Every failure has a sentence of its own.


def test_nobody_there(station: Station):
    contact = station.synchronise(Link(f"http://127.0.0.1:{free_port()}/", CLOCK, HASTY))
    station.is_told(contact, "từ chối kết nối")


def test_no_such_name(station: Station):
    contact = station.synchronise(Link("http://khong-co.invalid/", CLOCK, HASTY))
    station.is_told(contact, "không tra được tên")


@pytest.mark.parametrize("status", [503, 500, 429])
def test_a_server_that_fails(status: int, station: Station, server: ProvinceServer):
    server.fail(status)
    station.is_told(station.synchronise(by(server)), f"báo lỗi {status}")


def test_a_captive_portal(station: Station, server: ProvinceServer, tree: Tree):
    station.synchronise(by(server))
    long_one(tree)
    server.be_a_portal()
    station.is_told(station.synchronise(by(server)), "bắt đăng nhập")
    assert set(station.has) == {NEWS}
    server.behave()
    assert station.synchronise(by(server)).trouble is None
    assert set(station.has) == {NEWS, LONG}


def test_a_server_that_allows_few_requests(station: Station, server: ProvinceServer):
    server.allow_few(2)
    station.is_told(station.synchronise(by(server)), "báo lỗi 429")
    server.behave()
    assert station.synchronise(by(server)).trouble is None


def certificate(folder: Path, begins: float, ends: float) -> tuple[ssl.SSLContext, Path]:
    """A certificate for this machine that is valid from so many days from now until so many."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(ago(-begins))
        .not_valid_after(ago(-ends))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    own, both = folder / "own.crt", folder / "own.pem"
    own.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + own.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, own


@pytest.mark.parametrize(
    ("valid", "known", "told"),
    [
        ((-2, 2), False, "không được tin cậy"),
        ((-9, -2), True, "Theo đồng hồ của đài"),
        ((2, 9), True, "Theo đồng hồ của đài"),
    ],
)
def test_a_certificate_that_is_not_believed(
    valid: tuple[int, int], known: bool, told: str, tmp_path: Path, request: pytest.FixtureRequest
):
    context, own = certificate(tmp_path, *valid)
    if known:
        request.getfixturevalue("monkeypatch").setenv("REQUESTS_CA_BUNDLE", str(own))
    station = request.getfixturevalue("station")
    with OddServer(lambda *_: [answer()], context) as odd:
        station.is_told(station.synchronise(Link(odd.address, CLOCK, HASTY)), told)


def test_a_server_without_tls_where_there_should_be_some(station: Station, server: ProvinceServer):
    address = server.plain_tree.replace("http:", "https:")
    station.is_told(station.synchronise(Link(address, CLOCK, HASTY)), "kết nối mã hóa")


# Answers that none should give.

NEVER = Event()


def drip() -> Iterator[bytes]:
    """A byte now and then: no socket takes that for silence."""
    for _ in range(100):
        yield b"a"
        NEVER.wait(0.1)


def chunks() -> Iterator[bytes]:
    """A body that says nothing of its length, and has no end."""
    yield answer(Content_Length="", Transfer_Encoding="chunked")
    yield from repeat(b"4000\r\n" + bytes(0x4000) + b"\r\n")


ODD = [
    (drip, "im lặng quá lâu"),
    (lambda: chain([answer(Content_Length="5000")], drip()), "chậm đến mức"),
    (list, "im lặng quá lâu"),
    (chunks, "dài hơn"),
    (lambda: [answer(Content_Length="99999999999")], "dài hơn"),
    (lambda: [answer(gzip.compress(bytes(9_000_000)), Content_Encoding="gzip")], "dài hơn"),
    (lambda: [answer(b"<html>", Content_Type="text/html; charset=utf-8")], "bắt đăng nhập"),
    (lambda: [answer(status="302 Found", Location="http://127.0.0.1/dang-nhap")], "bắt đăng nhập"),
    (lambda: [answer(status="301 Moved", Location="/metadata/timestamp.json")], "bắt đăng nhập"),
    (lambda: [answer(b"<html>", status="511 Network Authentication Required")], "bắt đăng nhập"),
    (lambda: [answer(b"\r\n<!doctype html>", Content_Type="application/json")], "bắt đăng nhập"),
    (lambda: [answer(b"hello", Content_Encoding="gzip")], "bị hỏng trên đường truyền"),
    (lambda: [answer(b"hello", Content_Encoding="br")], "bị hỏng trên đường truyền"),
    (lambda: [answer(gzip.compress(AUDIO[:500])[:-9], Content_Encoding="gzip")], "bị ngắt giữa chừng"),
    (lambda: [answer(b"h", status="206 Partial Content", Content_Range="bytes 5-9/9")], "bị hỏng trên đường"),
    (lambda: [b"HTTP/1.1 999999 \r\n\r\n"], "bị ngắt giữa chừng"),
    (lambda: [b"\x00" * 100_000], "bị ngắt giữa chừng"),
    (lambda: [answer(b"not metadata", Date="Thu, 99 Foo 2026")], "không phải là dữ liệu"),
]


@pytest.mark.parametrize(("pieces", "told"), ODD)
def test_what_no_server_should_answer(pieces: Callable[[], Iterable[bytes]], told: str, station: Station):
    with OddServer(lambda *_: pieces()) as odd:
        station.is_told(station.synchronise(Link(odd.address, CLOCK, HASTY)), told)


def part_of(asked: dict[str, str]) -> int:
    return int(asked.get("range", "bytes=0-")[6:-1])


AS_IT_SHOULD: list[Callable[[dict[str, str]], bytes]] = [
    lambda _: answer(AUDIO),  # whatever part was asked for
    lambda _: answer(gzip.compress(AUDIO), Content_Encoding="gzip"),  # though nobody wants that
    lambda _: answer(AUDIO, Content_Length="", Connection="close"),
    lambda it: answer(AUDIO) if not part_of(it) else answer(status="416 Range Not Satisfiable"),
    lambda it: answer(AUDIO) if not part_of(it) else answer(AUDIO[7:], "206 Part", Content_Range="bytes 7-9/9"),
    lambda it: answer(AUDIO) if not part_of(it) else answer(AUDIO[7:], "206 Part"),
    lambda it: answer(AUDIO) if not part_of(it) else answer(b"", "206 Part", Content_Range="bytes */*"),
]
NOT_AS_IT_SHOULD: list[tuple[Callable[[dict[str, str]], Iterable[bytes]], str]] = [
    (lambda _: chunks(), "dài hơn"),
    (lambda _: [answer(AUDIO[1:])], "khác với"),
    (lambda _: [answer(AUDIO + b"x")], "khác với"),
    (lambda it: [answer(AUDIO[part_of(it) :], "206 Part", Content_Range=f"bytes {part_of(it)}-5/7")], "khác với"),
    (lambda _: [answer(AUDIO[::-1])], "không đúng với chữ ký"),
    (lambda _: [answer(b"<html>", Content_Type="text/html")], "bắt đăng nhập"),
    (lambda _: [answer(status="404 Not Found")], "không có tệp"),
]


def serving(tree: Tree, odd: Callable[[dict[str, str]], Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The tree, but for the long file."""

    def answers(path: str, head: dict[str, str]) -> Iterable[bytes]:
        if "dai.opus" in path:
            return odd(head)
        place = tree.folder / path[1:]
        return [answer(place.read_bytes()) if place.is_file() else answer(status="404 Not Found")]

    return answers


def begun(station: Station, tree: Tree) -> Path:
    part = station.province / "parts" / tree.place(LONG, AUDIO).name.partition(".")[0]
    part.parent.mkdir()
    part.write_bytes(AUDIO[:400_000])
    return part


@pytest.mark.parametrize("odd", AS_IT_SHOULD)
def test_what_has_begun_comes_whole_however_it_is_answered(odd: Callable[..., bytes], station: Station, tree: Tree):
    long_one(tree)
    begun(station, tree)
    with OddServer(serving(tree, lambda head: [odd(head)])) as server:
        contact = station.synchronise(Link(server.address, CLOCK, HASTY))
    assert (contact.trouble, contact.refused) == (None, ())
    assert station.has == {LONG: AUDIO}
    assert next(span for path, span in server.asked if "dai.opus" in path) == "bytes=400000-"


@pytest.mark.parametrize(("odd", "told"), NOT_AS_IT_SHOULD)
def test_a_file_that_comes_wrong_is_told_and_the_rest_comes(
    odd: Callable[..., Iterable[bytes]], told: str, station: Station, tree: Tree
):
    tree.offer(NEWS, b"OggS thoi su")
    long_one(tree)
    part = begun(station, tree)
    with OddServer(serving(tree, odd)) as server:
        contact = station.synchronise(Link(server.address, CLOCK, HASTY))
    assert told in str(contact.trouble or contact.refused[0])
    assert LONG not in station.has
    if "đăng nhập" not in told:
        assert station.has == {NEWS: b"OggS thoi su"}
    if told in {"bắt đăng nhập", "không có tệp"}:
        assert part.stat().st_size == 400_000  # what has come is kept


def test_a_fast_clock_is_told_by_a_real_servers_date(station: Station, tree: Tree):
    tree.timestamp.expires = ago(2)
    tree.renew()

    def answers(path: str, _: dict[str, str]) -> Iterable[bytes]:
        place = tree.folder / path[1:]
        date = format_datetime(ago(5), usegmt=True)
        return [answer(place.read_bytes(), Date=date) if place.is_file() else answer(status="404 No", Date=date)]

    with OddServer(answers) as server:
        station.is_told(station.synchronise(Link(server.address, CLOCK, HASTY)), "Đồng hồ của đài có lẽ sai")
