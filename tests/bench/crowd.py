"""Simulated stations at a broker: so many in one process as its table of open files holds.

    python -m tests.bench.crowd PORT AUTHORITY FIRST COUNT PUBLIC_KEY

Each is a connection of its own, by TLS, that speaks MQTT 5, with its commune's account, a last will and its
subscriptions, and comes back by the same patience as a true one. What comes it judges by the program's own code. On
standard output: a line of JSON whenever all are connected (`{"connected": COUNT}`), and one a message once all have
judged it (`{"arrived": [...], "decided": [...], "cost": s of processor for one decision}`, mono ns).
"""

import heapq
import itertools
import json
import random
import selectors
import socket
import ssl
import struct
import sys
from collections import defaultdict, deque
from collections.abc import Iterator

from attrs import define, field
from securesystemslib.signer import Key

from station.clock import Clock
from station.rules.alerting.alert import Severity
from station.rules.alerting.cap import read_cap
from station.rules.alerting.envelope import unseal
from station.rules.alerting.judging import check
from station.rules.alerting.policy import Decision, decide
from station.rules.alerting.sender import Sender
from station.rules.alerting.ways import OFF, alert_topics, link_topic
from station.rules.hours import HANOI, Hours
from tests.rig.waiting import mono_ns

KEEPALIVE = 120  # s
_PING = 50  # s
_PATIENCE = 20  # s, until it is let in
_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
_CLEAN_WITH_WILL_AND_PASSWORD = 0xEE
_QOS_1 = 1
_BUFFER = 1 << 16
_GROUPS = frozenset({"tinh"})
_HOURS = Hours((), HANOI)


def account(number: int) -> tuple[str, str]:
    """The code and the token of a simulated commune."""
    return f"{number:05}", f"token-{number:05}"


@define
class _Station:
    """One of them, and what came of a packet so far."""

    number: int
    link: socket.socket | None = None
    secure: bool = False
    tried: int = 0
    failures: int = 0
    subscribed: bool = False
    rest: bytes = field(default=b"", repr=False)


class Crowd:
    """The stations `first` to `first + count`, at a broker on a port of the loopback address."""

    def __init__(self, port: int, trusted: ssl.SSLContext, first: int, count: int, sender: Sender) -> None:
        self._port, self._trusted, self._count, self._sender = port, trusted, count, sender
        self._stations = [_Station(number) for number in range(first, first + count)]
        self._ready = selectors.DefaultSelector()
        self._later: list[tuple[int, int, _Station]] = []  # when which is to connect or to ping
        self._order = itertools.count()
        self._arrived: dict[bytes, list[int]] = defaultdict(list)
        self._decided: dict[bytes, list[int]] = defaultdict(list)
        self._unjudged: deque[bytes] = deque()
        self._judging = 0
        self._subscribed = 0

    def run(self) -> None:
        """Connect all, spread over a few seconds, and go on for ever."""
        for place, station in enumerate(self._stations):
            self._at(mono_ns() + place * 1_000_000, station)
        while True:
            self._do_what_is_due()
            due = self._later[0][0] if self._later else mono_ns() + 10**9
            found = self._ready.select(0 if self._unjudged else max(0, due - mono_ns()) / 1e9)
            for key, _ in found:
                self._unjudged.extend(self._read(key.data))
            if not found and self._unjudged:  # a station of its own has nobody else's messages to read
                self._judge(self._unjudged.popleft())

    def _do_what_is_due(self) -> None:
        while self._later and self._later[0][0] <= mono_ns():
            _, _, station = heapq.heappop(self._later)
            if station.link is None:
                self._connect(station)
                self._at(mono_ns() + _PATIENCE * 10**9, station)
            elif station.subscribed:
                self._send(station, b"\xc0\x00")
                self._at(mono_ns() + _PING * 10**9, station)
            elif mono_ns() - station.tried >= _PATIENCE * 10**9:
                self._lose(station)

    def _at(self, when: int, station: _Station) -> None:
        heapq.heappush(self._later, (when, next(self._order), station))

    def _connect(self, station: _Station) -> None:
        station.tried = mono_ns()
        station.link = link = socket.socket()
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.connect_ex(("127.0.0.1", self._port))
        self._ready.register(link, selectors.EVENT_WRITE, station)

    def _lose(self, station: _Station) -> None:
        """Come back by the patience of `station/alerts/push.py`."""
        assert station.link
        self._ready.unregister(station.link)
        station.link.close()
        if station.subscribed:
            self._subscribed -= 1
        station.link, station.rest, station.secure, station.subscribed = None, b"", False, False
        longest = min(30.0, 4.0 * 2**station.failures)
        station.failures += 1
        self._at(mono_ns() + round(random.uniform(1.0, longest) * 1e9), station)

    def _send(self, station: _Station, packet: bytes) -> None:
        assert station.link
        try:
            station.link.sendall(packet)  # small, and the only one on its way
        except OSError:
            self._lose(station)

    def _read(self, station: _Station) -> Iterator[bytes]:
        """What was published to a station; all else is answered."""
        if station.link is None:
            return
        try:
            if not station.secure:
                self._introduce(station, station.link)
                return
            came = station.link.recv(_BUFFER)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            came = b""
        if not came:
            self._lose(station)
            return
        at, station.rest = mono_ns(), station.rest + came
        for kind, body in _packets(station):
            if kind & 0xF0 == _PUBLISH:
                number, content = _published(kind, body)
                self._arrived[content].append(at)
                yield content
                if number:
                    self._send(station, struct.pack("!BBH", _PUBACK, 2, number))
            elif kind == _CONNACK:
                assert body[1] == 0, f"refused with reason {body[1]}"
                self._send(station, _subscribe(station.number))
            elif kind == _SUBACK:
                station.failures, station.subscribed = 0, True
                self._subscribed += 1
                if self._subscribed == self._count:
                    _tell(connected=self._count)

    def _introduce(self, station: _Station, link: socket.socket) -> None:
        """Shake hands, a step further each time, and say who it is."""
        if not isinstance(link, ssl.SSLSocket):
            if link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise ConnectionError
            self._ready.unregister(link)
            options = {"server_hostname": "127.0.0.1", "do_handshake_on_connect": False}
            station.link = link = self._trusted.wrap_socket(link, **options)
            self._ready.register(link, selectors.EVENT_READ, station)
        link.do_handshake()
        station.secure = True
        self._send(station, _connect(station.number))

    def _judge(self, content: bytes) -> None:
        """Believe it or not, as a true station does."""
        begun = mono_ns()
        sender, xml = unseal(content, [self._sender])
        alert, now = read_cap(xml), Clock(always_trusted=True).now()
        check(alert, sender, _GROUPS, now, newest=0)
        assert decide(alert, sender.name, (), _HOURS, now)[0] is Decision.AIR
        decided = self._decided[content]
        decided.append(mono_ns())
        self._judging += decided[-1] - begun
        if len(decided) == self._count:
            cost, self._judging = self._judging / self._count / 1e9, 0
            _tell(arrived=self._arrived.pop(content), decided=self._decided.pop(content), cost=cost)


