"""Cookies by HTTPS have names of their own.

A browser lets no page by HTTP replace them, so that with one name for both it could not sign in by HTTP any more.
"""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

_SIGNED_IN, _FORMS, _SECURE = "phien", "bieu-mau", "__Host-"

SIGNED_IN_NAMES = (_SIGNED_IN, _SECURE + _SIGNED_IN)


def signed_in_name() -> str:
    """The name of the cookie that holds the token of who is signed in."""
    return _name(_SIGNED_IN)


class FormsCookie(SecureCookieSessionInterface):
    """The cookie that ties forms to a browser."""

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - flask's own
        """What it is called by this request."""
        return _name(_FORMS)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - flask's own
        """Whether it is sent by HTTPS only."""
        return request.is_secure


def _name(name: str) -> str:
    return _SECURE + name if request.is_secure else name
