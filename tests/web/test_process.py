"""The page as the process that it is: what it prints, where uploads wait, what it keeps."""

import http.client
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.clock import Clock
from station.desk.people import end_session, new_setup_code, session_of, set_up
from station.stores.home import open_home, places
from tests.browsing import RunningPage
from tests.rig.waiting import wait_until
from tests.running import RunningStation
from web.watching import STREAMS

SENT = bytes(2_000_000)


@pytest.fixture
def page(tmp_path: Path):
    with RunningPage(RunningStation(tmp_path, device="none")) as page:
        yield page


def head(length: str, cookie: str = "") -> bytes:
    return f"POST /thu-vien/them HTTP/1.1\r\nHost: x\r\nCookie: phien={cookie}\r\n{length}\r\n\r\n".encode()


def signed_in(home: Path) -> str:
    """The token of somebody's session."""
    opened, now = open_home(places(home)), Clock().now().wall
    return set_up(opened, code=new_setup_code(opened, now=now), name="Lan", password="mat khau dai", now=now)


def test_an_upload_waits_on_the_data_partition(page: RunningPage, tmp_path: Path):
    cookie = signed_in(tmp_path / "home")
    with socket.create_connection(page.place) as phone:
        phone.sendall(head(f"Content-Length: {2 * len(SENT)}", cookie) + SENT)
        wait_until(lambda: str(tmp_path / "home" / "uploads") in page.open_files())


@pytest.mark.parametrize("length", ["Content-Length: 500000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("cookie", ["", "nobody-s"])
def test_a_stranger_s_upload_is_refused_by_its_head(page: RunningPage, tmp_path: Path, length: str, cookie: str):
    with socket.create_connection(page.place, timeout=10) as phone:
        phone.sendall(head(length, cookie))
        answer = b"".join(iter(lambda: phone.recv(65536), b"")).decode()  # until it is closed
    assert answer.startswith("HTTP/1.1 401 ")
    assert "Chưa đăng nhập nên tệp không được nhận" in answer
    assert str(tmp_path / "home" / "uploads") not in page.open_files()


def test_a_session_that_ended_sends_nothing_large_any_more(page: RunningPage, tmp_path: Path):
    cookie, home = signed_in(tmp_path / "home"), open_home(places(tmp_path / "home"))
    session = session_of(home, token=cookie, now=Clock().now().wall)
    assert session
    end_session(home, session.key, by="Lan", now=Clock().now().wall)
    with socket.create_connection(page.place, timeout=10) as phone:
        phone.sendall(head("Content-Length: 2000000", cookie))
        assert phone.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_the_code_is_for_who_sees_the_terminal_and_the_key_for_nobody(page: RunningPage, tmp_path: Path):
    assert len(page.code) == len("XXXX-XXXX-XXXX")
    key = tmp_path / "home" / "page.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32


def test_a_port_that_is_taken_is_told_in_a_sentence(page: RunningPage, tmp_path: Path):
    command = [sys.executable, "-m", "web", "--home", tmp_path / "home", "--host", "127.0.0.1"]
    second = subprocess.run(
        [*command, "--port", str(page.place[1])], capture_output=True, text=True, check=False, timeout=30
    )
    assert second.returncode == 1
    assert "Không mở được" in second.stderr
    assert "Chọn cổng khác bằng --port" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_page_never_loads_playout():
    command = [sys.executable, "-c", "import sys, web; print(*sys.modules)"]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "station.desk.orders" in modules
    assert not {"vlc", "gpiozero", "lgpio", "apscheduler", "station.air", "station.service"} & set(modules)


def test_when_every_stream_is_taken_the_page_still_answers(page: RunningPage):
    with ExitStack() as phones:
        cookie = page.cookie()
        for _ in range(STREAMS):
            link = phones.enter_context(socket.create_connection(page.place, timeout=20))
            link.sendall(f"GET /tinh-hinh/lien-tuc HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            assert link.recv(1024).startswith(b"HTTP/1.1 200")
        assert asked(page, "/", cookie).status == 200
        assert asked(page, "/tinh-hinh/lien-tuc", cookie).status == 204
    wait_until(lambda: asked(page, "/tinh-hinh/lien-tuc", cookie).status == 200, 20)


def asked(page: RunningPage, path: str, cookie: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(*page.place, timeout=20)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    connection.close()
    return response
