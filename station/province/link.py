"""The link: files of the tree from an address, by HTTP, with every way to fail told apart."""

import email.utils
import errno
import io
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

import requests
from attrs import field, frozen

from station.clock import Clock
from station.province import told
from station.province.source import Flow
from station.rules.now import SECOND

_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_PIECE = 16 << 10  # bytes
_UNPACKED = 64 << 10  # bytes
_SHORT = 4 << 10  # bytes of an answer that is only read so that its connection can be used again
_JUST_NOW = 2 * SECOND
_EXPIRED_OR_EARLY = {9, 10}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
_SPAN = re.compile(r"bytes (\d+)-\d+/(\d+)")


class _Raw(Protocol):
    """What is used of an answer as it comes; it is urllib3's."""

    def read1(self, amt: int, *, decode_content: bool) -> bytes:
        """What has come, at most so many bytes, and none at the end."""


@frozen
class Patience:
    """How long is waited, in s: for a connection, for the next byte, for an answer to begin.

    What comes must be at least `least` bytes in each `window`.
    """

    connect: float = 20.0
    silence: float = 30.0
    head: float = 60.0
    window: float = 60.0
    least: int = 4 << 10


class Link:
    """An address that holds a tree; a `Source`."""

    carried = False

    def __init__(self, address: str, clock: Clock, patience: Patience | None = None) -> None:
        self.name = address
        self._address = address if address.endswith("/") else f"{address}/"
        self._clock, self._patience = clock, patience or Patience()
        self._session = new_session()
        self._date: int | None = None

    @property
    def date(self) -> int | None:
        """What wall ms it was there when it answered last."""
        return self._date

    @contextmanager
    def flow(self, path: str, begin: int = 0, *, packed: bool = False, known: str = "") -> Iterator[Flow]:
        """A file of the tree, as `Source` says."""
        try:
            with self._ask(path, begin, packed=packed, known=known) as answer:
                yield self._understood(answer, path, begin)
        except _Anew:
            with self.flow(path, packed=packed, known=known) as flow:
                yield flow

    @contextmanager
    def _ask(self, path: str, begin: int, *, packed: bool, known: str) -> Iterator[requests.Response]:
        said = {"Accept-Encoding": "gzip" if packed and not begin else "identity"}
        said |= {"Range": f"bytes={begin}-"} if begin else {}
        said |= {"If-None-Match": known} if known else {}
        waits = (self._patience.connect, self._patience.silence)
        session = self._session

        def ask() -> requests.Response:
            return session.get(
                self._address + path, headers=said, stream=True, timeout=waits, allow_redirects=False
            )

        try:
            answer = within(self._patience.head, ask)
        except Exception as error:  # noqa: BLE001 - of requests, urllib3, http.client, ssl and socket
            self._session = new_session()  # the other one may still be waiting
            raise broken(self.name, error) from None
        with answer:
            self._date = _instant(answer.headers.get("Date", ""))
            yield answer

    def _understood(self, answer: requests.Response, path: str, begin: int) -> Flow:
        """What an answer gives. Raises `Broken`, and `_Anew` when it is to be asked for from the beginning."""
        number = answer.status_code
        if number == requests.codes.not_modified:
            return Flow(0, None, iter(()), same=True)
        if number in {requests.codes.ok, requests.codes.partial_content}:
            return self._file(answer, begin)
        if answer.is_redirect or number == requests.codes.network_authentication_required:
            raise told.portal(self.name)
        self._use_up(answer)
        if begin and number == requests.codes.requested_range_not_satisfiable:
            raise _Anew
        if number in {requests.codes.not_found, requests.codes.forbidden}:
            raise told.missing(self.name, path)
        raise told.status(self.name, number)

    def _file(self, answer: requests.Response, begin: int) -> Flow:
        head = answer.headers
        if head.get("Content-Type", "").startswith("text/html"):
            raise told.portal(self.name)
        encoding = head.get("Content-Encoding", "identity")
        pieces, tag = self._pieces(answer), _tag(head)
        if answer.status_code == requests.codes.partial_content:
            span = _SPAN.fullmatch(head.get("Content-Range", ""))
            if span is None or int(span[1]) != begin or encoding != "identity":
                raise _Anew if begin else told.garbled(self.name)
            return Flow(begin, int(span[2]), pieces, tag)
        if encoding == "gzip":
            return Flow(0, None, self._unpacked(pieces), tag)
        if encoding != "identity":
            raise told.garbled(self.name)
        length = head.get("Content-Length", "")
        return Flow(0, int(length) if length.isdecimal() else None, pieces, tag)

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        """What comes, as it comes, for as long as enough of it does."""
        raw: _Raw = answer.raw
        patience, since, come = self._patience, self._clock.now().mono, 0
        while piece := self._next(raw):
            yield piece
            come += len(piece)
            if (mono := self._clock.now().mono) - since >= patience.window * SECOND:
                if come < patience.least:
                    raise told.too_slow(self.name)
                since, come = mono, 0

    def _next(self, raw: _Raw) -> bytes:
        try:
            return raw.read1(_PIECE, decode_content=False)
        except Exception as error:  # noqa: BLE001 - as above
            raise broken(self.name, error, begun=True) from None

    def _unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """What was compressed by gzip; never much of it at once, whatever it claims to be."""
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            for piece in pieces:
                out = unpacker.decompress(piece, _UNPACKED)
                while out:
                    yield out
                    out = unpacker.decompress(unpacker.unconsumed_tail, _UNPACKED)
        except zlib.error:
            raise told.garbled(self.name) from None
        if not unpacker.eof:
            raise told.cut(self.name)

    def _use_up(self, answer: requests.Response) -> None:
        length = answer.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) <= _SHORT:
            with suppress(told.Broken):
                all(self._pieces(answer))


