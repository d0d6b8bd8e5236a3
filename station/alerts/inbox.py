"""The inbox: whatever way a message came, it is unsealed, read, judged and kept, and the player is told.

What a stranger can send costs no more than a bounded number of looks a second, and a bounded number of rows.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from attrs import evolve, frozen

from station.alerts.airing import Airing
from station.alerts.believed import believed
from station.alerts.bucket import Bucket
from station.alerts.sound import made_ready
from station.audio.sandbox import hurried
from station.clock import Clock
from station.rules.alerting.aired import schedule_of, was_heard
from station.rules.alerting.alert import Alert
from station.rules.alerting.cap import read_cap, write_cap
from station.rules.alerting.envelope import unseal
from station.rules.alerting.judging import LONGEST_IN_FORCE, Entry, check, check_kind, check_time, settled
from station.rules.alerting.policy import FEED, Decision, decide, decide_unsigned
from station.rules.now import DAY, MINUTE, Now
from station.rules.trouble import Refused
from station.stores.alerts import PROVINCE, Kept
from station.stores.home import Home

_AT_ONCE, _A_SECOND = 20, 5.0  # envelopes that are looked at, of each way
_ROWS_AT_ONCE, _ROWS_A_SECOND = 10, 0.2  # refused messages that are written down
_SAME = 10 * MINUTE  # in which a reason is written down once
_REMEMBERED = 256  # envelopes that need no second look
_ID = 16  # hex digits, as of an alert
_UNSAID = DAY  # for so long a feed's alert holds that does not say for how long

_log = logging.getLogger(__name__)


@frozen
class Verdict:
    """What the station makes of a message; `alert` is None when nobody is known to vouch for it.

    It is `new` unless it was known already.
    """

    alert: Alert | None
    decision: Decision
    reason: str
    new: bool


class Inbox:
    """The one way for messages into the station, from any thread.

    From its making until it is closed it also has the player air what is to be aired.
    """

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._airing = Airing(home, clock)
        self._one_at_a_time = threading.Lock()
        self._looks: dict[str, Bucket] = {}
        self._rows = Bucket(_ROWS_AT_ONCE, _ROWS_A_SECOND)
        self._told: dict[str, int] = {}
        self._seen: OrderedDict[str, Verdict] = OrderedDict()

    def close(self) -> None:
        """Ask nothing more of the player."""
        self._airing.close()

    def take(self, envelope: bytes, way: str) -> Verdict:
        """Judge a signed message that came by `way` (`push`, `poll`), keep it, and have it aired if it is to be."""
        digest = hashlib.sha256(envelope).hexdigest()
        if known := self._seen.get(digest):
            return known
        now = self._clock.now()
        if not self._looks.setdefault(way, Bucket(_AT_ONCE, _A_SECOND)).takes(now.mono):
            return Verdict(None, Decision.REFUSE, _TOO_MANY, new=True)
        came = _Came(digest[:_ID], PROVINCE, way, now)
        return self._once(digest, came, lambda: self._take(envelope, came))

    def take_from_feed(self, feed: str, alert: Alert, xml: bytes) -> Verdict:
        """Judge a message that nobody signed, from the feed of that name, and keep it unless it is refused."""
        digest = f"{feed} {hashlib.sha256(xml).hexdigest()}"
        if known := self._seen.get(digest):
            return known
        came = _Came(alert.id, f"{FEED}{feed}", "feed", self._clock.now(), title=alert.sender_name or alert.sender)
        return self._once(digest, came, lambda: self._take_unsigned(feed, alert, came))

    def _once(self, digest: str, came: "_Came", take: Callable[[], Verdict]) -> Verdict:
        """Whatever a message brings about, it is a verdict, and the same bytes need no second look.

        Only what was refused may be right another time.
        """
        with self._one_at_a_time:
            try:
                verdict = take()
            except Refused as refusal:
                return self._refuse(came, None, refusal.trouble.what)
            except Exception:  # noqa: BLE001 - a listener must outlive every message
                _log.exception("an alert could not be judged")
                return Verdict(None, Decision.REFUSE, "Đài gặp lỗi khi nhận bản tin này.", new=True)
            if verdict.decision is not Decision.REFUSE:
                self._seen[digest] = evolve(verdict, new=False)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return verdict

    def _take(self, envelope: bytes, came: "_Came") -> Verdict:
        trusted = believed(self._home.places)
        sender, xml = unseal(envelope, trusted.senders)
        alert = read_cap(xml)
        signed = evolve(came, id=alert.id, sender=sender.name, title=sender.title)
        if known := self._known(alert):
            return known
        try:
            check(alert, sender, trusted.groups, came.now, self._home.alerts.newest_sent())
        except Refused as refusal:
            return self._refuse(signed, alert, refusal.trouble.what)
        config = self._home.config().config
        decided = decide(alert, signed.vouched_by, config.alerts.rule, config.station.hours, came.now)
        return self._keep(signed, alert, alert.expires or alert.sent, decided)

    def _take_unsigned(self, feed: str, alert: Alert, came: "_Came") -> Verdict:
        latest = alert.sent + LONGEST_IN_FORCE
        expires = min(alert.sent + _UNSAID if alert.expires is None else alert.expires, latest)
        if known := self._known(alert):
            return known
        check_kind(alert)
        check_time(alert, expires, came.now, 0)
        config = self._home.config().config
        by_tls = feed in config.feeds and config.feeds[feed].by_tls
        rules, hours = config.alerts.rule, config.station.hours
        decided = decide_unsigned(alert, feed, rules, hours, came.now, by_tls=by_tls)
        return self._keep(came, alert, expires, decided)

    def _known(self, alert: Alert) -> Verdict | None:
        kept = self._home.alerts.find(alert.id)
        if kept is None or kept.decision is Decision.REFUSE:
            return None
        return Verdict(kept.alert, kept.decision, kept.reason, new=False)

    def _keep(self, came: "_Came", alert: Alert, expires: int, decided: tuple[Decision, str]) -> Verdict:
        """Keep a message that is believed and decided on, with all that follows for others."""
        about = self._home.alerts.about(alert, came.origin, came.sender)
        known = [it for kept in about if (it := kept.entry)]
        entry, ends = settled(Entry(alert, came.vouched_by, *decided), known, self._was_heard)
        is_heard = entry.decision in {Decision.AIR, Decision.PROPOSE} and not entry.ended and came.sender
        with hurried(), made_ready(self._home, alert.sound if is_heard else None) as sound:
            told = " ".join(filter(None, (entry.reason, sound.wrong)))
            kept = evolve(
                came.kept(alert, entry.decision, told),
                expires=expires,
                sound=sound.sha256,
                sound_length=sound.length,
                ended=entry.ended,
                ended_by=entry.by,
                ended_at=came.now.wall if entry.ended else None,
            )
            with self._home.engine.begin() as connection:
                self._home.alerts.note(connection, kept)
                for it in ends:
                    self._home.alerts.end(connection, it.alert.id, it.ended, by=it.by, at=came.now.wall)
                for old in self._home.alerts.forget(connection, came.now.wall) if came.now.trusted else ():
                    self._home.library.let_go(connection, old)
                if sound.file:
                    self._home.library.lend_place(sound.file)
        self._airing.look()
        return Verdict(kept.alert, kept.decision, kept.reason, new=True)

    def _was_heard(self, alert: str) -> bool:
        return was_heard(self._home.log.of_schedule(schedule_of(alert)))

    def _refuse(self, came: "_Came", alert: Alert | None, reason: str) -> Verdict:
        """Write down why, unless that was just written down, or too much is."""
        kept, mono = came.kept(alert, Decision.REFUSE, reason), came.now.mono
        self._told = {it: at for it, at in self._told.items() if mono - at < _SAME}
        if came.origin == PROVINCE and reason not in self._told and self._rows.takes(mono):
            self._told[reason] = mono
            with self._home.engine.begin() as connection:
                self._home.alerts.note(connection, kept)
        return Verdict(kept.alert, kept.decision, kept.reason, new=True)


@frozen
class _Came:
    """A message on its way in; `id` is its own once that is read, and until then of the bytes that came."""

    id: str
    origin: str
    way: str
    now: Now
    sender: str = ""
    title: str = ""

    @property
    def vouched_by(self) -> str:
        """As rules name it."""
        return self.sender or self.origin

    def kept(self, alert: Alert | None, decision: Decision, reason: str) -> Kept:
        """Its row, without its sound."""
        wall = self.now.wall
        return Kept(
            self.id,
            self.origin,
            self.sender,
            self.title,
            xml=write_cap(evolve(alert, sound=None)).decode() if alert else "",
            sound=None,
            sound_length=None,
            way=self.way,
            sent=alert.sent if alert else wall,
            expires=(alert and alert.expires) or wall,
            received_at=wall,
            decision=decision,
            reason=reason,
        )


_TOO_MANY = "Quá nhiều bản tin cùng lúc nên đài chưa xem bản tin này."
