"""Allowed hours: when anything but an emergency may sound."""

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.now import DAY, MINUTE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")  # the time of all Vietnam

_SATURDAY = 5


@frozen
class Window:
    """From `opens` to `closes`, in ms after local midnight; `closes` may be 24:00 but never before `opens`."""

    opens: int
    closes: int

    def __str__(self) -> str:
        """As a person writes it."""
        return f"{_clock(self.opens)}–{_clock(self.closes)}"


@frozen
class Hours:
    """The windows of a day in which a broadcast may sound, in the station's own time.

    `weekend` are those of Saturday and Sunday, where these differ.
    """

    windows: tuple[Window, ...]
    zone: ZoneInfo
    weekend: tuple[Window, ...] | None = None

    def allow(self, start: int, end: int) -> bool:
        """Whether all of `start` to `end` (wall ms) lies inside one window, or inside two that meet at midnight."""
        opened_until = self.open_until(start)
        return opened_until is not None and end <= opened_until

    def open_until(self, wall: int) -> int | None:
        """When the window that `wall` is in closes (wall ms), or None outside all windows."""
        at = local(wall, self.zone)
        closes = self.closing(at.weekday(), local_ms(wall, self.zone))
        if closes is None:
            return None
        return wall - local_ms(wall, self.zone) + closes

    def closing(self, weekday: int, since_midnight: int) -> int | None:
        """When the window closes that a clock time of a weekday is in, in ms after its midnight; None outside all.

        A window that closes as the next day's first one opens goes on with it, for a day at most.
        """
        closes = _closing(self.on(weekday), since_midnight)
        if closes == DAY and (after := _closing(self.on((weekday + 1) % 7), 0)) is not None:
            return DAY + after
        return closes

    def on(self, weekday: int) -> tuple[Window, ...]:
        """The windows of a weekday, Monday 0."""
        return self.windows if self.weekend is None or weekday < _SATURDAY else self.weekend

    def __str__(self) -> str:
        """As a person writes it."""
        told = _told(self.windows)
        return told if self.weekend is None else f"{told}; thứ bảy, chủ nhật {_told(self.weekend)}"


def _closing(windows: tuple[Window, ...], since_midnight: int) -> int | None:
    inside = [window.closes for window in windows if window.opens <= since_midnight < window.closes]
    return max(inside, default=None)


def _told(windows: tuple[Window, ...]) -> str:
    return ", ".join(str(window) for window in windows) or "không giờ nào"


def local(wall: int, zone: ZoneInfo) -> dt.datetime:
    """The instant `wall` (ms) on the station's own clock."""
    return dt.datetime.fromtimestamp(wall / 1000, zone)


def iso(wall: int, zone: ZoneInfo) -> str:
    """The instant `wall` (ms) as ISO 8601 with its offset, to the second."""
    return local(wall, zone).isoformat(timespec="seconds")


def local_ms(wall: int, zone: ZoneInfo) -> int:
    """How far into its local day the instant `wall` (ms) is, in ms by the clock on the wall."""
    at = local(wall, zone)
    return (at.hour * 60 + at.minute) * MINUTE + at.second * 1000 + wall % 1000


def instant(day: dt.date, since_midnight: int, zone: ZoneInfo) -> int:
    """The wall ms of a local day's clock time."""
    midnight = dt.datetime.combine(day, dt.time(), zone)
    return round((midnight + dt.timedelta(milliseconds=since_midnight)).timestamp() * 1000)


def _clock(since_midnight: int) -> str:
    hours, minutes = divmod(since_midnight // MINUTE, 60)
    return f"{hours:02}:{minutes:02}"
