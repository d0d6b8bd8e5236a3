"""Alerts for the tests of the rules."""

from typing import Any

from attrs import evolve

from station.rules.alerting.alert import (
    GROUP,
    Alert,
    Area,
    Certainty,
    MessageType,
    Reference,
    Severity,
    Status,
    Urgency,
)
from station.rules.now import HOUR
from tests.rules.stations import at

SENT = at("14:00")


def alert(identifier: str = "lu-1", sent: int = SENT, groups: tuple[str, ...] = ("tinh",), **more: Any) -> Alert:
    """A flood, sent at two in the afternoon and in force for two hours."""
    usual = Alert(
        identifier=identifier,
        sender="pctt",
        sent=sent,
        status=Status.ACTUAL,
        kind=MessageType.ALERT,
        event="Lũ quét",
        urgency=Urgency.IMMEDIATE,
        severity=Severity.EXTREME,
        certainty=Certainty.OBSERVED,
        expires=sent + 2 * HOUR,
        headline="Lũ đang lên nhanh",
        instruction="Bà con lên chỗ cao ngay",
        language="vi-VN",
        areas=(Area("Vùng thử", tuple((GROUP, it) for it in groups)),),
    )
    return evolve(usual, **more)


def after(kind: MessageType, *earlier: Alert | Reference, identifier: str = "lu-2", **more: Any) -> Alert:
    """What updates or cancels others, a minute after the last of them."""
    names = tuple(it.me if isinstance(it, Alert) else it for it in earlier)
    return alert(identifier, max(it.sent for it in names) + 60_000, kind=kind, references=names, **more)
