"""The commune's rules: what is done with whose alerts, of which severity, at which hours."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen

from station.rules.alerting.alert import Alert, Severity, Status
from station.rules.hours import Hours, Window, local_ms
from station.rules.now import DAY, Now

EVERY_SENDER = "*"  # of the province
FEED = "feed:"  # what stands before the name of a feed

ALL_DAY = Window(0, DAY)


class Decision(StrEnum):
    """What is done with an alert."""

    AIR = "air"
    PROPOSE = "propose"
    NOTE = "note"
    REFUSE = "refuse"


SEVERITIES: Mapping[Severity, str] = {
    Severity.UNKNOWN: "chưa rõ mức",
    Severity.MINOR: "nhẹ",
    Severity.MODERATE: "vừa",
    Severity.SEVERE: "nghiêm trọng",
    Severity.EXTREME: "đặc biệt nghiêm trọng",
}


@frozen
class AlertRule:
    """What is done with alerts from `sender` (a short name, `feed:NAME`, or `*`) that are at least so severe.

    It holds within `hours` of the day. What a feed lets the station air is never its own: it is what the commune
    wrote to `say`, or a segment to `play`.
    """

    sender: str = EVERY_SENDER
    severity: Severity = Severity.UNKNOWN
    hours: Window = ALL_DAY
    does: Decision = Decision.PROPOSE
    say: str = ""
    play: str = ""

    def is_for(self, sender: str, severity: Severity) -> bool:
        """Whether it is about that, at any hour."""
        named = self.sender == sender or (self.sender == EVERY_SENDER and not sender.startswith(FEED))
        return named and severity.rank >= self.severity.rank


USUAL = (AlertRule(severity=Severity.SEVERE, does=Decision.AIR),)  # all else is proposed


def rule_for(rules: Iterable[AlertRule], sender: str, severity: Severity, hours: Hours, now: Now) -> AlertRule:
    """The first rule that fits; by a clock that nobody trusts only those for the whole day do."""
    for rule in (*rules, *USUAL):
        if rule.is_for(sender, severity) and (rule.hours == ALL_DAY or _within(rule.hours, hours, now)):
            return rule
    return AlertRule(sender)


def decide(alert: Alert, sender: str, rules: Iterable[AlertRule], hours: Hours, now: Now) -> tuple[Decision, str]:
    """What is done with a message that is believed and may be heard, and why, in a sentence.

    `sender` is as in a rule; `hours` are those in which all but emergencies may sound.
    """
    if alert.status is Status.TEST:
        return Decision.NOTE, "Tin thử đường truyền: đài nhận được, không phát tiếng."
    rule = rule_for(rules, sender, alert.severity, hours, now)
    if alert.status is Status.EXERCISE and rule.does is Decision.AIR and not _may_sound(hours, now):
        return Decision.PROPOSE, f"Diễn tập ngoài khung giờ cho phép ({hours}) nên đài không tự phát."
    return rule.does, _REASONS[rule.does].format(SEVERITIES[alert.severity])


def decide_unsigned(  # noqa: PLR0913 - what decides, and how it came
    alert: Alert, feed: str, rules: Iterable[AlertRule], hours: Hours, now: Now, *, by_tls: bool
) -> tuple[Decision, str]:
    """The same for a message of a feed, which nobody signed: had without TLS it is only ever proposed."""
    decision, reason = decide(alert, f"{FEED}{feed}", rules, hours, now)
    if decision is Decision.AIR and not by_tls:
        return Decision.PROPOSE, "Nguồn tin không mã hóa (http) nên đài không tự phát."
    return decision, reason


_REASONS = {
    Decision.AIR: "Quy định của đài: mức {} thì phát ngay.",
    Decision.PROPOSE: "Quy định của đài: mức {} thì chờ người trực quyết định.",
    Decision.NOTE: "Quy định của đài: mức {} thì chỉ ghi lại.",
}


def _within(window: Window, hours: Hours, now: Now) -> bool:
    return now.trusted and window.opens <= local_ms(now.wall, hours.zone) < window.closes


def _may_sound(hours: Hours, now: Now) -> bool:
    return now.trusted and hours.open_until(now.wall) is not None
