"""Space: originals are let go when they take more than they may."""

from station.desk.timetable import Plan, fit_for
from station.rules.approval import State
from station.rules.space import Kept, to_let_go
from station.stores.audit import write_audit
from station.stores.home import Home

_BY = "Máy phát"
_MB = 1_000_000  # bytes


def let_originals_go(home: Home, plan: Plan, now: int) -> None:
    """Let the oldest originals go that nothing needs, until the rest fits; what they became is heard as before."""
    needed = {it.id for it in fit_for(home, plan, now)}
    originals = home.library.originals()
    kept = {it.sha256: it.segment for it in originals}
    told = (
        Kept(it.sha256, it.size, it.segment.received_at, _is_needed(it.segment.state, it.segment.id, needed))
        for it in originals
    )
    for sha256 in to_let_go(told, plan.config.library.originals * _MB):
        with home.engine.begin() as connection:
            write_audit(connection, now, _BY, "bỏ bản gốc", f"{kept[sha256].id} {kept[sha256].title}")
            home.library.drop_original(sha256)


def _is_needed(state: State, segment: str, scheduled: set[str]) -> bool:
    """What is not decided yet may still be edited, and what is scheduled is left alone."""
    return state is not State.APPROVED or segment in scheduled
