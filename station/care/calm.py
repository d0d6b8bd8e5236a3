"""Whether this is a moment to switch to another version: `python -m station.care.calm [--wait]`.

Exit status 0 when nothing is on air and nothing is due within ten minutes, or when no player runs; else 1, with the
reason in a sentence. With `--wait` the reason is told once, and the end comes when it is calm.
"""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import click

from station.control.client import PlayerDown, ask
from station.control.messages import Watch
from station.rules.calm import FOR_SWITCH, is_calm
from station.stores.places import places

_LOOK_AGAIN = 60.0  # s: a timetable may have changed
_PATIENCE = 10.0  # s beyond that for an answer
_HANGS = 5.0  # s between questions to a player that does not answer
_NOT_THERE = (FileNotFoundError, ConnectionRefusedError)
_NO_ANSWER = "Máy phát chưa trả lời, chưa biết loa có đang phát không."


def why_not_calm(status: dict[str, Any]) -> str:
    """What the `status` of a player has against switching now, in a sentence; empty when that is nothing."""
    if on_air := status["on_air"]:
        return f"Đang phát “{on_air['title']}”."
    now = _wall(status["clock"]["now"])
    airing = [it for it in status["next"] if it["airs"]]
    if is_calm(now, (_wall(it["start"]) for it in airing), FOR_SWITCH):
        return ""
    first = min(airing, key=lambda it: _wall(it["start"]))
    return f"“{first['title']}” sắp phát, lúc {first['start'][11:16]}."


def look(socket: Path) -> str:
    """What stands against switching now. Whoever asks may not know the player's schedule: it tells itself."""
    return _Watching(socket).look(0.0)


def wait_for_calm(socket: Path, tell: Callable[[str], object]) -> None:
    """Return when nothing is on air and nothing due; `tell` is called once with what is waited for."""
    watching = _Watching(socket)
    reason = watching.look(0.0)
    if reason:
        tell(reason)
    while reason:
        reason = watching.look(_LOOK_AGAIN)


class _Watching:
    """Asks the player behind a socket, and knows what it has seen."""

    def __init__(self, socket: Path) -> None:
        self._socket, self._seen, self._hung = socket, 0, False

    def look(self, longest: float) -> str:
        """What stands against it: as soon as something changed there, and after `longest` s at the latest."""
        if self._hung:
            Event().wait(_HANGS)
        try:
            value = ask(self._socket, Watch(self._seen, longest), longest + _PATIENCE).value
        except PlayerDown as down:
            self._hung = not isinstance(down.__cause__, _NOT_THERE)
            return _NO_ANSWER if self._hung else ""
        self._seen, self._hung = value["seen"], False
        return why_not_calm(value["status"])


def _wall(written: str) -> int:
    return round(dt.datetime.fromisoformat(written).timestamp() * 1000)


@click.command()
@click.option("--wait", is_flag=True)
def main(*, wait: bool) -> None:
    """Say whether it is calm, or wait for it."""
    socket = places().socket
    if wait:
        wait_for_calm(socket, lambda reason: click.echo(f"{reason} Chờ loa im 10 phút rồi mới làm tiếp."))
    elif reason := look(socket):
        click.echo(reason)
        sys.exit(1)


if __name__ == "__main__":
    main()
