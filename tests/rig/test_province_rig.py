"""The province's server and the bad link: they serve, fail and break as they say, and count what went through."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.rig.link import Link
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until, wall_ms

CONTENT = bytes(range(256)) * 400
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProvinceServer]:
    tree = tmp_path / "tree"
    (tree / "metadata").mkdir(parents=True)
    (tree / "tin.opus").write_bytes(CONTENT)
    (tree / "metadata" / "1.root.json").write_text("{" + " " * 10_000 + "}")
    with ProvinceServer(tmp_path, tree, {"00001": "bi-mat", "00002": "khac"}) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        yield server


@pytest.fixture
def link(server: ProvinceServer) -> Iterator[Link]:
    with Link(server.plain_port) as link:
        yield link


def get(address: str, **headers: str) -> requests.Response:
    return requests.get(address, headers={"Connection": "close", **headers}, timeout=10)


def test_the_tree_is_served_whole_in_parts_and_not_again(server: ProvinceServer) -> None:
    whole = get(f"{server.tree}tin.opus")
    part = get(f"{server.tree}tin.opus", Range="bytes=100-199")
    again = get(f"{server.tree}tin.opus", **{"If-None-Match": whole.headers["ETag"]})
    packed = get(f"{server.tree}metadata/1.root.json")

    assert (whole.content, part.content, again.status_code) == (CONTENT, CONTENT[100:200], 304)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert [(it.method, it.path, it.status, it.body, it.span) for it in server.log()[:3]] == [
        ("GET", "/loa-xa/tin.opus", 200, len(CONTENT), ""),
        ("GET", "/loa-xa/tin.opus", 206, 100, "bytes=100-199"),
        ("GET", "/loa-xa/tin.opus", 304, 0, ""),
    ]
    assert len(server.log()) == 4
    assert server.log()[3].body < 1_000


def test_nobody_is_believed_but_by_the_authority(server: ProvinceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError):
        get(server.tree)


def test_a_station_reports_for_itself_alone(server: ProvinceServer) -> None:
    def put(address: str, who: tuple[str, str] | None) -> int:
        return requests.put(f"{server.reports}{address}", b"{}", auth=who, timeout=10).status_code

    assert put("00001/2026-11-26.json", ("00001", "bi-mat")) == 201
    assert put("00001/2026-11-26.json", ("00001", "bi-mat")) == 204
    assert (server.arrived / "00001" / "2026-11-26.json").read_bytes() == b"{}"
    assert put("00001/2026-11-27.json", ("00001", "sai")) == 401
    assert put("00001/2026-11-27.json", None) in (401, 403)
    assert put("00002/2026-11-27.json", ("00001", "bi-mat")) == 403
    assert len(list(server.arrived.rglob("*.json"))) == 1


def test_the_server_fails_and_mends(server: ProvinceServer) -> None:
    address = f"{server.tree}tin.opus"
    server.be_a_portal()
    assert get(address).headers["Content-Type"].startswith("text/html")
    server.fail(503)
    assert get(address).status_code == 503
    server.allow_few(at_once=1)
    assert [get(address).status_code for _ in range(4)][-1] == 429
    server.answer_slowly(100_000)
    assert took(lambda: get(address)) > 0.7
    server.stop()
    with pytest.raises(BROKEN):
        get(address)
    server.start()
    server.behave()
    assert get(address).content == CONTENT


def took(deed) -> float:
    begun = wall_ms()
    deed()
    return (wall_ms() - begun) / 1e3


def test_the_link_counts_what_the_server_sends(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}tin.opus")
    assert get(address).content == CONTENT
    (asked,) = server.log()
    assert (link.connections, link.down, link.up) == (1, asked.sent, asked.received)


def test_the_link_is_as_slow_as_it_says(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}tin.opus")
    link.rate = 200_000
    assert took(lambda: get(address)) == pytest.approx(link.down / 200_000, rel=0.3)
    link.rate, link.delay = 0, 0.2
    assert 0.4 <= took(lambda: get(address)) < 0.7, "there and back"


def test_tls_goes_through_it(server: ProvinceServer) -> None:
    with Link(server.tls_port) as link:
        assert get(link.through(f"{server.tree}tin.opus")).content == CONTENT


def test_a_cut_is_where_it_should_be(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}tin.opus")
    link.cuts = [50_000, 70_000]
    for _ in range(2):
        with pytest.raises(BROKEN):
            get(address)
    assert link.down == 70_000
    assert get(address).content == CONTENT
    link.cut_each = 10_000
    before = link.down
    for _ in range(2):
        with pytest.raises(BROKEN):
            get(address)
    assert link.down == before + 20_000


def test_what_is_truncated_ends_early_and_what_is_spoiled_is_another_byte(
    server: ProvinceServer, link: Link
) -> None:
    address = link.through(f"{server.plain_tree}tin.opus")
    link.spoiled = {50_000}
    spoiled = get(address).content
    assert sum(one != other for one, other in zip(spoiled, CONTENT, strict=True)) == 1
    link.truncate_each = 40_000
    with pytest.raises(BROKEN):
        get(address)


def test_it_stalls_refuses_and_comes_back(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}tin.opus")
    link.stall()
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(address, timeout=0.2)
    assert link.down == 0
    link.refuse()
    with pytest.raises(requests.ConnectionError, match="refused"):
        get(address)
    link.accept()
    link.flow()
    assert get(address).content == CONTENT
    wait_until(lambda: link.connections == 2)
