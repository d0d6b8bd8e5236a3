"""Senders of the tests, whom the province's tree vouches for, and the stations that hear them."""

import math
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner

from station.alerts.inbox import Inbox, Verdict
from station.rules.alerting.alert import Alert, MessageType, Severity
from station.rules.alerting.cap import write_cap
from station.rules.alerting.envelope import seal
from station.rules.alerting.sender import SENDERS, Sender, write_senders
from station.rules.now import MINUTE, SECOND
from station.stores.home import Home, open_home
from station.stores.places import places
from tests.province.stations import Folder, Hands
from tests.province.stations import Station as Enrolled
from tests.rig.tree import Tree, key
from tests.rig.waiting import wall_ms
from tests.rules.alerts import alert

TITLE = "Ban Chỉ huy PCTT tỉnh"


def here() -> int:
    """The wall ms of the second that is just over: what CAP can say."""
    return round(wall_ms()) // SECOND * SECOND


class Sending:
    """A province with three senders: `pctt` may say all to everybody, `xa-loa` little, and `thu` only tests."""

    def __init__(self, folder: Path) -> None:
        self.keys: dict[str, CryptoSigner] = {name: key() for name in ("pctt", "xa-loa", "thu")}
        self.senders = [
            Sender("pctt", TITLE, self.keys["pctt"].public_key, Severity.EXTREME),
            Sender("xa-loa", "Xã bên", self.keys["xa-loa"].public_key, Severity.MODERATE, ("xa-00001",)),
            Sender("thu", "Thử đường truyền", self.keys["thu"].public_key, None),
        ]
        self.tree = Tree(folder)
        self.let_send(*self.senders)
        self._number = 0

    def let_send(self, *senders: Sender) -> None:
        """Vouch for these senders and no other."""
        self.tree.targets.unrecognized_fields[SENDERS] = write_senders(senders)
        self.tree.publish()

    def enrol(self, folder: Path) -> Home:
        """A station of commune 00001 in `folder` that has just had the province's word."""
        assert Enrolled(folder, self.tree).synchronise(Folder(self.tree.folder)).trouble is None
        return open_home(places(folder))

    def message(self, **more: Any) -> Alert:
        """A new message, sent just now."""
        self._number += 1
        sent = more.pop("sent", here())
        return alert(f"tin-{self._number}", sent, **{"expires": sent + 10 * MINUTE, **more})

    def after(self, kind: MessageType, *earlier: Alert, **more: Any) -> Alert:
        """A new message that updates or cancels others."""
        return self.message(kind=kind, references=tuple(it.me for it in earlier), **more)

    def seal(self, message: Alert, sender: str = "pctt") -> bytes:
        """Its envelope."""
        return seal(write_cap(message), self.keys[sender])


class Hearing:
    """A station's inbox, and the clock that it goes by."""

    def __init__(self, sending: Sending, home: Home, clock: Hands) -> None:
        self.sending, self.home, self.clock = sending, home, clock
        self.inbox = Inbox(home, clock)  # type: ignore[arg-type]

    def hear(self, message: Alert, sender: str = "pctt", way: str = "push") -> Verdict:
        return self.inbox.take(self.sending.seal(message, sender), way)

    @property
    def decisions(self) -> dict[str, str]:
        """What was decided about each message that was kept, by its id."""
        return {it.id: it.decision for it in self.home.alerts.newest(1_000)}


@contextmanager
def hearing(sending: Sending, home: Home, clock: Hands | None = None) -> Iterator[Hearing]:
    """An inbox that is closed at the end."""
    heard = Hearing(sending, home, clock or Hands())
    try:
        yield heard
    finally:
        heard.inbox.close()


def tune(length: int, pitch: float = 440.0, rate: int = 8_000) -> bytes:
    """A WAV file of `length` ms that holds one tone."""
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        steps = (math.sin(2 * math.pi * pitch * at / rate) for at in range(length * rate // 1_000))
        written.writeframes(b"".join(struct.pack("<h", round(9_000 * it)) for it in steps))
    return file.getvalue()
