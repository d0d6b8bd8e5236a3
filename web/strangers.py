"""Strangers: waitress keeps all of a request before the page sees it, so that a large one is refused by its head.

Only a browser that is signed in may send more than one piece of an upload. A piece is let in, so that a script
whose session ended is told so by the page; a link that is closed on what is still coming may lose its answer.
"""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

from web.cookies import SIGNED_IN_NAMES

LARGEST_FORM = 65536  # bytes
_LARGEST = 1024 * 1024 + LARGEST_FORM  # a piece, and what is said with it


class NotSignedInError(Error):  # type: ignore[misc]  # waitress has no types
    """What a stranger is told who sends much."""

    code, reason = 401, "Unauthorized"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002 - waitress's own
        """Say why not, in a sentence."""
        told = "Chưa đăng nhập nên tệp không được nhận. Mở trang điều khiển, đăng nhập rồi gửi lại.\n"
        return "401 Unauthorized", [("Content-Type", "text/plain; charset=utf-8")], told.encode()


def channel_for(is_signed_in: Callable[[str], bool]) -> type[HTTPChannel]:
    """The connections of a server that asks whether the token of a cookie opens a session."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # as above
        def received(self, data: bytes) -> int:
            begins = not self.headers_finished
            consumed: int = super().received(data)
            if begins and self.headers_finished and self._is_large() and not self._is_known():
                self.error, self.completed = NotSignedInError(""), True
            return consumed

        def _is_large(self) -> bool:
            return bool(self.chunked) or self.content_length > _LARGEST

        def _is_known(self) -> bool:
            return any(map(is_signed_in, _tokens(self.headers.get("COOKIE", ""))))

    class Channel(HTTPChannel):  # type: ignore[misc]  # as above
        parser_class = Parser

    return Channel


def _tokens(header: str) -> list[str]:
    """The tokens that a browser sends."""
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return []
    return [cookies[name].value for name in SIGNED_IN_NAMES if name in cookies]
