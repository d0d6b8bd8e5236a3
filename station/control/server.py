"""The server of the control socket: a thread for each connection, and one handler for all requests."""

import socketserver
import threading
from collections.abc import Callable
from pathlib import Path

from station.control.messages import LONGEST_LINE, Answer, Garbled, Request, read_request, write_answer
from station.rules.trouble import Refused, Trouble

Handler = Callable[[Request], Answer]

_IDLE = 300.0  # s after which a silent connection is let go
_UNDERSTOOD_NOT = Answer(done=False, sentence="Máy phát không hiểu lệnh này.")


class ControlServer:
    """Answers requests on the socket `path`, each by `handle`, until closed. Raises `Refused` when it cannot."""

    def __init__(self, path: Path, handle: Handler) -> None:
        path.unlink(missing_ok=True)  # a killed player leaves it; the player's lock says that none lives
        try:
            self._server = _Server(str(path), handle)
        except OSError as error:
            mend = "Chọn thư mục dữ liệu có đường dẫn ngắn hơn và ghi được."
            raise Refused(Trouble(str(path), f"Không mở được cổng điều khiển ({error}).", mend=mend)) from None
        path.chmod(0o660)
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # who asks in a crowd waits a moment, and is not told that nobody is there

    def __init__(self, path: str, handle: Handler) -> None:
        super().__init__(path, _Connection)
        self.handle_request_line = handle


class _Connection(socketserver.StreamRequestHandler):
    timeout = _IDLE
    server: _Server

    def handle(self) -> None:
        try:
            while line := self.rfile.readline(LONGEST_LINE):
                self.wfile.write(write_answer(self._answer(line)))
        except OSError:
            pass  # the asker went away

    def _answer(self, line: bytes) -> Answer:
        try:
            request = read_request(line)
        except Garbled:
            return _UNDERSTOOD_NOT
        return self.server.handle_request_line(request)
