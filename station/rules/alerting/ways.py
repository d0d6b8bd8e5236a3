"""The ways of an alert: the broker's topics, and the list of alerts in force beside the signed tree.

Neither is believed. Who holds broker or server may keep an alert back; only its sender's signature makes it one.

    loa-xa/alert/GROUP/ID           envelopes, retained until they expire (MQTT 5 message expiry)
    loa-xa/sync                     "synchronise now"
    loa-xa/station/CODE/link        "on", or "off" as the last will; retained
    loa-xa/station/CODE/status      the station as it is (JSON), retained
    loa-xa/station/CODE/alert/ID    what the station did with an alert (JSON), retained until that expires

    TREE/alerts/current.json        {"alerts": [{"file": SHA256 of an envelope, "groups": [...], "until": wall ms}]}
    TREE/alerts/SHA256.json         the envelope
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from attrs import asdict, frozen

SYNC_TOPIC = "loa-xa/sync"
ALL_STATIONS = "loa-xa/station/#"
ALL_ALERTS = "loa-xa/alert/#"
INDEX = "alerts/current.json"
LONGEST_INDEX = 1 << 20  # bytes
ON, OFF = b"on", b"off"

_ALERT = "loa-xa/alert"
_STATION = "loa-xa/station"
_MOST = 1_000  # alerts at a time


@frozen
class Listed:
    """An alert in force: the sha256 of its envelope, the groups that it is for, and until when (wall ms)."""

    file: str
    groups: tuple[str, ...]
    until: int

    @property
    def path(self) -> str:
        """Where in the tree."""
        return f"alerts/{self.file}.json"


def alert_topic(group: str, alert: str) -> str:
    """Where an alert is told to a group."""
    return f"{_ALERT}/{group}/{alert}"


def alert_topics(groups: Iterable[str]) -> tuple[str, ...]:
    """What a station of these groups listens to."""
    return tuple(f"{_ALERT}/{group}/+" for group in groups)


def link_topic(code: str) -> str:
    """Where a station says that it is there."""
    return f"{_STATION}/{code}/link"


def status_topic(code: str) -> str:
    """Where a station says how it is."""
    return f"{_STATION}/{code}/status"


def verdict_topic(code: str, alert: str) -> str:
    """Where a station says what it did with an alert."""
    return f"{_STATION}/{code}/alert/{alert}"


def said_by(topic: str) -> tuple[str, tuple[str, ...]] | None:
    """Which station said something, and what: `("24169", ("alert", "3f…"))`."""
    found = re.fullmatch(rf"{_STATION}/([a-z0-9-]+)/(link|status|alert/[0-9a-f]+)", topic)
    return (found[1], tuple(found[2].split("/"))) if found else None


def write_index(alerts: Iterable[Listed]) -> bytes:
    """The list of alerts in force."""
    return json.dumps({"alerts": [asdict(it) for it in alerts]}).encode()


def read_index(content: bytes) -> tuple[Listed, ...]:
    """The alerts that a list names; what is not right in it is passed over. Raises `ValueError` if nothing is."""
    told = json.loads(content)
    rows = told.get("alerts") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise ValueError("no list of alerts")  # noqa: TRY004 - as of any other wrong text
    return tuple(filter(None, map(_read, rows[:_MOST])))


def _read(row: Any) -> Listed | None:
    try:
        listed = Listed(str(row["file"]), tuple(map(str, row["groups"])), int(row["until"]))
    except (KeyError, TypeError, ValueError):
        return None
    return listed if re.fullmatch("[0-9a-f]{64}", listed.file) else None
