"""Reports by HTTP PUT, to `ADDRESS/CODE/DATE.json` with the commune's code and token as name and password."""

import datetime as dt
import io
import os
import threading
from pathlib import Path

import requests
from attrs import field, frozen

from station.province.reports import NoneTaken
from station.rules.trouble import Refused, Trouble

_SILENCE_S = 30  # without a byte from or to the server
_LONGEST_S = 180  # for one report, whatever the server does meanwhile, its name's look-up too
_KEPT = {201, 204}  # what a server says that made or replaced a file; a login page of some network says 200
_NOBODY = {401, 403}
_NO_PLACE = {404, 405, 409}
_FULL = 507
_NOT_THIS = {400, 411, 413, 414, 415, 422}
_BUSY = {408, 429}
_SYSTEM_CA = Path("/etc/ssl/certs/ca-certificates.crt")
_WHERE = "Báo cáo về tỉnh"
_STILL = "Báo cáo vẫn còn ở đài và sẽ được gửi lại."


@frozen
class HttpDestination:
    """A server that keeps what is put to `address`, which ends with a slash."""

    address: str
    code: str
    token: str = field(repr=False)

    @property
    def name(self) -> str:
        """The folder that is the station's own there."""
        return f"{self.address}{self.code}/"

    def deliver(self, code: str, date: dt.date, body: bytes) -> None:
        """See `Destination`."""
        answers: list[int | Refused] = []

        def put() -> None:
            try:
                answers.append(self._put(f"{self.address}{code}/{date}.json", body))
            except (requests.RequestException, OSError, ValueError) as error:
                answers.append(NoneTaken(_trouble_of(error)))

        # Nothing else bounds a name's look-up, or a server that sends a letter now and then.
        thread = threading.Thread(target=put, name="report", daemon=True)
        thread.start()
        thread.join(_LONGEST_S)
        answer = answers[0] if answers else NoneTaken(_LATE)
        if isinstance(answer, Refused):
            raise answer
        if answer not in _KEPT:
            raise _refusal(answer)

    def _put(self, address: str, body: bytes) -> int:
        with requests.put(
            address,
            data=io.BytesIO(body),  # sent piece by piece, each within its time
            auth=(self.code, self.token),
            headers={"Content-Type": "application/json"},
            timeout=_SILENCE_S,
            verify=os.environ.get("REQUESTS_CA_BUNDLE") or (str(_SYSTEM_CA) if _SYSTEM_CA.exists() else True),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code


def _refusal(status: int) -> Refused:
    if status in _NOT_THIS:
        what = f"Máy chủ của tỉnh không nhận báo cáo của một ngày (trả lời {status})."
        return Refused(Trouble(_WHERE, what, "Báo cáo các ngày khác vẫn gửi.", "Báo cho tỉnh."))
    if status in _NOBODY:
        what = f"Máy chủ của tỉnh không nhận mã của đài (trả lời {status})."
        return NoneTaken(Trouble(_WHERE, what, _STILL, "Xin tỉnh dòng ghi danh mới, rồi ghi danh lại."))
    if status in _NO_PLACE:
        what = f"Máy chủ của tỉnh chưa có chỗ nhận báo cáo của đài (trả lời {status})."
        return NoneTaken(Trouble(_WHERE, what, _STILL, "Báo cho tỉnh."))
    if status == _FULL:
        what = f"Máy chủ của tỉnh đã hết chỗ chứa (trả lời {status})."
        return NoneTaken(Trouble(_WHERE, what, _STILL, "Báo cho tỉnh."))
    if status in _BUSY or status >= requests.codes.server_error:
        what = f"Máy chủ của tỉnh đang trục trặc (trả lời {status})."
        return NoneTaken(Trouble(_WHERE, what, _STILL, "Không cần làm gì; nếu kéo dài cả ngày thì báo cho tỉnh."))
    what = f"Nơi trả lời không phải là máy chủ báo cáo của tỉnh (trả lời {status})."
    return NoneTaken(Trouble(_WHERE, what, _STILL, "Xem mạng có đòi đăng nhập hoặc nạp tiền không."))


def _trouble_of(error: Exception) -> Trouble:
    match error:
        case requests.exceptions.SSLError():
            what = "Không tin được máy chủ của tỉnh vì chứng chỉ của máy chủ không đúng."
            return Trouble(_WHERE, what, _STILL, "Kiểm tra giờ của máy; nếu giờ đúng thì báo cho tỉnh.")
        case requests.exceptions.Timeout():
            return _LATE
    return Trouble(_WHERE, "Không nối được với máy chủ của tỉnh.", _STILL, "Kiểm tra mạng của đài.")


_LATE = Trouble(_WHERE, "Máy chủ của tỉnh không trả lời kịp.", _STILL, "Kiểm tra mạng của đài.")
