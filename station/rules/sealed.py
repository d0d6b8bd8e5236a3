"""Sealed words between two machines that share a secret: nobody else can make them, repeat them or leave one out.

Each session has keys of its own, one a direction, made of the secret and a nonce of each side; each word has its
number, one after the other. It is a line: its seal, HMAC-SHA256 (RFC 2104) in hexadecimal, a space, a JSON object.
"""

import hashlib
import hmac
import json
from typing import Any

from attrs import frozen

NONCE = 32  # bytes
LONGEST = 16 * 1024  # bytes of a line
_NUMBER = "n"


class Forged(Exception):  # noqa: N818 - what it is
    """A line is not the next word of who shares the secret."""


@frozen
class Keys:
    """The keys of a session: of what the station says, and of what the satellite does."""

    station: bytes
    satellite: bytes


def session(secret: bytes, station: bytes, satellite: bytes) -> Keys:
    """The keys of the session in which the two sides gave these nonces."""

    def key(whose: bytes) -> bytes:
        return hmac.digest(secret, b"\0".join((b"loa-xa satellite 1", whose, station, satellite)), hashlib.sha256)

    return Keys(key(b"station"), key(b"satellite"))


def sealed(key: bytes, number: int, said: dict[str, Any]) -> bytes:
    """The line that says it, as the word of that number."""
    body = json.dumps({**said, _NUMBER: number}, ensure_ascii=False).encode()
    return _seal(key, body) + b" " + body + b"\n"


def opened(key: bytes, number: int, line: bytes) -> dict[str, Any]:
    """What a line says, if it is the word of that number; raises `Forged` for any other."""
    seal, _, body = line.removesuffix(b"\n").partition(b" ")
    if not hmac.compare_digest(seal, _seal(key, body)):
        raise Forged
    said: dict[str, Any] = json.loads(body)
    if said.pop(_NUMBER) != number:
        raise Forged
    return said


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode()