class _Anew(Exception):  # noqa: N818 - not an error: the server knows no such part of the file
    """The file is to be asked for from its beginning."""


@frozen
class _Outcome:
    answer: Any = None
    error: BaseException | None = field(default=None)


def within(seconds: float, ask: Callable[[], requests.Response]) -> requests.Response:
    """The answer, if its head is there in time; raises `TimeoutError`.

    A head that comes letter by letter keeps any socket awake.
    """
    outcomes: SimpleQueue[_Outcome] = SimpleQueue()

    def wait() -> None:
        try:
            outcomes.put(_Outcome(answer=ask()))
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            outcomes.put(_Outcome(error=error))

    Thread(target=wait, name="link", daemon=True).start()
    try:
        outcome = outcomes.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if outcome.error is not None:
        raise outcome.error
    answer: requests.Response = outcome.answer
    return answer


def new_session() -> requests.Session:
    """A session that believes the system's authorities, or those that the environment names."""
    session = requests.Session()
    session.headers.update({"User-Agent": "loa-xa", "Accept": "*/*"})
    if _AUTHORITIES.exists():
        session.verify = str(_AUTHORITIES)  # REQUESTS_CA_BUNDLE goes before it
    return session


@frozen
class OwnServer:
    """A server at `address`, which ends with a slash, that knows the commune by its `code` and `token`."""

    address: str
    code: str
    token: str = field(repr=False)
    _session: requests.Session = field(factory=new_session, repr=False, eq=False)

    def ask(
        self, method: str, path: str, patience: Patience, headers: Mapping[str, str], content: bytes | None = None
    ) -> requests.Response:
        """What it answers; content goes piece by piece, each within its time. Raises what `within` does."""

        def ask() -> requests.Response:
            return self._session.request(
                method,
                self.address + path,
                data=None if content is None else io.BytesIO(content),
                auth=(self.code, self.token),
                headers=headers,
                timeout=patience.silence,
                allow_redirects=False,
                stream=True,
            )

        return within(patience.head, ask)


def _tag(head: Mapping[str, str]) -> str:
    """The tag of a file, or none of one that may change unnoticed."""
    return "" if just_written(head) else head.get("ETag", "")


def just_written(head: Mapping[str, str]) -> bool:
    """Whether what an answer is about was written just now: many servers tell changes by second and length."""
    there, written = _instant(head.get("Date", "")), _instant(head.get("Last-Modified", ""))
    return there is not None and written is not None and there - written < _JUST_NOW


def _instant(date: str) -> int | None:
    """The wall ms of a `Date` header."""
    try:
        return round(email.utils.parsedate_to_datetime(date).timestamp() * SECOND)
    except (ValueError, TypeError, OverflowError):
        return None


def broken(where: str, error: BaseException, *, begun: bool = False) -> told.Broken:
    """What stood in the way, by the innermost cause that says something."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            early_or_late = cause.verify_code in _EXPIRED_OR_EARLY
            return told.out_of_date(where) if early_or_late else told.not_trusted(where)
        if isinstance(cause, socket.gaierror) or (isinstance(cause, OSError) and cause.errno in _NO_WAY):
            return told.no_network(where)
        if isinstance(cause, ConnectionRefusedError):
            return told.no_answer(where)
    if any(isinstance(it, TimeoutError) for it in causes):
        return told.stalled(where)
    if not begun and any(isinstance(it, ssl.SSLError) and not isinstance(it, ssl.SSLEOFError) for it in causes):
        return told.tls_failed(where)
    return told.cut(where)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised for: as its cause, while handling it, as its argument, as its reason."""
    waiting, seen = [error], set[int]()
    while waiting:
        it = waiting.pop()
        if id(it) not in seen:
            seen.add(id(it))
            yield it
            inner = (it.__cause__, it.__context__, getattr(it, "reason", None), *it.args)
            waiting.extend(cause for cause in inner if isinstance(cause, BaseException))
