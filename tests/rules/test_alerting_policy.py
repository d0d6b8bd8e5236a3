"""What the commune does with whose alerts."""

import pytest
from attrs import evolve

from station.rules.alerting.alert import Severity, Status
from station.rules.alerting.policy import AlertRule, Decision, decide
from station.rules.hours import Hours, Window
from station.rules.now import DAY, HOUR, Now
from tests.rules.alerts import alert
from tests.rules.stations import HANOI, now

HOURS = Hours((Window(5 * HOUR, 21 * HOUR),), HANOI)


def decision(
    severity: Severity = Severity.EXTREME,
    *rules: AlertRule,
    sender: str = "pctt",
    clock: Now = now("14:00"),  # noqa: B008 - frozen
    status: Status = Status.ACTUAL,
) -> Decision:
    found, reason = decide(alert(severity=severity, status=status), sender, rules, HOURS, clock)
    assert reason.endswith("."), "whatever is done has its sentence"
    return found


def test_usually_the_provinces_worst_sound_at_any_hour_and_all_else_is_asked():
    assert decision(Severity.SEVERE, clock=now("02:00")) is Decision.AIR
    assert decision(Severity.EXTREME, clock=now("02:00", trusted=False)) is Decision.AIR
    assert decision(Severity.MODERATE) is Decision.PROPOSE
    assert decision(Severity.UNKNOWN) is Decision.PROPOSE
    assert decision(Severity.EXTREME, sender="feed:khi-tuong") is Decision.PROPOSE


def test_the_first_rule_that_fits_wins():
    quiet = AlertRule("y-te", does=Decision.NOTE)
    day = AlertRule(severity=Severity.MODERATE, hours=Window(6 * HOUR, 20 * HOUR), does=Decision.AIR)
    assert decision(Severity.EXTREME, quiet, day, sender="y-te") is Decision.NOTE
    assert decision(Severity.MODERATE, quiet, day) is Decision.AIR
    assert decision(Severity.MINOR, quiet, day) is Decision.PROPOSE
    assert decision(Severity.MODERATE, day, clock=now("20:00")) is Decision.PROPOSE
    assert decision(Severity.MODERATE, day, clock=now("12:00", trusted=False)) is Decision.PROPOSE
    assert decision(Severity.EXTREME, AlertRule(does=Decision.PROPOSE)) is Decision.PROPOSE


def test_every_sender_of_the_province_is_no_feed():
    all_of_them = AlertRule(does=Decision.AIR)
    feed = AlertRule("feed:khi-tuong", Severity.SEVERE, does=Decision.AIR, say="Có bão.")
    assert decision(Severity.MINOR, all_of_them) is Decision.AIR
    assert decision(Severity.MINOR, all_of_them, sender="feed:khi-tuong") is Decision.PROPOSE
    assert decision(Severity.SEVERE, feed, sender="feed:khi-tuong") is Decision.AIR
    assert decision(Severity.SEVERE, feed, sender="feed:khac") is Decision.PROPOSE


@pytest.mark.parametrize("rule", [(), (AlertRule(does=Decision.AIR),)])
def test_a_silent_test_is_never_heard(rule):
    assert decision(Severity.EXTREME, *rule, status=Status.TEST) is Decision.NOTE


def test_a_drill_sounds_only_within_allowed_hours():
    assert decision(status=Status.EXERCISE) is Decision.AIR
    assert decision(status=Status.EXERCISE, clock=now("21:00")) is Decision.PROPOSE
    assert decision(status=Status.EXERCISE, clock=now("14:00", trusted=False)) is Decision.PROPOSE
    assert decision(Severity.MINOR, status=Status.EXERCISE) is Decision.PROPOSE
    never = evolve(HOURS, windows=())
    message = alert(status=Status.EXERCISE, expires=now("14:00").wall + DAY)
    assert decide(message, "pctt", (), never, now("14:00"))[0] is Decision.PROPOSE
