"""Airing: what the kept alerts ask of the player, asked until it is done.

Nothing here is remembered but what spares the player questions. What is to be heard, and what is not to be heard
any more, follows from the rows and the log: whatever is killed at whatever moment, the next start goes on.
"""

import logging
import threading
from contextlib import suppress

from station.clock import Clock
from station.control.client import ON_AIR, PlayerDown, ask
from station.control.messages import AirAlert, WithdrawAlert
from station.rules.alerting.aired import is_done, is_on, schedule_of
from station.rules.alerting.judging import Ended
from station.rules.alerting.policy import Decision
from station.rules.now import Now
from station.stores.alerts import Kept
from station.stores.home import Home

_AGAIN_S = 10.0
_WHY = {Ended.CANCELLED: "Nơi gửi đã hủy tin này.", Ended.REPLACED: "Nơi gửi đã thay tin này bằng tin mới."}

_log = logging.getLogger(__name__)


class Airing:
    """Asks the player in threads of its own, from its making until it is closed."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._something = threading.Event()
        self._closed = False
        self._withdrawn: set[str] = set()
        self._asked: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="airing", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Look now at what is to be done."""
        self._something.set()

    def close(self) -> None:
        """Ask nothing more."""
        self._closed = True
        self._something.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed:
            try:
                again = self._ask()
            except Exception:  # noqa: BLE001 - a busy card, say; it is asked again
                _log.exception("asking the player for alerts failed")
                again = True
            self._something.wait(_AGAIN_S if again else None)
            self._something.clear()

    def _ask(self) -> bool:
        """Ask for all that is to be asked; gives whether any of it may have to be asked again."""
        let = [it for it in in_force(self._home, self._clock.now()) if it.let_air]
        ended = [it for it in let if it.ended in _WHY and it.id not in self._withdrawn]
        for alert in ended:
            self._withdraw(alert)
        wanted = [it for it in let if it.decision is Decision.AIR and not it.ended]
        records = {it.id: self._home.log.of_schedule(schedule_of(it.id)) for it in wanted}
        due = [it for it in wanted if not is_done(records[it.id])]
        for alert in reversed(due):  # the oldest first: of several emergencies the latest wins
            if alert.id not in self._asked and not is_on(records[alert.id]):
                self._asked.add(alert.id)
                threading.Thread(target=self._air, args=(alert,), name="alert", daemon=True).start()
        return bool(due) or any(it.id not in self._withdrawn for it in ended)

    def _withdraw(self, alert: Kept) -> None:
        with suppress(PlayerDown):
            ask(self._home.places.socket, WithdrawAlert(alert.id, _WHY[Ended(alert.ended)]))
            self._withdrawn.add(alert.id)

    def _air(self, alert: Kept) -> None:
        try:
            answer = ask(self._home.places.socket, AirAlert(alert.id, alert.sender_title), ON_AIR)
            _log.info("alert %s: %s", alert.id, answer.sentence)
        except PlayerDown as down:
            _log.warning("alert %s: %s", alert.id, down)
        finally:
            self._asked.discard(alert.id)


def in_force(home: Home, now: Now) -> tuple[Kept, ...]:
    """The alerts that were believed and may not have expired, the newest first.

    A clock that nobody trusts may be years behind; then it is at least as late as what the station knows of.
    """
    if now.trusted:
        return home.alerts.in_force(now.wall)
    return home.alerts.in_force(max(now.wall, home.heartbeat.last() or 0, home.alerts.newest_sent()))
