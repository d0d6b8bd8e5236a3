"""Allowed hours: when anything but an emergency may sound."""

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from station.rules.now import DAY, MINUTE


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
    """The windows of a day in which a broadcast may sound, in the station's own time."""

    windows: tuple[Window, ...]
    zone: ZoneInfo

    def allow(self, start: int, end: int) -> bool:
        """Whether all of `start` to `end` (wall ms) lies inside one window."""
        opened_until = self.open_until(start)
        return opened_until is not None and end <= opened_until

    def open_until(self, wall: int) -> int | None:
        """When the window that `wall` is in closes (wall ms), or None outside all windows."""
        since_midnight = local_ms(wall, self.zone)
        closes = [window.closes for window in self.windows if window.opens <= since_midnight < window.closes]
        if not closes:
            return None
        if max(closes) == DAY and self._opens_at_midnight():
            return wall + 2 * DAY - since_midnight if self._never_closes() else self._through_midnight(wall)
        return wall + max(closes) - since_midnight

    def _opens_at_midnight(self) -> bool:
        return any(window.opens == 0 for window in self.windows)

    def _never_closes(self) -> bool:
        return Window(0, DAY) in self.windows

    def _through_midnight(self, wall: int) -> int:
        to_midnight = DAY - local_ms(wall, self.zone)
        return wall + to_midnight + max(window.closes for window in self.windows if window.opens == 0)

    def __str__(self) -> str:
        """As a person writes it."""
        return ", ".join(str(window) for window in self.windows)


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
