"""What a page works with: the station's home, the instant, and the person."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import current_app, flash, g

from station.clock import Clock
from station.rules import hours
from station.stores.config import Config
from station.stores.home import Home


def home() -> Home:
    """The station's stores."""
    kept: Home = current_app.extensions["home"]
    return kept


def now() -> int:
    """The wall ms at which this request is answered."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now().wall


def config() -> Config:
    """The station's configuration, read once a request."""
    if "config" not in g:
        g.config = home().config().config
    kept: Config = g.config
    return kept


def zone() -> ZoneInfo:
    """The station's own time."""
    return config().time_zone


def local(instant: int) -> dt.datetime:
    """A wall ms on the station's own clock."""
    return hours.local(instant, zone())


def person() -> str:
    """Who is signed in."""
    return str(g.person)


def tell(sentence: str, *, done: bool = True) -> None:
    """Show on the next page what a deed came to, and when: the page may stay open long after it was true."""
    flash(f"{local(now()):%H:%M} · {sentence}", "done" if done else "trouble")
