"""As-run records as tests want them."""

from typing import Any

from station.stores.asrun import AsRun


def as_run(start: int, end: int, **more: Any) -> AsRun:
    """What aired from `start` to `end` (wall ms) exactly as planned, but for what `more` says."""
    usual = {
        "key": f"tin@{start}",
        "schedule": "tin",
        "title": "Tin",
        "origin": "commune",
        "priority": "normal",
        "zones": (),
        "trigger": "schedule",
        "who": "",
        "override": "",
        "planned_start": start,
        "planned_end": end,
        "opened_at": start,
        "actual_start": start,
        "actual_end": end,
        "result": "aired",
        "reason": "",
        "proof": "unverified",
        "proof_match": None,
        "proof_level": None,
        "proof_late": None,
    }
    return AsRun(**(usual | more))
