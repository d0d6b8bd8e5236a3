"""The page as the process that it is: what it prints, where uploads wait, what it keeps."""

import http.client
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browsing import RunningPage
from tests.rig.waiting import wait_until
from tests.running import RunningStation
from web.watching import STREAMS

SENT = bytes(2_000_000)


@pytest.fixture
def page(tmp_path: Path):
    with RunningPage(RunningStation(tmp_path, device="none")) as page:
        yield page


def test_an_upload_waits_on_the_data_partition(page: RunningPage, tmp_path: Path):
    head = f"POST /thu-vien/them HTTP/1.1\r\nHost: x\r\nContent-Length: {2 * len(SENT)}\r\n\r\n"
    with socket.create_connection(page.place) as phone:
        phone.sendall(head.encode() + SENT)
        wait_until(lambda: str(tmp_path / "home" / "uploads") in page.open_files())


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
