"""Space: originals are let go when they take more than they may."""

from station.desk.timetable import Plan, fit_for
from station.rules.approval import State
from station.rules.space import Kept, to_let_go
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.library import Original, StoredSegment

_BY = "Máy phát"
_MB = 1_000_000  # bytes


def let_originals_go(home: Home, plan: Plan, now: int) -> None:
    """Let the oldest originals go that nothing needs, until the rest fits; what they became is heard as before."""
    scheduled = {it.id for it in fit_for(home, plan, now)}
    originals = {it.sha256: it for it in home.library.originals()}
    kept = (_kept(it, scheduled) for it in originals.values())
    for sha256 in to_let_go(kept, plan.config.library.originals * _MB):
        told = originals[sha256].segments[0]
        with home.engine.begin() as connection:
            write_audit(connection, now, _BY, "bỏ bản gốc", f"{told.id} {told.title}")
            home.library.drop_original(sha256)


def _kept(original: Original, scheduled: set[str]) -> Kept:
    needed = any(_is_needed(it, scheduled) for it in original.segments)
    return Kept(original.sha256, original.size, original.segments[0].received_at, needed)


def _is_needed(segment: StoredSegment, scheduled: set[str]) -> bool:
    """What is not decided yet may still be edited, and what is scheduled is left alone."""
    return segment.state is not State.APPROVED or segment.id in scheduled
