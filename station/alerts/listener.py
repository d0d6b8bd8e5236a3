"""The listener: hears of the province's alerts by every way that there is, and says what became of them.

It runs in a process of its own (`station listen`), which may be killed: nothing here is worth saving.
"""

import logging
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from station.alerts.believed import Believed, believed
from station.alerts.feeds import Feeds
from station.alerts.inbox import Inbox, Verdict
from station.alerts.intake import Intake
from station.alerts.nudges import Nudges
from station.alerts.polling import Polling
from station.alerts.presence import Presence
from station.clock import Clock
from station.rules.alerting.sender import Push
from station.rules.enrolment import Enrolment
from station.rules.now import MINUTE
from station.rules.trouble import Trouble
from station.stores.enrolment import load_enrolment
from station.stores.home import Home
from station.stores.listening import Listening, ListeningFile

if TYPE_CHECKING:
    from station.alerts.push import Line

_LOOK_S = 3.0  # after which files are looked at again
_NO_CLIENT = Trouble(
    "Cảnh báo",
    "Máy chưa cài phần nhận tin khẩn tức thì (paho-mqtt).",
    "Tin khẩn vẫn tới bằng cách hỏi máy chủ mỗi phút; chương trình vẫn phát.",
    "Chạy lại ./install.sh để cài phần còn thiếu.",
)

_log = logging.getLogger(__name__)


@frozen
class _Grounds:
    """All that decides how is listened; where any of it is another one, all that is in force is heard anew."""

    enrolment: Enrolment
    believed: Believed
    clock_trusted: bool


@frozen
class _Ways:
    """The ways while they are open; no `line` where the province has no broker, or this machine no client."""

    line: "Line | None"
    presence: Presence | None
    polling: Polling

    def close(self) -> None:
        for it in (self.line, self.presence, self.polling):
            if it is not None:
                it.close()


class Listener:
    """Listens for the station of `home` while it is enrolled or has feeds."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home, self._clock = home, clock
        self._inbox = Inbox(home, clock)
        self._intake = Intake(self._inbox.take, clock, self._judged)
        self._feeds = Feeds(home, clock, self._inbox.take_from_feed)
        self._nudges = Nudges(home.places.socket)
        self._file = ListeningFile(home.places.run)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._grounds: _Grounds | None = None
        self._ways: _Ways | None = None
        self._noted = self._before()

    def run(self) -> None:
        """Listen until there is nobody to listen to any more, or that is closed."""
        self._intake.begin()
        self._nudges.begin()
        self._feeds.begin()
        while not self._closed.is_set() and self._look():
            self._closed.wait(_LOOK_S)
        for it in (self._ways, self._feeds, self._intake, self._nudges, self._inbox):
            if it is not None:
                it.close()

    def _look(self) -> bool:
        """Listen by what holds now; gives whether there is anybody to listen to."""
        enrolment = load_enrolment(self._home.places.province)
        if enrolment is None:  # who just left the province is begun anew, for the feeds alone
            return self._ways is None and bool(self._feeds)
        grounds = _Grounds(enrolment, believed(self._home.places), self._clock.now().trusted)
        if grounds != self._grounds:
            self._listen_by(grounds)
        self._note()
        return True

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()

    def _before(self) -> Listening:
        """How it was left: who was killed is begun again, and what was down before is so since then."""
        now, last = self._clock.now().wall, self._file.last()
        if last is None:
            return Listening(now, since=now)
        return evolve(last, connected=False, since=last.at) if last.connected else last

    def _listen_by(self, grounds: _Grounds) -> None:
        if self._ways:
            self._ways.close()
        self._intake.forget()
        broker = grounds.believed.push
        line = self._line(broker, grounds) if broker else None
        ways = _Ways(
            line=line,
            presence=Presence(self._home, grounds.enrolment.code, line, self._clock) if line else None,
            polling=Polling(
                grounds.enrolment.trees,
                grounds.believed.groups,
                self._intake,
                self._clock,
                pushed=self._pushed,
                changed=self._note,
            ),
        )
        self._grounds, self._ways = grounds, ways
        for it in (ways.polling, ways.presence, ways.line):
            if it is not None:
                it.begin()

    def _line(self, broker: Push, grounds: _Grounds) -> "Line | None":
        try:
            from station.alerts.push import Heard, Line  # noqa: PLC0415 - an extra: without it there is polling
        except ImportError:
            _log.warning("%s", _NO_CLIENT)
            return None
        heard = Heard(self._pushed_alert, self._nudges.nudge, self._line_changed)
        return Line(broker, grounds.enrolment, grounds.believed.groups, heard)

    # What the ways' own threads call

    def _pushed_alert(self, envelope: bytes) -> None:
        self._intake.bring(envelope, "push")

    def _pushed(self) -> bool:
        """Whether a broker is heard that is not busy with wrong messages."""
        ways = self._ways
        return bool(ways and ways.line and ways.line.connected and not self._intake.flood)

    def _judged(self, verdict: Verdict) -> None:
        _log.info("%s: %s %s", verdict.decision, verdict.alert and verdict.alert.id, verdict.reason)
        if self._ways and self._ways.presence and verdict.alert:
            self._ways.presence.look()

    def _line_changed(self) -> None:
        ways = self._ways
        if ways and ways.line and ways.presence:
            ways.polling.hasten()
            if ways.line.connected:
                ways.presence.greet()
        self._note()

    def _note(self) -> None:
        """Note how it is, if it is another than it was, and each minute that it is still so."""
        with self._lock, suppress(OSError):  # of a full card
            now, last = self._clock.now().wall, self._noted
            found = self._found(last, now)
            if evolve(found, at=last.at) != last or abs(now - last.at) >= MINUTE:
                self._file.note(found)
                self._noted = found

    def _found(self, last: Listening, now: int) -> Listening:
        ways, broker = self._ways, self._grounds.believed.push if self._grounds else None
        connected = bool(ways and ways.line and ways.line.connected)
        return Listening(
            at=now,
            connected=connected,
            broker=broker.address if broker else "",
            since=last.since if connected == last.connected else now,
            polled_at=(ways and ways.polling.polled_at) or last.polled_at,
            trouble=_trouble(ways, broker),
            flood=self._intake.flood,
        )


def _trouble(ways: _Ways | None, broker: Push | None) -> Trouble | None:
    """What stands in the way of the broker; where there is none, of polling."""
    if ways is None:
        return None
    if broker is None:
        return ways.polling.trouble
    return ways.line.trouble if ways.line else _NO_CLIENT


def end_with_any_thread() -> None:
    """Let whatever nobody thought of end the process: it is begun anew, and half of a listener hears nothing."""
    tell = threading.excepthook

    def end(failure: threading.ExceptHookArgs) -> None:
        tell(failure)
        os._exit(1)

    threading.excepthook = end
