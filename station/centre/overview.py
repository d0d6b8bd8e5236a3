"""What all stations said last, as it comes from the broker: one thread tells, others look."""

import threading
from collections import Counter
from collections.abc import Mapping

from attrs import evolve

from station.rules.alerting.ways import said_by
from station.rules.now import SECOND
from station.rules.overview import (
    Connection,
    Garbled,
    InForce,
    Picture,
    Row,
    read_answered,
    read_link,
    read_told,
)

_MOST_ANSWERS = 20  # of a station: the oldest make room, so that nobody fills the memory
_ID = 16  # hex digits of an alert
_ALL_TOLD = 5 * SECOND  # in which nothing more came of what the broker retained


class Overview:
    """The stations of `communes` (names by code); instants are wall ms.

    While the broker is not there, whether a station is there is not known. What it retained comes anew with each
    connection: who is not among it is gone, once nothing more comes.
    """

    def __init__(self, communes: Mapping[str, str], now: int) -> None:
        self._lock = threading.Lock()
        self._rows = {code: Row(code, name) for code, name in communes.items()}
        self._broker = Connection(up=False, since=now)
        self._retained_at = now
        self._there: set[str] = set()  # who said in this connection whether they are
        self._messages, self._garbled = 0, Counter[str]()
        self._changes = 0

    @property
    def changes(self) -> int:
        """How often anything of it changed."""
        with self._lock:
            return self._changes

    def know(self, communes: Mapping[str, str]) -> None:
        """Take these for the province's communes from now on."""
        with self._lock:
            self._rows = {
                code: evolve(self._rows.get(code, Row(code, name)), name=name) for code, name in communes.items()
            }
            self._there &= communes.keys()
            self._changes += 1

    def connect(self, *, up: bool, now: int) -> None:
        """The broker came or went."""
        with self._lock:
            if up or self._broker.up:
                self._broker = Connection(up, now)
                self._there.clear()
                self._changes += 1

    def take(self, topic: str, content: bytes, now: int, *, retained: bool) -> None:
        """Take what somebody said at the broker, whatever it is."""
        with self._lock:
            self._messages += 1
            self._changes += 1
            self._retained_at = now if retained else self._retained_at
            said = said_by(topic)
            if said is None or said[0] not in self._rows:
                self._garbled["topic" if said is None else "stranger"] += 1
                return
            code, about = said
            try:
                self._rows[code] = _heard(self._rows[code], about, content, now, retained=retained)
            except Garbled:
                self._garbled["content"] += 1
            else:
                self._there |= {code} if about == ("link",) else set()

    def picture(self, alerts: tuple[InForce, ...], now: int) -> Picture:
        """All of it as it is now."""
        with self._lock:
            settled = self._broker.up and now - max(self._broker.since, self._retained_at) >= _ALL_TOLD
            return Picture(
                at=now,
                broker=self._broker,
                rows=tuple(self._seen(row, settled=settled) for row in self._rows.values()),
                alerts=alerts,
                messages=self._messages,
                garbled=dict(self._garbled),
            )

    def _seen(self, row: Row, *, settled: bool) -> Row:
        if row.code in self._there:
            return row
        return evolve(row, up=False if settled else None, since=row.since if settled and not row.up else None)


def _heard(row: Row, about: tuple[str, ...], content: bytes, now: int, *, retained: bool) -> Row:
    """A station as it is after it said something. Raises `Garbled`."""
    match about:
        case ("link",):
            return _linked(row, now, up=bool(content) and read_link(content), retained=retained)
        case ("status",):
            told = read_told(content) if content else None
            return evolve(row, told=told, seen=min(told.at, now) if retained and told else now)
        case (_, alert) if len(alert) == _ID:
            others = [(id_, it) for id_, it in row.answers.items() if id_ != alert]
            answers = [*others, (alert, read_answered(content))] if content else others
            return evolve(row, answers=dict(answers[-_MOST_ANSWERS:]), seen=row.seen if retained else now)
    raise Garbled("no alert is called so")


def _linked(row: Row, now: int, *, up: bool, retained: bool) -> Row:
    """What is retained was so before: since when, only who saw it change knows."""
    unseen = row.up is None and retained
    return evolve(
        row,
        up=up,
        since=row.since if up is row.up else None if unseen else now,
        seen=row.seen if retained or not up else now,
    )
