"""Orders to the running player: play, stop, and what is the matter."""

from typing import Any

from station.control.client import ON_AIR, ask
from station.control.messages import Answer, Play, Status, Stop
from station.stores.home import Home
from station.stores.people import write_audit


def play(home: Home, name: str, *, zones: tuple[str, ...] = (), by: str, now: int) -> Answer:
    """Put a segment or a schedule on air now; the answer comes once it is heard. Raises `PlayerDown`."""
    _audit(home, now, by, "phát ngay", name)
    return ask(home.places.socket, Play(name, by, zones), ON_AIR)


def stop(home: Home, *, by: str, now: int) -> Answer:
    """Be silent now; the answer comes once it is. Raises `PlayerDown`."""
    answer = ask(home.places.socket, Stop(by))
    _audit(home, now, by, "dừng phát", answer.sentence)
    return answer


def status(home: Home) -> dict[str, Any]:
    """What the player says of itself. Raises `PlayerDown`."""
    value = ask(home.places.socket, Status()).value
    return dict(value)


def _audit(home: Home, now: int, by: str, deed: str, subject: str) -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, subject)
