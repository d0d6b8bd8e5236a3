"""What the board's page is told of the stations as they are now: `live.json`, beside it."""

import json
from collections.abc import Mapping
from typing import Any

from station.rules.overview import TO_CALL, Answer, InForce, Picture, Row, Told, answers

FILE = "live.json"


def live_json(picture: Picture) -> bytes:
    """The same for the page's script; instants in wall ms, null for what is not known.

    {"at": …, "broker": {"up", "since"},
    "stations": {CODE: {"name", "up", "since", "seen", "player", "on_air", "faults"}},
    "alerts": [{"title", "silent", "sent", "until", "counts": {ANSWER: 3}, "to_call": [[ANSWER, CODE, reason]]}]}
    """
    told = {
        "at": picture.at,
        "broker": {"up": picture.broker.up, "since": picture.broker.since},
        "stations": {row.code: _station(row) for row in picture.rows},
        "alerts": [_alert(it, picture) for it in picture.alerts],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _station(row: Row) -> dict[str, Any]:
    told = row.told if row.up else None  # of who is gone nobody knows what is on air there
    return {
        "name": row.name,
        "up": row.up,
        "since": row.since,
        "seen": row.seen,
        "player": told.player if told else None,
        "on_air": _on_air(told),
        "faults": list(told.faults) if told else [],
    }


def _on_air(told: Told | None) -> str | None:
    return told.on_air.title if told and told.on_air else None


def _alert(alert: InForce, picture: Picture) -> dict[str, Any]:
    found: Mapping[Answer, tuple[Row, ...]] = answers(alert, picture.rows)
    return {
        "title": alert.title,
        "silent": alert.silent,
        "sent": alert.sent,
        "until": alert.until,
        "counts": {answer: len(rows) for answer, rows in found.items() if rows},
        "to_call": [[answer, row.code, _why(row, alert)] for answer in TO_CALL for row in found[answer]],
    }


def _why(row: Row, alert: InForce) -> str:
    answered = row.answers.get(alert.id)
    return answered.reason if answered else ""
