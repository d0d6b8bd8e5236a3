"""Reports by HTTP PUT, to `ADDRESS/CODE/DATE.json` with the commune's code and token as name and password."""

import datetime as dt

import requests
from attrs import evolve, frozen

from station.province.link import OwnServer, Patience, broken
from station.province.reports import NoneTaken
from station.rules.trouble import Refused, Trouble

_PATIENCE = Patience(silence=30, head=180)  # for one report, its name's look-up too
_JSON = {"Content-Type": "application/json"}
_KEPT = {201, 204}  # what a server says that made or replaced a file; a login page of some network says 200
_NOBODY = {401, 403}
_NO_PLACE = {404, 405, 409}
_FULL = 507
_NOT_THIS = {400, 411, 413, 414, 415, 422}
_BUSY = {408, 429}
_WHERE = "Báo cáo về tỉnh"
_STILL = "Báo cáo vẫn còn ở đài và sẽ được gửi lại."


@frozen
class HttpDestination(OwnServer):
    """A server that keeps what is put there."""

    @property
    def name(self) -> str:
        """The folder that is the station's own there."""
        return f"{self.address}{self.code}/"

    def deliver(self, code: str, date: dt.date, body: bytes) -> None:
        """See `Destination`."""
        try:
            with self.ask("PUT", f"{code}/{date}.json", _PATIENCE, _JSON, body) as answer:
                status = answer.status_code
        except Exception as error:  # noqa: BLE001 - of requests, urllib3, http.client, ssl and socket
            raise NoneTaken(evolve(broken(_WHERE, error).trouble, still=_STILL)) from None
        if status not in _KEPT:
            raise _refusal(status)


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
