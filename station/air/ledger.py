"""The ledger: as-run actions on their way into the log, none lost when the card is full or slow for a while."""

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sqlalchemy.exc import SQLAlchemyError

from station.rules.step.actions import CloseRecord, NoteStart, OpenRecord
from station.stores.asrun import AsRunLog
from station.stores.heartbeat import Heartbeat

Entry = OpenRecord | NoteStart | CloseRecord

_PATIENCE = 2  # s: a record is on the card before its amplifiers go on, unless the card is as slow as this

_log = logging.getLogger(__name__)


class Ledger:
    """Writes entries in their order; what cannot be written now is kept and written first next time.

    A thread of its own writes, so that a card that hangs or a database that is locked holds the loop up once, for a
    moment, and not for as long as it lasts: the loop must obey, and tell systemd's watchdog that it can.
    """

    def __init__(self, log: AsRunLog, heartbeat: Heartbeat) -> None:
        self._log = log
        self._heartbeat = heartbeat
        self._waiting: deque[Entry] = deque()
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._written: Future[None] = self._writer.submit(self._write_waiting)
        self._failing = False

    @property
    def behind(self) -> bool:
        """Whether entries wait to be written."""
        return bool(self._waiting)

    def write(self, entry: Entry) -> None:
        """Write `entry` after all that waits; on return it is on the card, or `behind`."""
        patience = 0 if self._waiting else _PATIENCE
        self._waiting.append(entry)
        self._written = self._writer.submit(self._write_waiting)
        wait([self._written], patience)

    def catch_up(self) -> None:
        """Have all that waits written, as far as the card takes it."""
        if self._waiting and self._written.done():
            self._written = self._writer.submit(self._write_waiting)

    def beat(self, at: int) -> None:
        """Note that all that was due by wall ms `at` has its record, if that is so."""
        self._writer.submit(self._beat, at)

    def _write_waiting(self) -> None:
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except SQLAlchemyError:
                if not self._failing:
                    _log.exception("the as-run log cannot be written now; its entries wait")
                self._failing = True
                return
            self._waiting.popleft()
            self._failing = False

    def _beat(self, at: int) -> None:
        if self._waiting:
            return
        try:
            self._heartbeat.beat(at)
        except OSError:
            _log.exception("the heartbeat cannot be written now")

    def _write(self, entry: Entry) -> None:
        match entry:
            case OpenRecord(broadcast, at):
                self._log.open(broadcast, at)
            case NoteStart(key, at):
                self._log.note_start(key, at)
            case CloseRecord(key, result, end, reason, proof):
                self._log.close(key, result, end, reason, proof)
