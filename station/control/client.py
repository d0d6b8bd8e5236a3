"""The client of the control socket."""

import socket
from pathlib import Path

from station.control.messages import LONGEST_LINE, Answer, Garbled, Request, read_answer, write_request
from station.rules.trouble import Refused, Trouble

_SOON = 10.0  # s: for what the player answers from its own memory
AT_ONCE = 3.0  # s: for what is answered within a second
ON_AIR = 150.0  # s: for what is answered once it is heard, after rendering and warm-up


class PlayerDown(Refused):
    """No player answers."""


def ask(path: Path, request: Request, timeout: float = _SOON) -> Answer:
    """Ask the player behind the socket `path`; raises `PlayerDown` when it does not answer within `timeout` s."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            connection.sendall(write_request(request))
            with connection.makefile("rb") as lines:
                return read_answer(lines.readline(LONGEST_LINE))
    except (OSError, Garbled) as error:
        raise PlayerDown(_trouble(error)) from error


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, TimeoutError):
        what = "Máy phát không trả lời kịp."
        return Trouble(
            "", what, mend="Xem loa có đang phát không, rồi thử lại; nếu vẫn vậy, khởi động lại máy phát."
        )
    what, still = "Máy phát không chạy.", "Thư viện và lịch phát vẫn xem và sửa được."
    return Trouble("", what, still, "Khởi động lại máy phát: tắt nguồn thiết bị, đợi 10 giây rồi bật lại.")
