"""A server that answers as no server should: each answer is the bytes that a test gives, in pieces."""

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Self

Answer = Callable[[str, dict[str, str]], Iterable[bytes]]


def answer(content: bytes = b"", status: str = "200 OK", **head: str) -> bytes:
    """A whole answer; `Content_Length` and the like may be given, and are right otherwise."""
    told = {"Content_Length": str(len(content)), **head}
    lines = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in told.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content


class OddServer:
    """While entered, answers at `address`: `answers` gets the path and the head of each request."""

    def __init__(self, answers: Answer, context: ssl.SSLContext | None = None) -> None:
        self._answers, self._context = answers, context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http{'s' if context else ''}://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.asked: list[tuple[str, str]] = []  # path, and range

    def __enter__(self) -> Self:
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                Thread(target=self._talk, args=self._socket.accept()[:1], daemon=True).start()

    def _talk(self, link: socket.socket) -> None:
        with suppress(OSError, IndexError), link:
            link = self._context.wrap_socket(link, server_side=True) if self._context else link
            with link, link.makefile("rb") as lines:
                while request := lines.readline():
                    head = dict(_field(line) for line in iter(lines.readline, b"\r\n"))
                    path = request.decode("latin-1").split()[1]
                    self.asked.append((path, head.get("range", "")))
                    for piece in self._answers(path, head):
                        link.sendall(piece)


def _field(line: bytes) -> tuple[str, str]:
    key, _, value = line.decode("latin-1").partition(":")
    return key.lower(), value.strip()
