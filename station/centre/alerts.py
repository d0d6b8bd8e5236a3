"""Sending an alert: its envelope lies in the tree and its line in the log before anybody is told that it was sent.

TREE/alerts/SHA256.json      envelopes
TREE/alerts/current.json     those that are in force
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from securesystemslib.signer import Signer

from station.centre.alert_log import AlertLog, Sent, in_force
from station.centre.alert_writing import written
from station.durable import sweep, write_whole
from station.rules.alerting.alert import Alert
from station.rules.alerting.envelope import seal
from station.rules.alerting.ways import INDEX, Listed, write_index
from station.rules.now import DAY
from station.rules.trouble import Refused, Trouble

_GRACE = DAY  # a station may be in the middle of what was in force
_FOR_EVERYBODY = 0o644  # the web server shows it


class Alerts:
    """The alerts of the province's folder `work`."""

    def __init__(self, work: Path) -> None:
        self._index = work / "tree" / INDEX
        self._folder, self._log = self._index.parent, AlertLog(work)

    def sent(self) -> tuple[Sent, ...]:
        """All that were ever sent, the oldest first."""
        return self._log.read()

    def in_force(self, now: int) -> tuple[Sent, ...]:
        """What holds at wall ms `now` and is there to be had."""
        return tuple(it for it in in_force(self._log.read(), now) if self._place(it.file).exists())

    def envelope(self, sent: Sent) -> bytes:
        """The envelope of one that is in force."""
        return self._place(sent.file).read_bytes()

    def send(self, alert: Alert, signer: Signer, by: str, now: int) -> Sent:
        """Have an alert in force that its sender signs; `by` is who of the office wants it.

        On return it survives a power cut. Killed before, it may be in force, and is in the log whenever it is; what
        stands in the log but not yet in the tree is put right by the next who sends. Raises `Refused`.
        """
        envelope = seal(written(alert), signer)
        sent = _noted(alert, by, hashlib.sha256(envelope).hexdigest())
        with _told_if_full(), self._log.alone():
            self._folder.mkdir(exist_ok=True)
            self._write(self._place(sent.file), envelope)
            self._log.add(sent)
            self._follow(now)
        return sent

    def _follow(self, now: int) -> None:
        """Have the tree show what is in force, and nothing that is long over."""
        log = self._log.read()
        listed = (Listed(it.file, it.groups, it.until) for it in self.in_force(now))
        self._write(self._index, write_index(listed))
        sweep(self._folder)
        kept = {self._index, *(self._place(it.file) for it in log if it.until + _GRACE > now)}
        for file in {*self._folder.iterdir()} - kept:
            file.unlink()

    def _place(self, file: str) -> Path:
        return self._folder / f"{file}.json"

    def _write(self, place: Path, content: bytes) -> None:
        write_whole(place, content, _FOR_EVERYBODY)


def _noted(alert: Alert, by: str, file: str) -> Sent:
    assert alert.expires is not None  # noqa: S101 - all that the office writes end
    return Sent(
        id=alert.id,
        at=alert.sent,
        until=alert.expires,
        identifier=alert.identifier,
        sender=alert.sender,
        by=by,
        status=alert.status,
        kind=alert.kind,
        groups=tuple(sorted(alert.groups)),
        severity=alert.severity,
        event=alert.event,
        headline=alert.headline,
        description=alert.description,
        instruction=alert.instruction,
        repeats=alert.repeats,
        sound=alert.sound is not None,
        ends=tuple(it.id for it in alert.references),
        file=file,
    )


@contextmanager
def _told_if_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"Không ghi được tin ({error.strerror}), nên chưa chắc đã gửi."
        mend = "Kiểm tra đĩa và quyền, xem “station province alert list”, rồi gửi lại nếu cần."
        raise Refused(Trouble(str(error.filename or "alerts"), what, "Tin cũ vẫn như cũ.", mend)) from error
