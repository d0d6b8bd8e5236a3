"""The station's side of its satellites, and all its amplifiers as one: those of its own pins and those far away.

The loop never waits for the network: a thread a satellite says each second what is wanted, and at once when that
changes.
"""

import logging
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import attrs

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.air.ports import Fault
from station.rules.sealed import LONGEST, NONCE, Forged, opened, sealed, session
from station.rules.step.events import AmplifierReported, ZoneFailed, ZoneMended
from station.rules.step.events import Event as Happening
from station.stores.satellites import PORT, shared_secret

_EVERY = 1.0  # s
_ANSWERS_WITHIN = 1.5  # s: with `_EVERY` less than the satellite's lease
_LAST_WORD_WITHIN = 1.0  # s

_log = logging.getLogger(__name__)

Post = Callable[[Happening], None]


class Satellite:
    """The zones of one satellite; `longest` in ms. Nothing here waits but its thread."""

    def __init__(self, pi: str, lines: tuple[ZonePin, ...], longest: Mapping[str, int], secrets_in: Path) -> None:
        self._pi = pi
        self._lines = lines
        self._longest = dict(longest)
        self._secrets_in = secrets_in
        self._lock = Lock()
        self._on: set[str] = set()
        self._away = ""  # why it cannot be reached, once that is known
        self._wrong: dict[str, str] = {}  # what it says is wrong with its zones
        self._failed: dict[str, str] = {}  # what the loop was told, until it is over
        self._up: dict[str, bool] = {}
        self._changed, self._over = Event(), Event()
        self._thread: Thread | None = None
        self._post: Post = lambda _: None

    @property
    def zones(self) -> frozenset[str]:
        """The names of its zones."""
        return frozenset(line.name for line in self._lines)

    @property
    def faults(self) -> Mapping[str, str]:
        """Its zones that cannot be switched now, each with a sentence."""
        with self._lock:
            return dict.fromkeys(self.zones, self._away) if self._away else dict(self._wrong)

    def begin(self, post: Post) -> None:
        """Keep in touch from now on; what fails and what is over is posted."""
        self._post = post
        self._thread = Thread(target=self._run, name=f"satellite {self._pi}", daemon=True)
        self._thread.start()

    def switch(self, zone: str, *, on: bool) -> None:
        """Want it so; raises `Fault` when the satellite is known to be out of reach."""
        with self._lock:
            if not on:
                self._on.discard(zone)
            elif self._away:
                self._failed[zone] = self._away
                raise Fault(self._away)
            else:
                self._failed.pop(zone, None)
                self._on.add(zone)
        self._changed.set()

    def close(self) -> None:
        """Want all off, and say so if it can be said soon."""
        with self._lock:
            self._on.clear()
        self._over.set()
        self._changed.set()
        if self._thread:
            self._thread.join(_LAST_WORD_WITHIN)

    def _run(self) -> None:
        while not self._over.is_set():
            self._try_to_talk()
            self._over.wait(_EVERY)

    def _try_to_talk(self) -> None:
        try:
            secret = shared_secret(self._secrets_in, self._pi)
            if secret is None:
                self._lose(f"Đài chưa ghép với máy “{self._pi}”.")
                return
            with closing(self._reached()) as link:
                self._talk(link, secret)
        except (Forged, ValueError, KeyError):
            self._lose(f"Máy “{self._pi}” không nhận lời đài: hai máy chưa ghép đúng với nhau.")
        except OSError:
            self._lose(f"Không liên lạc được với máy “{self._pi}”.")
        except Exception:  # noqa: BLE001 - whatever it is, its zones are not switched, and that must be told
            _log.exception("talking to %s failed", self._pi)
            self._lose(f"Không liên lạc được với máy “{self._pi}”.")

    def _reached(self) -> socket.socket:
        host, _, port = self._pi.partition(":")
        return socket.create_connection((host, int(port or PORT)), _ANSWERS_WITHIN)

    def _talk(self, link: socket.socket, secret: bytes) -> None:
        """Say what is wanted, again and again, until the last word was answered."""
        lines, ours = link.makefile("rb"), secrets.token_bytes(NONCE)
        theirs = bytes.fromhex(_line(lines).decode())
        link.sendall(ours.hex().encode() + b"\n")
        keys, number, last = session(secret, ours, theirs), 0, False
        while not last:
            self._changed.clear()
            last = self._over.is_set()
            link.sendall(sealed(keys.station, number, self._wanted()))
            answer = _line(lines) if number else lines.readline(LONGEST)  # it hangs up on whom it does not know
            self._hear(opened(keys.satellite, number, answer))
            number += 1
            if not last:
                self._changed.wait(_EVERY)

    def _wanted(self) -> dict[str, Any]:
        with self._lock:
            lines = [attrs.asdict(line) for line in self._lines]
            return {"lines": lines, "longest": self._longest, "on": sorted(self._on)}

    def _hear(self, said: dict[str, Any]) -> None:
        """It is there, and says how its zones are."""
        with self._lock:
            self._away = ""
            self._wrong = {zone: f"Máy “{self._pi}”: {why}" for zone, why in said["faults"].items()}
            over = [it for it in self._failed.items() if it[0] not in self._wrong]
            failing = [it for it in self._wrong.items() if it[0] in self._on and it[0] not in self._failed]
            self._failed = {zone: why for zone, why in self._failed.items() if zone in self._wrong} | dict(failing)
            news = {zone: up for zone, up in said["up"].items() if self._up.get(zone) != up}
            self._up.update(news)
        self._tell(over, failing, news)

    def _lose(self, why: str) -> None:
        """It is out of reach, so that its amplifiers go off by themselves."""
        with self._lock:
            if self._away:
                self._away = why
                return
            self._away = why
            failing = [(zone, why) for zone in sorted(self._on) if zone not in self._failed]
            self._failed.update(failing)
            news = {zone: False for zone, up in self._up.items() if up}
            self._up.update(news)
        self._tell([], failing, news)

    def _tell(self, over: list[tuple[str, str]], failing: list[tuple[str, str]], news: dict[str, bool]) -> None:
        for zone, why in over:
            self._post(ZoneMended(zone, why))
        for zone, why in failing:
            self._post(ZoneFailed(zone, why))
        for zone, up in news.items():
            self._post(AmplifierReported(zone, up))


