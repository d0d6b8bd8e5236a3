"""The province's server and the bad link: they serve, fail and break as they say, and count what went through."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.rig.link import Link
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until, wall_ms

CONTENT = bytes(range(256)) * 400
SOUND = f"targets/tinh/{'a' * 64}.thoi-su.opus"
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
_BUSY = 4  # times as slow as it should be, a machine that others use too may make it


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProvinceServer]:
    sound, root = tmp_path / "work/tree" / SOUND, tmp_path / "work/tree/metadata/1.root.json"
    for path, content in ((sound, CONTENT), (root, b"{" + b" " * 10_000 + b"}")):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    with ProvinceServer(tmp_path / "work", tmp_path / "nginx") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        yield server


@pytest.fixture
def link(server: ProvinceServer) -> Iterator[Link]:
    with Link(server.plain_port) as link:
        yield link


def get(address: str, **headers: str) -> requests.Response:
    return requests.get(address, headers={"Connection": "close", **headers}, timeout=10)


def test_what_was_asked_is_in_the_log(server: ProvinceServer) -> None:
    whole = get(f"{server.tree}{SOUND}")
    part = get(f"{server.tree}{SOUND}", Range="bytes=100-199")
    again = get(f"{server.tree}{SOUND}", **{"If-None-Match": whole.headers["ETag"]})
    get(f"{server.tree}metadata/1.root.json")

    assert (whole.content, part.content, again.status_code) == (CONTENT, CONTENT[100:200], 304)
    *sounds, root = server.log()
    assert [(it.method, it.path, it.status, it.body, it.span) for it in sounds] == [
        ("GET", f"/{SOUND}", 200, len(CONTENT), ""),
        ("GET", f"/{SOUND}", 206, 100, "bytes=100-199"),
        ("GET", f"/{SOUND}", 304, 0, ""),
    ]
    assert sounds[2].etag == whole.headers["ETag"]
    assert root.body < 1_000, "compressed"


def test_nobody_is_believed_but_by_the_authority(server: ProvinceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError):
        get(server.tree)


def test_the_server_fails_and_mends(server: ProvinceServer) -> None:
    address = f"{server.tree}{SOUND}"
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
    address = link.through(f"{server.plain_tree}{SOUND}")
    assert get(address).content == CONTENT
    (asked,) = server.log()
    assert (link.connections, link.down, link.up) == (1, asked.sent, asked.received)


def test_the_link_is_as_slow_as_it_says(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}{SOUND}")
    link.rate = 200_000
    seconds = took(lambda: get(address))
    assert 0.7 <= seconds / (link.down / 200_000) < _BUSY
    link.rate, link.delay = 0, 0.2
    assert 0.4 <= took(lambda: get(address)) < 0.4 * _BUSY, "there and back"


def test_tls_goes_through_it(server: ProvinceServer) -> None:
    with Link(server.tls_port) as link:
        assert get(link.through(f"{server.tree}{SOUND}")).content == CONTENT


def test_a_cut_is_where_it_should_be(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}{SOUND}")
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
    address = link.through(f"{server.plain_tree}{SOUND}")
    link.spoiled = {50_000}
    spoiled = get(address).content
    assert sum(one != other for one, other in zip(spoiled, CONTENT, strict=True)) == 1
    link.truncate_each = 40_000
    with pytest.raises(BROKEN):
        get(address)


def test_it_stalls_refuses_and_comes_back(server: ProvinceServer, link: Link) -> None:
    address = link.through(f"{server.plain_tree}{SOUND}")
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
