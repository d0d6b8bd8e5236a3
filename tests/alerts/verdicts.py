"""An inbox of the tests: it takes down what it is given, and finds what it is told to."""

import threading

from station.alerts.inbox import Verdict
from station.alerts.intake import Intake
from station.clock import Clock
from station.rules.alerting.policy import Decision

REFUSED = Verdict(None, Decision.REFUSE, "Không có chữ ký.", new=True)
NOTED = Verdict(None, Decision.NOTE, "Tin thử.", new=True)
AIRED = Verdict(None, Decision.AIR, "Phát ngay.", new=True)


class Judge:
    """What was `taken`, each time with the verdict that is said; it waits while it is `held`."""

    def __init__(self, verdict: Verdict = NOTED) -> None:
        self.taken: list[tuple[bytes, str]] = []
        self.after: list[Verdict] = []
        self.verdict = verdict
        self.held = threading.Event()
        self.held.set()
        self.clock = Later()
        self.intake = Intake(self._take, self.clock, self.after.append)
        self.intake.begin()

    @property
    def envelopes(self) -> list[bytes]:
        return [envelope for envelope, _ in self.taken]

    def _take(self, envelope: bytes, way: str) -> Verdict:
        self.taken.append((envelope, way))
        assert self.held.wait(60)
        return self.verdict


class Later(Clock):
    """The clock, `ahead` by so many ms."""

    ahead = 0

    def now(self):
        now = super().now()
        return type(now)(now.wall + self.ahead, now.mono + self.ahead, trusted=True)
