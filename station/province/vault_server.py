"""The province's place for encrypted backups, by HTTP: `ADDRESS/CODE/SLOT/NAME`, code and token as for reports."""

from attrs import evolve, frozen

from station.province.link import OwnServer, Patience, broken
from station.province.told import Broken
from station.rules.trouble import Trouble
from station.rules.vault import PIECE, WHERE

_PATIENCE = Patience(silence=60, head=600)  # for one piece, on a link of 4 kbit/s
_AS_IT_IS = {"Accept-Encoding": "identity"}
_TRIES = 3  # by a link that breaks now and then
_KEPT = {201, 204}
_GIVEN = 200
_ABSENT = 404
_NOBODY = {401, 403}
_STILL = "Đài vẫn phát; phần đã gửi được giữ lại."
_MEND = {
    404: "Tỉnh chưa có chỗ nhận bản sao lưu: báo cho tỉnh.",
    405: "Tỉnh chưa có chỗ nhận bản sao lưu: báo cho tỉnh.",
    413: "Báo cho tỉnh.",
    507: "Máy chủ của tỉnh hết chỗ: báo cho tỉnh.",
}


@frozen
class VaultServer(OwnServer):
    """The place, as one of slots for pieces."""

    def place(self, slot: str) -> str:
        """The address of a slot."""
        return f"{self.address}{self.code}/{slot}"

    def put(self, slot: str, name: str, content: bytes) -> None:
        """Have content kept there, in place of what was; on return it is. Raises `Broken`."""
        status, _ = self._asked("PUT", slot, name, content)
        if status not in _KEPT:
            raise _refusal(status)

    def get(self, slot: str, name: str) -> bytes | None:
        """What is kept there, at most a piece; None when nothing is. Raises `Broken`."""
        status, content = self._asked("GET", slot, name)
        if status == _ABSENT:
            return None
        if status != _GIVEN:
            raise _refusal(status)
        return content

    def _asked(self, method: str, slot: str, name: str, content: bytes | None = None) -> tuple[int, bytes]:
        for left in reversed(range(_TRIES)):
            try:
                with self.ask(method, f"{self.code}/{slot}/{name}", _PATIENCE, _AS_IT_IS, content) as answer:
                    return answer.status_code, answer.raw.read(PIECE + 1) if method == "GET" else b""
            except Exception as error:  # noqa: BLE001 - of requests, urllib3, http.client, ssl and socket
                wrong = broken(WHERE, error)
                if not (left and wrong.again):
                    raise Broken(evolve(wrong.trouble, still=_STILL)) from None
        raise AssertionError


def _refusal(status: int) -> Broken:
    if status in _NOBODY:
        what = f"Máy chủ của tỉnh không nhận mã của đài (trả lời {status})."
        return Broken(Trouble(WHERE, what, _STILL, "Xin tỉnh dòng ghi danh mới, rồi ghi danh lại."))
    what = f"Máy chủ của tỉnh không nhận hay không đưa bản sao lưu (trả lời {status})."
    mend = _MEND.get(status, "Đài tự thử lại; nếu kéo dài thì báo cho tỉnh.")
    return Broken(Trouble(WHERE, what, _STILL, mend))
