"""The intake: what comes by any way goes to the inbox one after another and never in haste, whoever sends it."""

import hashlib
import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from queue import Empty, Full, Queue

from station.alerts.inbox import Verdict
from station.clock import Clock
from station.rules.alerting.policy import Decision
from station.rules.now import MINUTE

_WAITING = 16  # envelopes: at their largest 23 MB
_PATIENCE = 20.0  # s that who brings one waits for room; a broker feels that, and sends no faster
_REST = 4  # times as long as a judgement took: a flood has a fifth of a processor and of the card
_SHORTEST_REST, _LONGEST_REST = 0.25, 1.0  # s; what came faster the inbox would not look at
_KNOWN_REST = 0.005  # s
_REMEMBERED = 2_000  # envelopes
_AGAIN = 10 * MINUTE  # what was refused may be right then
_LATELY = 10  # minutes
_MANY = 100  # wrong messages lately: no sender's mistakes


class Intake:
    """Hands envelopes to `take`, and its verdicts to `after`, in a thread of its own; none twice."""

    def __init__(
        self, take: Callable[[bytes, str], Verdict], clock: Clock, after: Callable[[Verdict], None]
    ) -> None:
        self._take, self._clock, self._after = take, clock, after
        self._waiting: Queue[tuple[bytes, str]] = Queue(_WAITING)
        self._known: OrderedDict[str, float] = OrderedDict()  # by sha256: until which mono ms it is not asked about
        self._wrong: Counter[int] = Counter()  # by the minute in which it came
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Take what comes from now on."""
        threading.Thread(target=self._serve, name="intake", daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._closed.set()

    def bring(self, envelope: bytes, way: str) -> None:
        """Have an envelope taken; waits for room. What finds none is lost here, and comes again by polling."""
        try:
            self._waiting.put((envelope, way), timeout=_PATIENCE)
        except Full:
            self._count_wrong()

    def knows(self, sha256: str) -> bool:
        """Whether an envelope came already, and need not come again."""
        with self._lock:
            return self._clock.now().mono < self._known.get(sha256, 0)

    def forget(self) -> None:
        """Judge anew what comes again: who is believed changed, or whether the clock is."""
        with self._lock:
            self._known.clear()

    @property
    def flood(self) -> int:
        """How many wrong messages came in the last minutes; 0 while they are few."""
        since = self._minute() - _LATELY
        with self._lock:
            for minute in [it for it in self._wrong if it <= since]:
                del self._wrong[minute]
            lately = self._wrong.total()
        return lately if lately >= _MANY else 0

    def _serve(self) -> None:
        rest = 0.0
        while not self._closed.wait(rest):
            try:
                envelope, way = self._waiting.get(timeout=1)
            except Empty:
                rest = 0.0
                continue
            rest = self._judge(envelope, way)

    def _judge(self, envelope: bytes, way: str) -> float:
        """Judge one; gives for how many s to rest then. What is to be aired holds up nothing that follows it."""
        sha256 = hashlib.sha256(envelope).hexdigest()
        if self.knows(sha256):
            return _KNOWN_REST
        began = self._clock.now().mono
        verdict = self._take(envelope, way)
        self._remember(sha256, began + _AGAIN if verdict.decision is Decision.REFUSE else math.inf)
        self._after(verdict)
        if verdict.decision is Decision.AIR:
            return 0.0
        if verdict.decision is Decision.REFUSE:
            self._count_wrong()
        spent = (self._clock.now().mono - began) / 1e3
        return min(max(_REST * spent, _SHORTEST_REST), _LONGEST_REST)

    def _remember(self, sha256: str, until: float) -> None:
        with self._lock:
            self._known[sha256] = until
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def _count_wrong(self) -> None:
        with self._lock:
            self._wrong[self._minute()] += 1

    def _minute(self) -> int:
        return self._clock.now().mono // MINUTE