def _packets(station: _Station) -> Iterator[tuple[int, bytes]]:
    """The whole packets of what came."""
    while len(station.rest) > 1:
        length, begin = _varied(station.rest, 1)
        if begin == 0 or len(station.rest) < begin + length:
            return
        kind, body = station.rest[0], station.rest[begin : begin + length]
        station.rest = station.rest[begin + length :]
        yield kind, body


def _varied(content: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer, and where it ends (0 if it is not whole)."""
    value, shift = 0, 0
    while at < len(content):
        value |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            return value, at
    return 0, 0


def _published(kind: int, body: bytes) -> tuple[int, bytes]:
    """The number by which a message is acknowledged (0: it is not), and what it says."""
    at = 2 + int.from_bytes(body[:2], "big")
    number = 0
    if kind >> 1 & 3:
        number, at = int.from_bytes(body[at : at + 2], "big"), at + 2
    properties, at = _varied(body, at)
    return number, body[at + properties :]


def _packet(kind: int, body: bytes) -> bytes:
    length, written = len(body), b""
    while True:
        length, digit = divmod(length, 0x80)
        written += bytes([digit | 0x80 if length else digit])
        if not length:
            return bytes([kind]) + written + body


def _text(words: str | bytes) -> bytes:
    content = words.encode() if isinstance(words, str) else words
    return struct.pack("!H", len(content)) + content


def _connect(number: int) -> bytes:
    code, token = account(number)
    head = _text("MQTT") + struct.pack("!BBHB", 5, _CLEAN_WITH_WILL_AND_PASSWORD, KEEPALIVE, 0)
    will = b"\0" + _text(link_topic(code)) + _text(OFF)
    return _packet(_CONNECT, head + _text(f"dai-{code}") + will + _text(code) + _text(token))


def _subscribe(number: int) -> bytes:
    topics = alert_topics(("tinh", f"xa-{account(number)[0]}"))
    return _packet(_SUBSCRIBE, struct.pack("!HB", 1, 0) + b"".join(_text(it) + bytes([_QOS_1]) for it in topics))


def _tell(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Be so many stations until killed."""
    port, authority, first, count, public = sys.argv[1:]
    told = json.loads(public)
    sender = Sender("pctt", "PCTT", Key.from_dict(told["keyid"], told["key"]), Severity.EXTREME)
    Crowd(int(port), ssl.create_default_context(cafile=authority), int(first), int(count), sender).run()


if __name__ == "__main__":
    main()
