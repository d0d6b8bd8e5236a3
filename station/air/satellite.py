"""A satellite: a Pi beside loudspeakers far from the station, which switches their amplifiers as the station says.

It listens on one port. A station that shares its secret says each second which amplifiers are to be on, in sealed
words (`rules/sealed.py`). The satellite answers each, and takes the next only within the lease after that: what was
kept back on its way is worth nothing. With no station, all is off.
"""

import logging
import secrets
import signal
import socket
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from station.air.amplifiers import ZonePin
from station.air.leased import LEASE, LeasedAmplifiers, Wish
from station.air.off import switch_off
from station.air.ports import Clock
from station.air.precedence import Precedence, take
from station.notify import Notifier
from station.rules.sealed import LONGEST, NONCE, Forged, opened, sealed, session
from station.stores.places import Places
from station.stores.satellites import own_secret

_TEND_EVERY = 0.1  # s
_STRANGERS = 16  # connections of which nobody knows yet whose they are

_log = logging.getLogger(__name__)


def run(where: Places, port: int, clock: Clock) -> None:
    """Be a satellite until SIGTERM or SIGINT; all amplifiers are off before and after."""
    for folder in (where.home, where.run):
        folder.mkdir(parents=True, exist_ok=True)
    for sentence in switch_off(where):
        _log.error("%s", sentence)
    over = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    amplifiers, systemd = LeasedAmplifiers(where, clock), Notifier()
    try:
        _Door(port, own_secret(where.home), amplifiers, clock)
        systemd.ready()
        take(Precedence.LOOP)
        while not over.wait(_TEND_EVERY):
            amplifiers.tend()
            systemd.feed(clock.now().mono)
    finally:
        systemd.stopping()
        amplifiers.close()


class _Door:
    """Lets in whoever comes, and listens to the one that proves to be the station; the newest is believed."""

    def __init__(self, port: int, secret: bytes, amplifiers: LeasedAmplifiers, clock: Clock) -> None:
        self._secret = secret
        self._amplifiers = amplifiers
        self._clock = clock
        self._lock = Lock()
        self._strangers: list[socket.socket] = []
        self._station: socket.socket | None = None
        both = socket.has_dualstack_ipv6()
        self._socket = (
            socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
            if both
            else socket.create_server(("", port))
        )
        Thread(target=self._let_in, name="door", daemon=True).start()

    def _let_in(self) -> None:
        pause = Event()  # never set: a wait
        while True:
            try:
                link, (address, *_) = self._socket.accept()
                self._make_room_for(link)
                Thread(target=self._serve, args=(link, address), daemon=True).start()
            except (OSError, RuntimeError):  # a flood, with too many files or threads at once
                pause.wait(_TEND_EVERY)

    def _make_room_for(self, link: socket.socket) -> None:
        with self._lock:
            self._strangers.append(link)
            if len(self._strangers) > _STRANGERS:
                _hang_up(self._strangers.pop(0))

    def _serve(self, link: socket.socket, address: str) -> None:
        with link, suppress(OSError):
            try:
                self._listen(link)
            except (Forged, ValueError, TypeError, KeyError):
                _log.warning("%s does not speak as the station; it was not obeyed", address)
            finally:
                self._forget(link)

    def _listen(self, link: socket.socket) -> None:
        link.settimeout(LEASE / 1000)
        ours, lines = secrets.token_bytes(NONCE), link.makefile("rb")
        link.sendall(ours.hex().encode() + b"\n")
        theirs = bytes.fromhex(lines.readline(LONGEST).decode())
        keys = session(self._secret, theirs, ours)
        number, asked_at = 0, self._clock.now().mono
        while line := lines.readline(LONGEST):
            said = opened(keys.station, number, line)
            if self._clock.now().mono - asked_at >= LEASE:
                return
            self._believe(link)
            link.sendall(sealed(keys.satellite, number, self._amplifiers.hold(_wish(said))))
            number, asked_at = number + 1, self._clock.now().mono

    def _believe(self, link: socket.socket) -> None:
        """It is the station; what was taken for it until now is a connection that it lost."""
        with self._lock:
            if self._station is link:
                return
            if self._station is not None:
                _hang_up(self._station)
            self._station = link
            self._strangers.remove(link)

    def _forget(self, link: socket.socket) -> None:
        with self._lock:
            if link in self._strangers:
                self._strangers.remove(link)
            if self._station is link:
                self._station = None


def _hang_up(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def _wish(said: dict[str, Any]) -> Wish:
    lines = tuple(ZonePin(**line) for line in said["lines"])
    longest = {line.name: int(said["longest"][line.name]) for line in lines}
    return Wish(lines, longest, frozenset(said["on"]))
