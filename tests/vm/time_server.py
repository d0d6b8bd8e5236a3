"""A server of time for an emulated Pi: the least that SNTP asks for (RFC 4330), on this machine's own clock."""

import socket
import struct
from threading import Thread
from typing import Self

from tests.rig.waiting import wall_ms

_PORT = 123  # systemd-timesyncd asks at no other
_TO_UNIX = 2_208_988_800  # s from 1900 to 1970
_SERVER, _STRATUM = 0x24, 1  # no leap second, version 4, a server


class TimeServer:
    """Answers while entered; the machine reaches it at 10.0.2.2."""

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", _PORT))
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", _PORT))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while asked := self._socket.recvfrom(512):
            question, whom = asked
            if not question:
                return
            now = _stamp()
            head = struct.pack(">BBbbII4s", _SERVER, _STRATUM, 6, -20, 0, 0, b"RIG\0")
            self._socket.sendto(head + now + question[40:48] + now + _stamp(), whom)


def _stamp() -> bytes:
    seconds = wall_ms() / 1e3 + _TO_UNIX
    return struct.pack(">II", int(seconds), int(seconds % 1 * (1 << 32)))
