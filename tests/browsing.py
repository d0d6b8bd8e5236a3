"""The page as a real process, and a real browser to use it."""

import http.client
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page

from tests.rig.waiting import wait_until
from tests.running import RunningStation

# Without these Chromium looks for hosts of its maker, which a station has no way to.
CHROMIUM: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
NAME, PASSWORD = "Nguyễn Thị Lan", "mat khau thu nghiem"


class RunningPage:
    """`station web` of a station, on a free port; `with` it, it is ended by its own process id."""

    def __init__(self, station: RunningStation) -> None:
        self._station = station
        self._log = station.home.parent / "page.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:  # anew at each start: its address changes
            command = [
                *self._station.before,
                sys.executable,
                "-m",
                "web",
                "--home",
                self._station.home,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
            ]
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"}
            )
        wait_until(lambda: self._found(r"Trang điều khiển: (\S+)"), 30)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    @property
    def address(self) -> str:
        return self._found(r"Trang điều khiển: (\S+)").rstrip("/")

    @property
    def code(self) -> str:
        return self._found(r"Mã thiết lập: (\S+)")

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""
        url = urlsplit(self.address)
        return str(url.hostname), int(url.port or 0)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What it wrote since it was started."""
        return self._log.read_text()

    def open_files(self) -> str:
        """What its process holds open; a file that has no name any more counts too."""
        assert self._process
        held = []
        for descriptor in Path(f"/proc/{self._process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                held.append(str(descriptor.readlink()))
        return "\n".join(held)

    def set_up(self, page: Page) -> None:
        """Set up the first person with the code that the terminal shows."""
        page.goto(self.address)
        page.get_by_label("Mã thiết lập").fill(self.code)
        page.get_by_label("Tên của bạn").fill(NAME)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Bắt đầu").click()
        page.wait_for_url(f"{self.address}/")

    def cookie(self) -> str:
        """The cookie of the first person, who is set up here without a browser."""
        connection = http.client.HTTPConnection(*self.place, timeout=20)
        connection.request("GET", "/thiet-lap")
        first = connection.getresponse()
        found = re.search(r'name="csrf_token" value="([^"]+)"', first.read().decode())
        assert found
        form = {"csrf_token": found[1], "code": self.code, "name": NAME, "password": PASSWORD}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": str(first.headers["Set-Cookie"]).partition(";")[0],
        }
        connection.request("POST", "/thiet-lap", urlencode(form), headers)
        answer = connection.getresponse()
        connection.close()
        return str(answer.headers["Set-Cookie"]).partition(";")[0]

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.log)
        return found[1] if found else ""
