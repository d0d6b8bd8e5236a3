"""What came to a station from outside, by its real inbox: signed by a province that it believes, or of a feed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from station.alerts.inbox import Inbox, Verdict
from station.clock import Clock
from station.rules.alerting.alert import Alert, Area, MessageType, Severity, Status
from station.rules.alerting.cap import write_cap
from station.rules.alerting.sender import Sender
from station.rules.now import HOUR, MINUTE
from station.stores.enrolment import keep_enrolment
from station.stores.home import Home
from station.stores.listening import Listening, ListeningFile
from tests.alerts.sending import Sending
from tests.web.states import SEEN

FLOOD = "Nước sông lên nhanh, bà con ven sông sơ tán ngay"
FEED = """
[feeds.khi-tuong]
title = "Đài Khí tượng tỉnh"
address = "https://kttv.example/cap.xml"
areas = ["Hương Sơn"]
"""


class Outside:
    """A province whose alerts the station of `home` believes, and a feed; all is sent at `SEEN` or before."""

    def __init__(self, folder: Path, home: Home, clock: Clock) -> None:
        self._home, self._sending = home, Sending(folder / "tree")
        self._inbox = Inbox(home, clock)
        root = (self._sending.tree.metadata / "1.root.json").read_bytes()
        keep_enrolment(home.places.province, self._sending.tree.enrolment("https://tinh.example/"), root)
        self.lets_send(self.pctt)
        with home.places.config.open("a") as file:
            file.write(FEED)

    @property
    def pctt(self) -> Sender:
        """Who may send anything to everyone."""
        return self._sending.senders[0]

    def lets_send(self, *senders: Sender) -> None:
        """Have the station know that the province lets these send, and no other."""
        self._sending.let_send(*senders)
        written, known = self._sending.tree.metadata, self._home.places.province / "metadata"
        known.mkdir(exist_ok=True)
        newest = max(written.glob("*.targets.json"), key=lambda it: int(it.name.split(".")[0]))
        shutil.copy(newest, known / "targets.json")

    def sends(self, words: str = FLOOD, *, ago: int = MINUTE, **more: object) -> Alert:
        """The province sends an alert so many ms before `SEEN`; gives what the station took."""
        alert = self.alert(words, ago=ago, **more)
        self.takes(alert)
        return alert

    def proposes(self, words: str = FLOOD, **more: object) -> Alert:
        """The province sends what is not bad enough to be aired unasked."""
        return self.sends(words, severity=Severity.MODERATE, **more)

    def alert(self, words: str, *, ago: int = MINUTE, **more: object) -> Alert:
        """The same, not sent yet."""
        return self._sending.message(**{"headline": words, "sent": SEEN - ago, "expires": SEEN + HOUR, **more})

    def takes(self, alert: Alert) -> Verdict:
        """What the station makes of an alert that the province signed."""
        return self._inbox.take(self._sending.seal(alert), "push")

    def forges(self) -> Verdict:
        """Somebody sends what no key of the province's signed."""
        return self._inbox.take(os.urandom(64), "push")

    def feeds(self, words: str, **more: object) -> Alert:
        """The feed has an alert."""
        alert = evolve(self.alert(words, **more), areas=(Area("Hương Sơn"),), sender_name="Khí tượng")
        self._inbox.take_from_feed("khi-tuong", alert, write_cap(alert))
        return alert

    def close(self) -> None:
        self._inbox.close()


def everything(outside: Outside) -> dict[str, str]:
    """One alert of each kind, by what it is; gives their ids, which are always the same."""
    made = {
        "air": outside.sends(),
        "proposed": outside.proposes("Mưa to trong đêm"),
        "exercise": outside.proposes("Tập sơ tán khi có lũ", status=Status.EXERCISE),
        "feed": outside.feeds("Gió giật cấp 8", severity=Severity.SEVERE),
        "test": outside.sends("Thử đường truyền", ago=HOUR, status=Status.TEST),
        "cancelled": (gone := outside.proposes("Xả lũ lúc 18 giờ", ago=2 * MINUTE)),
        "cancel": outside.proposes("Hoãn xả lũ", kind=MessageType.CANCEL, references=(gone.me,)),
    }
    outside.forges()
    return {name: it.id for name, it in made.items()}


@contextmanager
def outside_of(folder: Path, home: Home, clock: Clock) -> Iterator[Outside]:
    """One that is closed in the end."""
    outside = Outside(folder, home, clock)
    try:
        yield outside
    finally:
        outside.close()


def connected(home: Home, **more: object) -> None:
    """Have the station hear the province's broker since an hour."""
    usual = Listening(SEEN, connected=True, broker="mqtts://tinh.example:8883", since=SEEN - HOUR, polled_at=SEEN)
    ListeningFile(home.places.run).note(evolve(usual, **more))
