"""The site for the province's nginx: what it shows, what may be kept, and who may put which report where."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.rig.province_server import ProvinceServer

SHA = "a" * 64
SOUND = f"targets/tinh/{SHA}.thoi-su.opus"


def hashed(token: str) -> str:
    """A line of a password file, as nginx reads it."""
    salt = b"12345678"
    return "{SSHA}" + base64.b64encode(hashlib.sha1(token.encode() + salt).digest() + salt).decode()  # noqa: S324


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("province")
    (work / "htpasswd").write_text(f"24169:{hashed('bi-mat')}\n24172:{hashed('khac')}\n")
    for name, content in {
        "metadata/timestamp.json": b"{}",
        "metadata/12.tinh.json": b"{" + b" " * 9000 + b"}",
        "metadata/1.root.json": b"{}",
        SOUND: bytes(range(256)) * 100,
    }.items():
        (work / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (work / "tree" / name).write_bytes(content)
    return work


@pytest.fixture(scope="module")
def server(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvinceServer]:
    with ProvinceServer(work, tmp_path_factory.mktemp("server") / "nginx") as server:
        yield server


def put(
    server: ProvinceServer, name: str, who: tuple[str, str] | None, content: bytes = b"{}", **more
) -> requests.Response:
    more.setdefault("verify", str(server.authority))
    return requests.put(f"{server.reports}{name}", content, auth=who, timeout=10, **more)


def test_nginx_takes_the_site(server: ProvinceServer) -> None:
    assert "test is successful" in server.verdict()
    assert "warn" not in server.verdict()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("metadata/timestamp.json", "no-cache"),
        ("metadata/1.root.json", "public, max-age=31536000, immutable"),
        ("metadata/2.root.json", "no-cache"),
        ("metadata/12.tinh.json", "public, max-age=31536000, immutable"),
        (SOUND, "public, max-age=31536000, immutable"),
    ],
)
def test_only_what_never_changes_may_be_kept(server: ProvinceServer, name: str, kept: str) -> None:
    assert requests.get(f"{server.plain_tree}{name}", timeout=10).headers["Cache-Control"] == kept


def test_metadata_is_compressed_and_asked_for_once(server: ProvinceServer) -> None:
    answer = requests.get(f"{server.plain_tree}metadata/12.tinh.json", timeout=10)
    assert answer.headers["Content-Encoding"] == "gzip"
    again = {"If-None-Match": answer.headers["ETag"]}
    assert requests.get(f"{server.plain_tree}metadata/12.tinh.json", headers=again, timeout=10).status_code == 304


def test_audio_is_resumed_where_it_broke(server: ProvinceServer, work: Path) -> None:
    whole = requests.get(f"{server.plain_tree}{SOUND}", timeout=10)
    assert (whole.headers["Content-Type"], "Content-Encoding" in whole.headers) == ("audio/ogg", False)
    rest = {"Range": "bytes=25000-", "If-Range": whole.headers["ETag"]}
    answer = requests.get(f"{server.plain_tree}{SOUND}", headers=rest, timeout=10)
    assert (answer.status_code, answer.content) == (206, (work / "tree" / SOUND).read_bytes()[25000:])


def test_nothing_else_of_the_folder_is_shown(server: ProvinceServer) -> None:
    for name in (
        "",
        "htpasswd",
        "metadata/",
        "targets/",
        "../htpasswd",
        "keys/timestamp.pem",
        "bao-cao/24169/a.json",
    ):
        assert requests.get(f"{server.plain_tree}{name}", timeout=10).status_code in {400, 403, 404}, name
    assert requests.put(f"{server.plain_tree}metadata/timestamp.json", b"x", timeout=10).status_code == 403


def test_a_commune_puts_its_own_reports_and_puts_them_again(server: ProvinceServer, work: Path) -> None:
    name = "24169/2026-11/2026-11-26.json"
    assert put(server, name, ("24169", "bi-mat")).status_code == 201
    assert put(server, name, ("24169", "bi-mat"), b"[1]").status_code == 204
    assert (work / "bao-cao" / name).read_bytes() == b"[1]"


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("24169/a.json", None, 401),
        ("24169/a.json", ("24169", "sai"), 401),
        ("24169/a.json", ("24172", "khac"), 403),
        ("24172/a.json", ("24169", "bi-mat"), 403),
        ("2416/a.json", ("24169", "bi-mat"), 403),
        ("24169", ("24169", "bi-mat"), 404),
        ("24169/.htaccess", ("24169", "bi-mat"), 404),
        ("24169/a/../../24172/a.json", ("24169", "bi-mat"), 403),
        ("24169/%2e%2e/24172/a.json", ("24169", "bi-mat"), 403),
    ],
)
def test_and_nobody_elses(
    server: ProvinceServer, work: Path, name: str, who: tuple[str, str] | None, status: int
) -> None:
    assert put(server, name, who).status_code == status
    assert not list((work / "bao-cao").rglob("a.json"))


def test_a_token_goes_by_https_only(server: ProvinceServer) -> None:
    address = f"{server.plain_tree}bao-cao/24169/a.json"
    assert requests.put(address, b"{}", auth=("24169", "bi-mat"), timeout=10).status_code == 403


def test_reports_are_small_and_few(server: ProvinceServer) -> None:
    assert put(server, "24169/gross.json", ("24169", "bi-mat"), bytes(3_000_000)).status_code == 413
    with requests.Session() as link:
        link.trust_env, link.verify, link.auth = False, str(server.authority), ("24172", "khac")
        answers = [link.put(f"{server.reports}24172/b.json", b"{}", timeout=10).status_code for _ in range(40)]
    assert answers[:20] == [201, *[204] * 19]
    assert 429 in answers
