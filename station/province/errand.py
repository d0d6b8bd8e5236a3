"""Errands, as to the province: a child of its own, of low priority, so that nothing of it is felt on air."""

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence

from station.province.child import kill, limited

_LONGEST_S = 3_600  # s after which a child that is still at it hangs
_MEMORY = 1 << 29  # bytes of its own, and of each child that it has
_TOLD = 600  # letters of what it said last

_log = logging.getLogger(__name__)


class Errand:
    """Runs `command` whenever it is wanted, one at a time, in a thread of its own; `after` each, however it ended.

    Wanted again while it runs, it runs once more. It dies with this process. The journal calls it `about`.
    """

    def __init__(
        self,
        command: Sequence[str],
        after: Callable[[], None],
        longest_s: float = _LONGEST_S,
        about: str = "Đồng bộ với tỉnh",
    ) -> None:
        self._command = limited(command, nice=19, memory=_MEMORY, idle=True)
        self._after = after
        self._longest_s = longest_s
        self._about = about
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._closed = False

    def begin(self) -> None:
        """Wait for being wanted from now on."""
        threading.Thread(target=self._serve, name="errand", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether it runs, or is about to."""
        return self._child is not None or self._wanted.is_set()

    def want(self) -> None:
        """Run it as soon as it does not run."""
        self._wanted.set()

    def stop(self) -> None:
        """End what runs, until it is wanted again."""
        with self._lock:
            if self._child and self._child.poll() is None:
                kill(self._child)

    def close(self) -> None:
        """Run it no more, and end what runs."""
        with self._lock:
            self._closed = True
        self.stop()
        self._wanted.set()  # so that its thread sees it

    def _serve(self) -> None:
        while self._wanted.wait() and not self._closed:
            try:
                self._run()
            except Exception:  # noqa: BLE001 - the next one may find what this one lacked
                _log.exception("an errand could not be started")

    def _run(self) -> None:
        child = self._started()
        if child is None:
            return
        try:
            _, said = child.communicate(timeout=self._longest_s)
            _log.info("%s", self._ended(child.returncode, said))
        except subprocess.TimeoutExpired:
            kill(child)
            child.communicate()
            _log.error("%s quá %s giây chưa xong nên đã dừng; sẽ làm lại.", self._about, self._longest_s)
        finally:
            self._child = None
            self._after()

    def _started(self) -> "subprocess.Popen[str] | None":
        with self._lock:
            if self._closed:
                return None
            try:
                self._child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                    start_new_session=True,
                )
            finally:
                self._wanted.clear()  # what is wanted from now on is another run
            return self._child

    def _ended(self, status: int, said: str) -> str:
        if status < 0:
            return f"{self._about} bị ngắt (tín hiệu {-status}); sẽ làm lại."
        return f"{self._about}: {' '.join(said.split())[-_TOLD:]}" if status else f"{self._about}: xong."
