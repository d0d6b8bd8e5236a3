"""The page as a process, and a person at its form, without a browser."""

import html
import re
from contextlib import suppress
from typing import Self

import requests

from tests.browsing import NAME, PASSWORD, RunningPage
from tests.running import RunningStation

_PATIENCE_S = 60


class Page:
    """A page whose person stays signed in over its restarts."""

    def __init__(self, station: RunningStation) -> None:
        self._station = station
        self._person = requests.Session()
        self._person.trust_env = False
        self._process = RunningPage(station)
        self._token = ""

    def __enter__(self) -> Self:
        self.start()
        self._post("/thiet-lap", code=self._process.code, name=NAME, password=PASSWORD)
        self._token = self._token_of("/thu-vien/them")
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start its process and wait until it answers."""
        self._process = RunningPage(self._station).__enter__()

    def kill(self) -> None:
        """End it by kill -9."""
        self._process.__exit__()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.alive

    @property
    def log(self) -> str:
        """What it wrote since it was started."""
        return self._process.log

    def listing(self) -> requests.Response:
        """Its list of the library."""
        return self._person.get(self._process.address + "/thu-vien/danh-sach", timeout=_PATIENCE_S)

    def upload(self, content: bytes, name: str, title: str = "") -> requests.Response | None:
        """Send the form of a new segment; none if the page died meanwhile."""
        with suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return self._person.post(
                self._process.address + "/thu-vien/them",
                data={"csrf_token": self._token, "title": title, "kind": "news"},
                files={"file": (name, content)},
                allow_redirects=False,
                timeout=_PATIENCE_S,
            )
        return None

    def _post(self, where: str, **fields: str) -> None:
        sent = {"csrf_token": self._token_of(where), **fields}
        self._person.post(self._process.address + where, data=sent, timeout=_PATIENCE_S).raise_for_status()

    def _token_of(self, where: str) -> str:
        form = self._person.get(self._process.address + where, timeout=_PATIENCE_S).text
        return re.search(r'name="csrf_token" value="([^"]+)"', form)[1]


def acknowledged(answer: requests.Response | None) -> bool:
    """Whether the person was told that it was received."""
    return answer is not None and answer.status_code in (201, 302)


def told(answer: requests.Response) -> str:
    """What a page that refuses tells in its note."""
    note = re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>|→|\s+", " ", note[1])).strip() if note else ""
