"""How the station listens for emergencies: written by the listener, read by page, command line and player.

It is true only now, so it lives in `/run` and spares the card.
"""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

from station.durable import write_whole
from station.rules.hours import iso, local
from station.rules.now import MINUTE
from station.rules.trouble import Trouble
from station.stores.json_files import with_trouble

_FRESH = 3 * MINUTE  # the listener says each minute that it is still so
_QUIET = 30 * MINUTE  # a mast that is down for a while is nobody's alarm
PATH = "Cảnh báo"  # where a trouble with it is
_STILL = "Chương trình vẫn phát theo lịch; xã vẫn tự phát tin khẩn được."
_FLOODED = Trouble(
    PATH,
    "Có rất nhiều bản tin khẩn không đúng gửi tới đài.",
    "Đài không phát bản tin nào trong số đó; chương trình vẫn theo lịch, tin khẩn thật có thể tới chậm hơn.",
    "Báo ngay cho tỉnh.",
)


@frozen
class Listening:
    """The two ways by which alerts come, as they were at `at`; instants are wall ms.

    `connected` to the `broker` (its address; empty where the province has none), or not, since `since`; `polled_at`
    is when the list of alerts in force was had last. `trouble` is what stands in the way of the quicker way that
    there should be. `flood` is how many wrong messages came lately, or 0 while they are few.
    """

    at: int
    connected: bool = False
    broker: str = ""
    since: int | None = None
    polled_at: int | None = None
    trouble: Trouble | None = None
    flood: int = 0

    @property
    def worked_at(self) -> int:
        """Until when some way to the station is known to have worked."""
        return self.at if self.connected else max(self.since or self.at, self.polled_at or 0)

    def heard(self, now: int) -> bool:
        """Whether the broker is connected at wall ms `now`: a listener that died can no more say that it is not."""
        return self.connected and abs(now - self.at) < _FRESH

    def wrong(self, now: int, zone: ZoneInfo) -> tuple[Trouble, ...]:
        """What of it a person should see to at wall ms `now`; its sentences stay the same while it is so."""
        if now - self.worked_at >= _QUIET:
            return (self._silence(zone),)
        return (_FLOODED,) if self.flood else ()

    def _silence(self, zone: ZoneInfo) -> Trouble:
        since = local(self.worked_at, zone)
        cut = f"Tin khẩn của tỉnh không tới được đài từ {since:%H:%M} ngày {since:%d/%m/%Y}."
        why = self.trouble or Trouble("", "", mend="Khởi động lại máy phát; nếu vẫn vậy, gọi kỹ thuật.")
        return Trouble(PATH, f"{cut} {why.what}".strip(), _STILL, why.mend)


class ListeningFile:
    """What is known of it, in `run`."""

    def __init__(self, run: Path) -> None:
        self._path = run / "listening.json"

    def last(self) -> Listening | None:
        """What was noted last, or None when nothing was since the machine's start."""
        try:
            told = json.loads(self._path.read_text())
            return Listening(**with_trouble(told))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def note(self, listening: Listening) -> None:
        """Note how it is now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, json.dumps(attrs.asdict(listening), ensure_ascii=False).encode())


def listening_json(listening: Listening, zone: ZoneInfo) -> dict[str, Any]:
    """The same for programs, instants in ISO 8601."""

    def told(instant: int | None) -> str | None:
        return None if instant is None else iso(instant, zone)

    return {
        "connected": listening.connected,
        "since": told(listening.since),
        "broker": listening.broker,
        "polled_at": told(listening.polled_at),
        "trouble": listening.trouble and attrs.asdict(listening.trouble),
        "flood": listening.flood,
    }
