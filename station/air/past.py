"""The past: what the log tells a player that begins, by whatever clock it begins."""

from attrs import frozen

from station.rules.now import DAY, HOUR, Now
from station.rules.step import Past
from station.rules.step.state import Unfinished
from station.stores.asrun import AsRunLog

_BACK = 7 * DAY
_AHEAD = 2 * DAY


@frozen
class Span:
    """From when until when is planned, and the instant for which that is done (wall ms)."""

    since: int
    around: int
    until: int


def span_to_plan(planned_at: int, now: Now) -> Span:
    """What is to be planned `now`, when that was done for `planned_at` last.

    By a clock that nobody vouches for it is what was planned then: what was cut off is found where it was, and
    nothing that is missed meanwhile is forgotten when the clock is set right.
    """
    around = now.wall if now.trusted else planned_at
    return Span(max(min(planned_at, around) - HOUR, around - _BACK), around, around + _AHEAD)


def read_past(log: AsRunLog, sure: int | None, muted: frozenset[str], now: Now) -> Past:
    """What matters of the last runs; `sure` is the last heartbeat (wall ms), None before the first.

    A Pi may begin weeks behind, or years ahead, and be set right later: what was closed counts around the last
    instant that is sure as well as around the clock's own. So nothing that has its record airs again.
    """
    known = (now.wall,) if sure is None else (now.wall, sure)
    lately = log.between(min(known) - _BACK - DAY, max(known) + _AHEAD)
    return Past(
        unfinished=tuple(Unfinished(it.key, it.planned_start, it.actual_start) for it in log.still_open()),
        closed={it.key: it.planned_start for it in lately if it.result is not None},
        alive_at=sure,
        sounded=tuple(
            (it.actual_start, it.actual_end)
            for it in lately
            if it.counts and it.actual_start and it.actual_end and it.actual_start > min(known) - DAY
        ),
        muted=muted,
    )
