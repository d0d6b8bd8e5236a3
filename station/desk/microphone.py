"""A browser's microphone: what it hears goes to the live broadcast of the person who began it, and to no other."""

import socket
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from station.control.client import PlayerDown
from station.desk import orders
from station.desk.permits import permit
from station.rules.roles import Deed
from station.stores.home import Home

_PATIENCE = 1.0  # s


class Stage(StrEnum):
    """How far a live broadcast is, for whoever speaks in it."""

    WAITING = "waiting"  # not begun yet, or over
    SIGNAL = "signal"  # amplifiers warm, or the chime sounds
    HEARD = "heard"
    UNHEARD = "unheard"  # it is on, but what is said does not arrive


def speak(home: Home, samples: bytes, *, by: str) -> Stage:
    """Hand over samples (48 kHz, mono, s16le) and tell what becomes of them."""
    permit(Deed.SOUND)
    try:
        air = orders.status(home)["on_air"]
    except PlayerDown:
        return Stage.UNHEARD
    if not _speaks(air, by) or air["phase"] == "stopping":
        return Stage.WAITING
    arrived = _hand_over(home.places.live, samples)
    if air["phase"] == "warming" or air["number"] < air["items"]:
        return Stage.SIGNAL
    return Stage.HEARD if arrived and not air["feed"] else Stage.UNHEARD


def hang_up(home: Home, *, by: str, now: int) -> None:
    """End the live broadcast that `by` began, on air or still to come; nothing else."""
    with suppress(PlayerDown):
        status = orders.status(home)
        first = status["on_air"] or next((it for it in status["next"] if it["live"]), None)
        if _speaks(first, by):
            orders.stop(home, by=by, now=now)


def _speaks(broadcast: dict[str, Any] | None, person: str) -> bool:
    return broadcast is not None and broadcast["live"] and broadcast["who"] == person


def _hand_over(place: Path, samples: bytes) -> bool:
    """Whether the player took them."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(_PATIENCE)
            link.connect(str(place))
            link.sendall(samples[: len(samples) // 2 * 2])
    except OSError:
        return False
    return True
