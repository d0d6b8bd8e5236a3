"""Watching: which alerts of a feed, that nobody signed, are for this station."""

from attrs import evolve, frozen

from station.rules.alerting.alert import Alert, MessageType, Severity, Status
from station.rules.alerting.area import Place, concerns
from station.rules.alerting.policy import FEED

_LONGEST_SENDER = 200  # letters, as CAP is read here


@frozen
class Watched:
    """What a feed is watched for: areas by name or code, the station's own place, and the least severity."""

    areas: tuple[str, ...]
    place: Place | None
    severity: Severity


def passed_over(alert: Alert, watched: Watched, now: int) -> str:
    """Why an alert is not for this station at wall ms `now`; nothing if it is."""
    if alert.status is not Status.ACTUAL:
        return "chỉ là tin thử"
    if alert.kind not in {MessageType.ALERT, MessageType.UPDATE}:
        return "không phải là cảnh báo"
    if alert.expires is not None and alert.expires <= now:
        return "đã hết hạn"
    if alert.severity.rank < watched.severity.rank:
        return "nhẹ hơn mức đã chọn"
    return "" if concerns(alert.areas, watched.areas, watched.place) else "ở vùng khác"


def under(feed: str, alert: Alert) -> Alert:
    """An alert as it is known here: by the feed's name before its sender's.

    So nobody who writes a feed can have it taken for another's message, or end one.
    """

    def mine(sender: str) -> str:
        return f"{FEED}{feed}/{sender}"[:_LONGEST_SENDER]

    references = tuple(evolve(it, sender=mine(it.sender)) for it in alert.references)
    title = alert.sender_name or alert.sender
    return evolve(alert, sender=mine(alert.sender), sender_name=title, references=references)


def over(alert: Alert) -> Alert:
    """An alert that is not for this station any more, as no more than the end of what it names."""
    return evolve(alert, kind=MessageType.CANCEL, expires=None)


def ends(alert: Alert) -> frozenset[str]:
    """The ids of the alerts that one replaces or cancels."""
    ending = alert.status is Status.ACTUAL and alert.kind in {MessageType.UPDATE, MessageType.CANCEL}
    return frozenset(it.id for it in alert.references) if ending else frozenset()