def _line(lines: Any) -> bytes:
    line: bytes = lines.readline(LONGEST)
    if not line:
        raise ConnectionResetError
    return line


class AllAmplifiers:
    """Every amplifier of the station, wherever it is."""

    def __init__(self, near: GpioAmplifiers, satellites: tuple[Satellite, ...]) -> None:
        self._near = near
        self._satellites = satellites
        self._far = {zone: satellite for satellite in satellites for zone in satellite.zones}

    @property
    def simulated(self) -> bool:
        """Whether no zone has a pin anywhere."""
        return self._near.simulated and not self._far

    @property
    def faults(self) -> Mapping[str, str]:
        """The zones that cannot be switched now, each with a sentence."""
        far = [satellite.faults for satellite in self._satellites]
        return {zone: why for faults in (self._near.faults, *far) for zone, why in faults.items()}

    def begin(self, post: Post) -> None:
        """Keep in touch with the satellites, and post what amplifiers say of themselves."""
        self._near.watch(lambda zone, up: post(AmplifierReported(zone, up)))
        for satellite in self._satellites:
            satellite.begin(post)

    def switch(self, zone: str, on: bool) -> None:  # noqa: FBT001 - a switch is on or off
        """Switch one zone; raises `Fault` when that cannot be."""
        if satellite := self._far.get(zone):
            satellite.switch(zone, on=on)
        else:
            self._near.switch(zone, on)

    def close(self) -> None:
        """Switch all off."""
        self._near.close()
        for satellite in self._satellites:
            satellite.close()
