"""The ledger: as-run actions on their way into the log, none lost when the card is full or slow for a while."""

import logging
from collections import deque

from sqlalchemy.exc import SQLAlchemyError

from station.rules.step.actions import CloseRecord, NoteStart, OpenRecord
from station.stores.asrun import AsRunLog

Entry = OpenRecord | NoteStart | CloseRecord

_log = logging.getLogger(__name__)


class Ledger:
    """Writes entries in their order; what cannot be written now is kept and written first next time."""

    def __init__(self, log: AsRunLog) -> None:
        self._log = log
        self._waiting: deque[Entry] = deque()

    @property
    def behind(self) -> bool:
        """Whether entries wait to be written."""
        return bool(self._waiting)

    def write(self, entry: Entry) -> None:
        """Write `entry` after all that waits."""
        self._waiting.append(entry)
        self.catch_up()

    def catch_up(self) -> None:
        """Write all that waits, as far as the card takes it."""
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except SQLAlchemyError:
                _log.exception("the as-run log cannot be written now; %d entries wait", len(self._waiting))
                return
            self._waiting.popleft()

    def beat(self, at: int) -> None:
        """Note that all that was due by wall ms `at` has its record, if that is so."""
        if self._waiting:
            return
        try:
            self._log.beat(at)
        except SQLAlchemyError:
            _log.exception("the heartbeat cannot be written now")

    def _write(self, entry: Entry) -> None:
        match entry:
            case OpenRecord(broadcast, at):
                self._log.open(broadcast, at)
            case NoteStart(key, at):
                self._log.note_start(key, at)
            case CloseRecord(key, result, end, reason, proof):
                self._log.close(key, result, end, reason, proof)
