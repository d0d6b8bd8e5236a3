"""Words to systemd: that a process is ready, that it still works, that it ends (sd_notify(3))."""

import os
import socket
from contextlib import suppress

FEED_EVERY = 2_000  # ms; a unit's WatchdogSec is several times that


class Notifier:
    """Tells the socket that systemd named, or nobody; it never raises."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._fed_at: int | None = None

    @property
    def listens(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._address)

    def ready(self) -> None:
        """All is up."""
        self._tell("READY=1")

    def feed(self, mono: int) -> None:
        """It worked at mono ms `mono`; told every two seconds at most."""
        if self._fed_at is None or mono - self._fed_at >= FEED_EVERY:
            self._fed_at = mono
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends, as it was told to."""
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
            link.setblocking(False)  # noqa: FBT003 - a full queue must not hold anything up
            link.sendto(word.encode(), self._address)
