"""Judging: whether a signed message is to be acted on, and what it does to those heard before or after it.

An alert is known by its sender, identifier and instant. What is known is never new again, and what has expired is
refused; since nothing that may still be believed is forgotten, no message is ever taken twice.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from attrs import evolve, frozen

from station.rules.alerting.alert import Alert, MessageType, Status
from station.rules.alerting.cap import refused
from station.rules.alerting.policy import FEED, Decision
from station.rules.alerting.sender import Sender
from station.rules.now import DAY, MINUTE, Now

LONGEST_IN_FORCE = 3 * DAY
_AHEAD = 5 * MINUTE  # by which the sender's clock may be ahead of the station's

_ACTED_ON = {MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL}
_MEANT = {Status.ACTUAL, Status.EXERCISE, Status.TEST}


class Ended(StrEnum):
    """How an alert ended before its time."""

    CANCELLED = "cancelled"
    REPLACED = "replaced"
    DISMISSED = "dismissed"


@frozen
class Entry:
    """A message that was believed: who vouches for it, what is done with it and why, and what `ended` it `by` what.

    `sender` is a short name or `feed:NAME`; `by` is an alert's id, or a person.
    """

    alert: Alert
    sender: str
    decision: Decision
    reason: str = ""
    ended: str = ""
    by: str = ""


def check(alert: Alert, sender: Sender, groups: frozenset[str], now: Now, newest: int) -> None:
    """Raise `Refused` unless a station of those groups acts on what `sender` signed.

    By a clock that nobody trusts, expiry cannot be judged: only what was sent after the `newest` that was ever
    believed (wall ms) is taken then.
    """
    check_kind(alert)
    if alert.sender != sender.name:  # or a sender could take what another one's message is going to be known by
        raise refused("Bản tin ghi nơi gửi khác với người đã ký nó.")
    if not sender.may_send(alert):
        raise refused(f"{sender.title} không được phép gửi tin mức này hoặc cho vùng này.")
    if not alert.groups & groups:
        raise refused("Bản tin không dành cho xã này.")
    if alert.expires is None or not alert.sent < alert.expires <= alert.sent + LONGEST_IN_FORCE:
        raise refused("Bản tin không ghi hết hạn lúc nào, hoặc có hạn dài quá ba ngày.")
    check_time(alert, alert.expires, now, newest)


def check_kind(alert: Alert) -> None:
    """Raise `Refused` unless it is something that a station acts on."""
    if alert.kind not in _ACTED_ON or alert.status not in _MEANT:
        raise refused(f"Đài không làm gì với bản tin loại {alert.status}/{alert.kind}.")


def check_time(alert: Alert, expires: int, now: Now, newest: int) -> None:
    """Raise `Refused` unless it is in force at `now`, as far as that can be known."""
    if not now.trusted:
        if alert.sent <= newest:
            raise refused("Đồng hồ của đài chưa chắc đúng nên đài không nhận bản tin cũ hơn bản tin đã nhận.")
        return
    if now.wall >= expires:
        raise refused("Bản tin đã hết hạn.")
    if alert.sent > now.wall + _AHEAD:
        raise refused("Bản tin ghi giờ gửi ở tương lai: đồng hồ của nơi gửi và của đài lệch nhau.")


def settled(new: Entry, known: Iterable[Entry], heard: Callable[[str], bool]) -> tuple[Entry, tuple[Entry, ...]]:
    """A new message as it stands among those `known` that may concern it, and those of them that it ends.

    `heard` tells of an alert's id whether it sounded: what was never heard needs no all-clear.
    """
    others = {it.alert.id: it for it in known if it.sender == new.sender}
    end = min((it.alert for it in others.values() if _ends(it.alert, new.alert)), key=_weight, default=None)
    if end is not None:
        new = evolve(new, ended=_how(end), by=end.id)
    names = [it for it in others.values() if _ends(new.alert, it.alert)]
    ends = tuple(evolve(it, ended=_how(new.alert), by=new.alert.id) for it in names if _outdone(it, new, others))
    if clears(new.alert) and new.alert.status is not Status.TEST:
        new = _cleared(new, was_heard=any(heard(it.alert.id) for it in names))
    return new, ends


def clears(alert: Alert) -> bool:
    """Whether it tells that something is over, rather than of a danger."""
    return alert.kind is MessageType.CANCEL or alert.all_clear


def _ends(later: Alert, earlier: Alert) -> bool:
    """A silent test never ends what is meant."""
    ending = later.kind in {MessageType.CANCEL, MessageType.UPDATE}
    return ending and earlier.me in later.references and later.status is earlier.status


def _how(end: Alert) -> Ended:
    return Ended.CANCELLED if end.kind is MessageType.CANCEL else Ended.REPLACED


def _weight(end: Alert) -> tuple[bool, int, str]:
    """Of several that end the same, the least is told: a cancel before an update, in whatever order they came."""
    return end.kind is not MessageType.CANCEL, end.sent, end.id


def _outdone(earlier: Entry, new: Entry, others: Mapping[str, Entry]) -> bool:
    """Whether the new message is what is told to have ended an earlier one."""
    before = others.get(earlier.by)
    return not earlier.ended or (before is not None and _weight(new.alert) < _weight(before.alert))


def _cleared(new: Entry, *, was_heard: bool) -> Entry:
    if was_heard and new.sender.startswith(FEED):
        return evolve(new, decision=Decision.PROPOSE, reason="Điều đã phát nay kết thúc; chờ người trực báo yên.")
    if was_heard:
        return evolve(new, decision=Decision.AIR, reason="Điều đã phát nay kết thúc nên đài báo yên.")
    return evolve(new, decision=Decision.NOTE, reason="Điều nó kết thúc chưa từng phát nên không cần báo yên.")


__all__ = [
    "LONGEST_IN_FORCE",
    "Ended",
    "Entry",
    "check",
    "check_kind",
    "check_time",
    "clears",
    "settled",
]
