"""Recovering: the first state after a start, whatever the last run left behind."""

from collections.abc import Mapping

from attrs import Factory, frozen

from station.rules.now import Now
from station.rules.station import Station
from station.rules.step.actions import Action, SwitchZone
from station.rules.step.state import State, Unfinished
from station.rules.step.zone import Phase, ZoneState


@frozen
class Past:
    """What the log tells of the last runs.

    `unfinished` are the records that were left open, `closed` those of the last days (key → planned start).
    `alive_at` is an instant by which all that was due had its record (wall ms), None for a new station: what was
    due since was missed. `sounded` counts for the day's limits and `muted` are zones kept off, as in `State`.
    """

    unfinished: tuple[Unfinished, ...] = ()
    closed: Mapping[str, int] = Factory(dict)
    alive_at: int | None = None
    sounded: tuple[tuple[int, int], ...] = ()
    muted: frozenset[str] = frozenset()


def recover(station: Station, past: Past, now: Now) -> tuple[State, tuple[Action, ...]]:
    """The state to begin with, and what puts the world right: every amplifier off.

    What the last run left open goes on, or is closed, with the first timetable.
    """
    state = State(
        station,
        # An amplifier that was on a moment ago rests before it may go on again.
        zones={name: ZoneState(Phase.RESTING, since=now.mono, switched_at=now.mono) for name in station.zones},
        closed=dict(past.closed),
        sounded=past.sounded,
        planned_from=now.wall if past.alive_at is None else past.alive_at,
        muted=past.muted,
        unfinished={found.key: found for found in past.unfinished},
    )
    return state, tuple(SwitchZone(name, on=False) for name in station.zones)
