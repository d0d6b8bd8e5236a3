"""Presence: what the station says of itself to its province, and what became there of each alert."""

import json
import threading
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any, Protocol

from attrs import asdict

from station.clock import Clock
from station.control.client import PlayerDown, ask
from station.control.messages import Watch
from station.rules.alerting.aired import schedule_of
from station.rules.alerting.policy import Decision
from station.rules.alerting.ways import status_topic, verdict_topic
from station.rules.as_run import AsRun
from station.rules.now import DAY, MINUTE, SECOND
from station.stores.alerts import Kept
from station.stores.home import Home

_WATCHED = 20.0  # s for which the player may be silent while nothing changes
_HANGS = 3.0  # s beyond that
_AGAIN = 5.0  # s until a player that is down is asked again
_OFTEN = 5 * SECOND
_SELDOM = 15 * MINUTE
_SETTLED = 3 * SECOND  # the log is written a moment after what it tells of
_MOST_FAULTS = 10
_MOST_ALERTS = 20
_OF_A_BROADCAST = ("key", "title", "start", "end", "zones", "priority", "origin")


class Says(Protocol):
    """Where it is said; it is a `Line`."""

    @property
    def connected(self) -> bool:
        """Whether anybody hears it."""

    def say(self, topic: str, content: bytes, lasts: int | None = None) -> None:
        """Say what holds for `lasts` s, or until something else is said."""


class Presence:
    """Says it for the commune `code` on `line`: at once what became of an alert, and the rest now and then."""

    def __init__(self, home: Home, code: str, line: Says, clock: Clock) -> None:
        self._home, self._code, self._line, self._clock = home, code, line, clock
        self._version = metadata.version("loa-xa")
        self._news, self._closed = threading.Event(), threading.Event()
        self._player: dict[str, Any] = {}
        self._name = ""
        self._said: dict[str, Any] | None = None
        self._said_at = 0  # mono ms
        self._told: dict[str, dict[str, Any]] = {}  # of each alert

    def begin(self) -> None:
        """Say it from now on, whenever the line is connected."""
        for name, does in (("watch", self._watch), ("presence", self._serve)):
            threading.Thread(target=does, name=name, daemon=True).start()

    def greet(self) -> None:
        """The line is connected: whoever is at its other end may know nothing."""
        self._said, self._told = None, {}
        self._news.set()

    def look(self) -> None:
        """An alert was judged."""
        self._news.set()

    def close(self) -> None:
        """Say no more."""
        self._closed.set()
        self._news.set()

    def _watch(self) -> None:
        number, pause = 0, 0.0
        while not self._closed.wait(pause):
            pause = _AGAIN
            if self._line.connected:
                number, pause = self._look_at_player(number)

    def _look_at_player(self, number: int) -> tuple[int, float]:
        """See the player once something changed; gives what to ask with next time, and after how many s."""
        try:
            told = ask(self._home.places.socket, Watch(number, _WATCHED), _WATCHED + _HANGS).value
            self._player, found = {**told["status"], "player": True}, (int(told["seen"]), 0.0)
        except PlayerDown as down:
            self._player, found = {"player": False, "faults": [asdict(down.trouble)]}, (0, _AGAIN)
        self._news.set()
        return found

    def _serve(self) -> None:
        due = 0
        while True:
            came = self._news.wait(max(0, due - self._clock.now().mono) / SECOND)
            if self._closed.is_set():
                return
            self._news.clear()
            due = self._clock.now().mono + (_SETTLED if came else _SELDOM)
            if self._line.connected:
                self._tell_verdicts()
                due = min(due, self._tell_status())

    # How the station is

    def _tell_status(self) -> int:
        """Say how it is, if that is worth a message; gives at which mono ms to look again."""
        now = self._clock.now()
        if not self._player:
            return now.mono + _SELDOM  # it is about to be looked at
        found = self._status()
        same = self._said is not None and _lasting(found) == _lasting(self._said)
        due = self._said_at + (_SELDOM if same else _OFTEN)
        if self._said is not None and now.mono < due:
            return due
        self._said, self._said_at = found, now.mono
        self._line.say(status_topic(self._code), _json({"at": now.wall, **found}))
        return now.mono + _SELDOM

    def _status(self) -> dict[str, Any]:
        player = self._player
        self._name = player.get("station", self._name)
        coming = next((it for it in player.get("next", ()) if it["airs"]), None)
        return {
            "version": self._version,
            "name": self._name,
            "player": player["player"],
            "on_air": _broadcast(player.get("on_air")),
            "next": _broadcast(coming),
            "faults": player.get("faults", [])[:_MOST_FAULTS],
            "clock_trusted": self._clock.now().trusted,
            "disk_free": player.get("disk", {}).get("free"),
            "heat": player.get("heat"),
        }

    # What became of alerts

    def _tell_verdicts(self) -> None:
        """Say of each alert in force, and of what was refused lately, what is not said yet.

        Of what nobody signed nothing is said.
        """
        now = self._clock.now().wall
        refused = [it for it in self._home.alerts.newest(_MOST_ALERTS) if it.decision is Decision.REFUSE]
        known = (*self._home.alerts.in_force(now)[:_MOST_ALERTS], *refused)
        kept = [it for it in known if it.sender and _until(it) > now]
        for it in kept:
            verdict = _verdict(it, self._home.log.of_schedule(schedule_of(it.id)))
            if self._told.get(it.id) != verdict:
                self._told[it.id] = verdict
                self._line.say(verdict_topic(self._code, it.id), _json(verdict), -(-(_until(it) - now) // SECOND))
        self._told = {it.id: self._told[it.id] for it in kept}


def _until(kept: Kept) -> int:
    """Until when (wall ms) anybody asks about it."""
    return kept.received_at + DAY if kept.decision is Decision.REFUSE else kept.expires


def _verdict(kept: Kept, records: Sequence[AsRun]) -> dict[str, Any]:
    record = records[-1] if records else None
    result = "" if record is None else record.result or ("airing" if record.actual_start else "")
    return {
        "at": kept.received_at,
        "decision": kept.decision,
        "reason": kept.reason,
        "result": result,
        "proof": record.proof if record and record.result else "",
    }


def _broadcast(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else {name: told[name] for name in _OF_A_BROADCAST}


def _lasting(status: Mapping[str, Any]) -> dict[str, Any]:
    """What of it is worth a message."""
    return {name: value for name, value in status.items() if name not in {"disk_free", "heat"}}


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
