"""A person's browser as it speaks tus, without the browser."""

import base64
import re
import socket
from typing import Any

import requests
from flask.testing import FlaskClient

from tests.web.asking import token

PIECE = 1024 * 1024  # bytes, the most at once


class Sender:
    """Somebody signed in at `address`; what it sends has the session's token."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = requests.Session()

    def set_up(self, code: str, name: str) -> "Sender":
        """Become that person, with the one-time code."""
        fields = {"code": code, "name": name, "password": "mat khau dai", "csrf_token": self._read("/thiet-lap")}
        answer = self._session.post(f"{self.address}/thiet-lap", fields, allow_redirects=False, timeout=30)
        assert answer.status_code == 302, answer.text
        self.token = self._read("/thu-vien/them")
        return self

    def ask(self, method: str, place: str = "/tai-len/", body: bytes = b"", **headers: str) -> requests.Response:
        """One request; `upload_offset="3"` is the header Upload-Offset, and an empty value sends none."""
        usual = {"tus_resumable": "1.0.0", "x_csrftoken": self.token}
        sent = {name.replace("_", "-").title(): value for name, value in {**usual, **headers}.items() if value}
        return self._session.request(
            method, self.address + place, data=body, headers=sent, allow_redirects=False, timeout=30
        )

    def begin(self, length: int, **facts: str) -> str:
        """Begin an upload; gives its place."""
        answer = self.ask("POST", upload_length=str(length), upload_metadata=metadata(**facts))
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def send(self, place: str, piece: bytes, offset: int, **headers: str) -> requests.Response:
        """One piece."""
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", place, piece, content_type=kind, upload_offset=str(offset), **headers)

    def offset(self, place: str) -> int:
        """How far it is."""
        answer = self.ask("HEAD", place)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send_rest(self, place: str, content: bytes) -> str:
        """Send all that is missing; gives the segment."""
        offset, answer = self.offset(place), None
        while answer is None or not answer.headers.get("Upload-Segment"):
            answer = self.send(place, content[offset : offset + PIECE], offset)
            assert answer.status_code == 204, answer.text
            offset = int(answer.headers["Upload-Offset"])
        return answer.headers["Upload-Segment"]

    def tear(self, place: str, piece: bytes, offset: int, come: int) -> socket.socket:
        """A piece of which only `come` bytes leave; the link is open until it is closed."""
        cookies = "; ".join(f"{it.name}={it.value}" for it in self._session.cookies)
        head = (
            f"PATCH {place} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\nTus-Resumable: 1.0.0\r\n"
            f"X-CSRFToken: {self.token}\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Upload-Offset: {offset}\r\nContent-Length: {len(piece)}\r\n\r\n"
        )
        host, port = self.address.removeprefix("http://").split(":")
        link = socket.create_connection((host, int(port)))
        link.sendall(head.encode() + piece[:come])
        return link

    def get(self, place: str) -> str:
        """A page."""
        return self._session.get(self.address + place, timeout=30).text

    def _read(self, place: str) -> str:
        found: Any = re.search(r'name="csrf_token" value="([^"]+)"', self.get(place))
        return str(found[1])


def metadata(**facts: str) -> str:
    """`Upload-Metadata`; a bulletin called "Tin" unless something else is said."""
    told = {"filename": "tin.mp3", "title": "Tin", "kind": "news", **facts}
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())


def begin_here(client: FlaskClient, length: int) -> tuple[str, dict[str, str]]:
    """Begin an upload without a network; gives its place, and the headers of a first piece."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "X-CSRFToken": token(client, "/thu-vien/them"),
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "0",
    }
    told = {"Upload-Length": str(length), "Upload-Metadata": metadata()}
    answer = client.post("/tai-len/", headers={**headers, **told})
    assert answer.status_code == 201
    return answer.headers["Location"], headers
