"""Recovering: the first state after a start, whatever the last run left behind."""

from collections.abc import Mapping

from attrs import Factory, frozen

from station.rules.now import Now
from station.rules.station import Station
from station.rules.step.actions import Action, CloseRecord, Result, SwitchZone
from station.rules.step.state import State
from station.rules.step.zone import Phase, ZoneState


@frozen
class OpenRecordFound:
    """A record that the last run opened and did not close; `started` is wall ms, None if nothing had sounded."""

    key: str
    start: int
    started: int | None


@frozen
class Past:
    """What the log tells of the last runs.

    `closed` are the records of the last days (key → planned start) and `alive_at` is an instant by which all
    that was due had its record (wall ms), None for a new station: what was due since was missed. `sounded` is what
    counts for the day's limits, as in `State`.
    """

    open_records: tuple[OpenRecordFound, ...] = ()
    closed: Mapping[str, int] = Factory(dict)
    alive_at: int | None = None
    sounded: tuple[tuple[int, int], ...] = ()


def recover(station: Station, past: Past, now: Now) -> tuple[State, tuple[Action, ...]]:
    """The state to begin with, and what puts the world right: every amplifier off, every open record closed."""
    actions: list[Action] = [SwitchZone(name, on=False) for name in station.zones]
    actions += [_interrupted(record) for record in past.open_records]
    state = State(
        station,
        # An amplifier that was on a moment ago rests before it may go on again.
        zones={name: ZoneState(Phase.RESTING, since=now.mono) for name in station.zones},
        closed={**past.closed, **{record.key: record.start for record in past.open_records}},
        sounded=past.sounded,
        planned_from=now.wall if past.alive_at is None else past.alive_at,
    )
    return state, tuple(actions)


def _interrupted(record: OpenRecordFound) -> CloseRecord:
    if record.started is None:
        return CloseRecord(record.key, Result.FAILED, None, "Máy tắt đột ngột ngay trước giờ phát.")
    reason = "Máy tắt đột ngột khi đang phát (mất điện hoặc lỗi); phần còn lại không phát lại."
    return CloseRecord(record.key, Result.CUT, None, reason)
