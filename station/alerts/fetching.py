"""Fetching from strangers: a bounded answer in bounded time, and every way to fail a sentence."""

import zlib
from collections.abc import Iterator
from threading import Lock
from urllib.parse import urljoin

import requests
import urllib3
from attrs import frozen

from station.clock import Clock
from station.province.link import Patience, just_written, new_session, within
from station.rules.trouble import Refused, Trouble

_PIECE = 16 << 10  # bytes
_MOST_REDIRECTS = 5
_LONGEST_TOLD = 200  # letters of an address
_STILL = "Đài vẫn phát theo lịch và tự thử lại."
_TELL = "Nếu kéo dài thì báo cho nơi cung cấp, hoặc sửa address."


@frozen
class Stamp:
    """By what a server knows whether its answer is still the same."""

    tag: str = ""
    modified: str = ""


UNKNOWN = Stamp()


@frozen
class Answer:
    """What came, and its stamp."""

    content: bytes
    stamp: Stamp


class Fetcher:
    """Fetches what a stranger has, over TLS `only`, if so, wherever it moves.

    Of who never ends the head of an answer nothing more is asked meanwhile, so that no threads gather.
    """

    def __init__(self, clock: Clock, *, only_tls: bool, patience: Patience | None = None) -> None:
        self._clock, self._only_tls, self._patience = clock, only_tls, patience or Patience()
        self._session = new_session()
        self._asking = Lock()

    def fetch(self, address: str, most: int, until: int, known: Stamp = UNKNOWN) -> Answer | None:
        """At most `most` bytes by mono ms `until`, or nothing if it is still what is `known`. Raises `Refused`."""
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(address)
            with self._ask(address, known) as answer:
                if not answer.is_redirect:
                    return self._understood(address, answer, most, until)
                address = _moved(address, answer.headers["Location"])
        raise _wrong(address, "Nguồn tin chuyển địa chỉ quá nhiều lần.")

    def _check(self, address: str) -> None:
        scheme = address.partition(":")[0].lower()
        if scheme not in {"http", "https"}:
            raise _wrong(address, "Nguồn tin chỉ sang một địa chỉ không phải http hay https.")
        if self._only_tls and scheme != "https":
            raise _wrong(address, "Nguồn tin https chỉ sang một địa chỉ không mã hóa.")

    def _ask(self, address: str, known: Stamp) -> requests.Response:
        if self._asking.locked():
            raise _silent(address)
        said = {"Accept-Encoding": "gzip"}
        said |= {"If-None-Match": known.tag} if known.tag else {}
        said |= {"If-Modified-Since": known.modified} if known.modified else {}
        waits = (self._patience.connect, self._patience.silence)
        session = self._session

        def ask() -> requests.Response:
            with self._asking:
                return session.get(address, headers=said, stream=True, timeout=waits, allow_redirects=False)

        try:
            return within(self._patience.head, ask)
        except Exception as error:  # noqa: BLE001 - of requests, urllib3, http.client, ssl and socket
            self._session = new_session()  # the other one may still be waiting
            raise _why(address, error) from None

    def _understood(self, address: str, answer: requests.Response, most: int, until: int) -> Answer | None:
        number, head = answer.status_code, answer.headers
        if number == requests.codes.not_modified:
            return None
        if number != requests.codes.ok:
            raise _wrong(address, f"Máy chủ của nguồn tin báo lỗi {number}.")
        if head.get("Content-Type", "").startswith("text/html"):
            raise _wrong(address, "Địa chỉ này trả về một trang web: sai địa chỉ, hoặc mạng bắt đăng nhập.")
        content = self._content(address, answer, most, until)
        packed = head.get("Content-Encoding", "identity")
        if packed == "gzip":
            content = _unpacked(address, content, most)
        elif packed != "identity":
            raise _wrong(address, "Câu trả lời của nguồn tin bị hỏng.")
        stamp = UNKNOWN if just_written(head) else Stamp(head.get("ETag", ""), head.get("Last-Modified", ""))
        return Answer(content, stamp)

    def _content(self, address: str, answer: requests.Response, most: int, until: int) -> bytes:
        come = bytearray()
        for piece in self._pieces(address, answer):
            come += piece
            if len(come) > most:
                raise _too_long(address, most)
            if self._clock.now().mono > until:
                raise _slow(address)
        return bytes(come)

    def _pieces(self, address: str, answer: requests.Response) -> Iterator[bytes]:
        try:
            while piece := answer.raw.read1(_PIECE, decode_content=False):
                yield piece
        except Exception as error:  # noqa: BLE001 - as above
            raise _why(address, error) from None


def _too_long(address: str, most: int) -> Refused:
    return _wrong(address, f"Câu trả lời lớn hơn {most >> 10} KB.")


def _moved(address: str, to: str) -> str:
    try:
        return urljoin(address, to)
    except ValueError:
        raise _wrong(address, "Nguồn tin chỉ sang một địa chỉ viết sai.") from None


def _unpacked(address: str, content: bytes, most: int) -> bytes:
    """What was compressed by gzip; never more of it than may be, whatever it claims to be."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        out = unpacker.decompress(content, most + 1)
    except zlib.error:
        raise _wrong(address, "Câu trả lời của nguồn tin bị hỏng.") from None
    if len(out) > most:
        raise _too_long(address, most)
    return out


def _why(address: str, error: Exception) -> Refused:
    match error:
        case requests.exceptions.SSLError():
            return _wrong(address, "Chứng chỉ của nguồn tin không được tin cậy, hoặc đồng hồ của đài sai.")
        case TimeoutError() | requests.exceptions.Timeout() | urllib3.exceptions.TimeoutError():
            return _silent(address)
        case ValueError():
            return _wrong(address, "Địa chỉ này viết sai.")
        case _:
            return _wrong(address, "Không nối được tới nguồn tin: mất mạng, hoặc máy chủ ấy không chạy.")


def _silent(address: str) -> Refused:
    return _wrong(address, "Máy chủ của nguồn tin im lặng quá lâu.")


def _slow(address: str) -> Refused:
    return _wrong(address, "Nguồn tin trả lời quá chậm.")


def _wrong(address: str, what: str) -> Refused:
    return Refused(Trouble(address[:_LONGEST_TOLD], what, _STILL, _TELL))
