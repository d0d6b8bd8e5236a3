"""That the page answers, told to systemd: it asks itself for a small file, as a browser would.

So whatever may hang is between question and answer: the server's loop, its threads, and the program.
"""

import http.client
import threading
from contextlib import suppress

from station.clock import Clock
from station.notify import Notifier

EVERY_S = 15.0  # the unit's WatchdogSec is several times that and the patience together
PATIENCE_S = 30
_FILE = "/static/loa.svg"


def begin(host: str, port: int, clock: Clock) -> None:
    """Say that the page listens at `host` and `port`, and from now on, as long as it answers, that it does."""
    systemd = Notifier()
    systemd.ready()
    if systemd.listens:
        threading.Thread(target=_tell, args=(systemd, host, port, clock), name="pulse", daemon=True).start()


def _tell(systemd: Notifier, host: str, port: int, clock: Clock) -> None:
    pause = threading.Event()  # never set: a wait
    while True:
        if _answers(host, port):
            systemd.feed(clock.now().mono)
        pause.wait(EVERY_S)


def _answers(host: str, port: int) -> bool:
    link = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    with suppress(OSError, http.client.HTTPException):
        link.request("GET", _FILE)
        return link.getresponse().status == http.HTTPStatus.OK
    return False
