"""An as-run record: what one broadcast came to, as the log has it."""

from attrs import frozen

from station.rules.origin import Origin
from station.rules.schedule import Priority


@frozen
class AsRun:
    """A record: instants in wall ms; `result` is None while it is on air, `reason` a sentence or empty.

    `proof` is a `Verdict`; its figures are as in `Proof`, None when unverified.
    """

    key: str
    schedule: str
    title: str
    origin: str
    priority: str
    zones: tuple[str, ...]
    trigger: str
    who: str
    override: str
    planned_start: int
    planned_end: int
    opened_at: int
    actual_start: int | None
    actual_end: int | None
    result: str | None
    reason: str
    proof: str
    proof_match: float | None
    proof_level: float | None
    proof_late: float | None

    @property
    def counts(self) -> bool:
        """Whether it counts for the limits of its day: all but an emergency and what a person let sound anyway."""
        return self.priority != Priority.EMERGENCY and not self.override

    @property
    def cut_off(self) -> bool:
        """Whether the player or the power failed in the middle of it: nobody saw its end."""
        return self.result is not None and self.actual_start is not None and self.actual_end is None


@frozen
class AsRunSegment:
    """A segment in a broadcast's tape: `ready` is the sha256 of what was in it, `at` ms from its first sample.

    `title`, `kind` and `origin` are as they were then.
    """

    segment: str
    ready: str
    title: str
    kind: str
    at: int
    length: int
    origin: str = Origin.COMMUNE
