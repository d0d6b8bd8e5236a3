"""The fault watch: notes which troubles began and which ended, and writes nothing while all stays as it is."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from station.rules.now import MINUTE, Now
from station.rules.trouble import Trouble
from station.stores.faults import Faults

_GONE = 5 * MINUTE  # what comes and goes is one fault until it stayed away for so long: the card is spared


class FaultWatch:
    """Follows the troubles of one player from its start. It looks from one thread, and never from the loop's.

    Between looks it counts by the clock that never jumps, so that what began by a wrong clock is written with the
    right instants, and only once the clock is trusted. What the card does not take is written at a later look.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._noted: set[Trouble] | None = None
        self._began: dict[Trouble, int] = {}  # in mono ms, as all here
        self._seen: dict[Trouble, int] = {}

    def look(self, wrong: Iterable[Trouble], now: Now) -> None:
        """Take in what is wrong at `now`."""
        for trouble in wrong:
            self._began.setdefault(trouble, now.mono)
            self._seen[trouble] = now.mono
        with suppress(SQLAlchemyError):  # the as-run log lags then too, which is told
            if self._noted is None:
                self._noted = self._left_open(now)
            if now.trusted:
                self._note(self._noted, now)

    def _left_open(self, now: Now) -> set[Trouble]:
        """What an earlier player saw last: it goes on if it is still there, else it has ended by `now`."""
        noted = {fault.trouble for fault in self._faults.lasting()}
        for trouble in noted:
            self._seen.setdefault(trouble, now.mono)
        return noted

    def _note(self, noted: set[Trouble], now: Now) -> None:
        since = now.wall - now.mono
        began = {trouble: since + at for trouble, at in self._began.items() if trouble not in noted}
        ended = {trouble: since + at for trouble, at in self._seen.items() if now.mono - at >= _GONE}
        if not began and not ended:
            return
        self._faults.note(began, ended)
        self._noted = (noted | set(began)) - set(ended)
        for trouble in ended:
            self._began.pop(trouble, None)
            self._seen.pop(trouble)
