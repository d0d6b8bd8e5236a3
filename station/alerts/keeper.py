"""The keeper of the listener: a child of the player's own that is begun again whenever it ends."""

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence

from station.clock import Clock
from station.province.child import kill, limited
from station.rules.now import SECOND

_NICE = 5
_MEMORY = 1 << 28  # bytes of its own, and of each child that it has
_LOOK_S = 5.0  # after which it is asked again whether it is wanted
_SOONEST_S, _LATEST_S = 1.0, 60.0
_WELL = 60 * SECOND  # who lived so long is begun again soon

_log = logging.getLogger(__name__)


class Keeper:
    """Keeps `command` running while it is `wanted`, in a thread of its own. It dies with this process."""

    def __init__(self, command: Sequence[str], wanted: Callable[[], bool], clock: Clock) -> None:
        self._command = limited(command, nice=_NICE, memory=_MEMORY)
        self._wanted, self._clock = wanted, clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Keep it from now on."""
        threading.Thread(target=self._serve, name="listener", daemon=True).start()

    def close(self) -> None:
        """Keep it no more, and end it."""
        with self._lock:
            self._closed.set()
            if self._child:
                kill(self._child)

    def _serve(self) -> None:
        wait = _SOONEST_S
        while not self._closed.is_set():
            if not self._wanted():
                self._closed.wait(_LOOK_S)
                continue
            began = self._clock.now().mono
            self._run()
            lived = self._clock.now().mono - began
            wait = _SOONEST_S if lived >= _WELL else wait
            self._closed.wait(wait)
            wait = min(wait * 2, _LATEST_S)

    def _run(self) -> None:
        """Run it to its end, however that comes."""
        try:
            with self._lock:
                if self._closed.is_set():
                    return
                self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, start_new_session=True)
            status = self._child.wait()
            if not self._closed.is_set():
                _log.warning("the listener ended (%s); it is begun again", status)
        except OSError:
            _log.exception("the listener could not be started")
        finally:
            with self._lock:  # its number may be another process's from now on
                self._child = None
