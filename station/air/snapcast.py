"""Snapcast's control: what its server on this machine says of itself, and the muting of all that it feeds.

JSON-RPC 2.0, one object a line, as Snapcast documents it (doc/json_rpc_api/control.md).
"""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from station.audio.wav import SAMPLES_PER_MS

PORT = 1705
LOOPBACK = "127.0.0.1"
_ANSWERS_WITHIN = 1.0  # s
_FORMAT = f"{SAMPLES_PER_MS * 1000}:16:1"  # ours: tapes are sent as they are
_USUAL_SOURCE = 4953


class Unreachable(Exception):  # noqa: N818 - what it is
    """The server does not run, does not answer, or is set up otherwise; the message is a Vietnamese sentence."""


@frozen
class Listener:
    """A client: the machine that it runs on, and whether sound reaches its output now."""

    name: str
    connected: bool
    muted: bool


@frozen
class Served:
    """What the server is: where it takes the sound, in chunks of `chunk` ms, its groups, and who listens."""

    source: int
    chunk: int
    groups: tuple[str, ...]
    muted: bool
    listeners: tuple[Listener, ...]

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return any(it.connected for it in self.listeners)


def control_port(device: str) -> int | None:
    """The port that the setting `snapcast` or `snapcast:PORT` names; None when it names something else."""
    kind, _, port = device.partition(":")
    return int(port or PORT) if kind == "snapcast" else None


class Control:
    """A connection to the server's control port, opened when it is needed; raises `Unreachable`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._link: socket.socket | None = None
        self._lines: Any = None
        self._asked = 0

    def served(self) -> Served:
        """Ask the server for what it is."""
        told = self._ask("Server.GetStatus")
        try:
            return _served(told["server"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unreachable("Máy chủ Snapcast chưa được cài đặt theo tệp snapserver.conf của đài.") from error

    def mute(self, groups: tuple[str, ...], *, muted: bool) -> None:
        """Silence all clients at once, or let them be heard again."""
        for group in groups:
            self._ask("Group.SetMute", id=group, mute=muted)

    def close(self) -> None:
        """Let go of the connection."""
        if self._link is not None:
            self._lines.close()
            self._link.close()
            self._link = None

    def _ask(self, method: str, **params: Any) -> Any:
        try:
            return self._answered(method, params)
        except (OSError, ValueError, KeyError) as error:
            self.close()
            raise Unreachable("Máy chủ Snapcast của máy này không trả lời.") from error

    def _answered(self, method: str, params: dict[str, Any]) -> Any:
        if self._link is None:
            self._link = socket.create_connection((LOOPBACK, self._port), _ANSWERS_WITHIN)
            self._lines = self._link.makefile("rb")
        self._asked += 1
        order = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}
        self._link.sendall(json.dumps(order).encode() + b"\r\n")
        while True:  # the server also tells what happens
            said = json.loads(self._lines.readline())
            if said.get("id") == self._asked:
                return said["result"]


def _served(server: dict[str, Any]) -> Served:
    uris = [stream["uri"] for stream in server["streams"] if stream["uri"]["scheme"] == "tcp"]
    if not uris or uris[0]["query"]["sampleformat"] != _FORMAT:
        raise ValueError
    clients = [client for group in server["groups"] for client in group["clients"]]
    return Served(
        source=urlsplit(f"//{uris[0]['host']}").port or _USUAL_SOURCE,
        chunk=int(uris[0]["query"]["chunk_ms"]),
        groups=tuple(group["id"] for group in server["groups"]),
        muted=any(group["muted"] for group in server["groups"]),
        listeners=tuple(map(_listener, clients)),
    )


def _listener(client: dict[str, Any]) -> Listener:
    config = client["config"]
    volume = config["volume"]
    return Listener(
        name=config["name"] or client["host"]["name"] or client["id"],
        connected=client["connected"],
        muted=volume["muted"] or not volume["percent"],
    )
