"""The backup that the province keeps and cannot read: its pieces, and the list that says which ones are its own.

Who has the recovery key can read it. A secret that is made of that key, and that the station keeps, seals the list:
neither the server nor whoever has the station's token can make another backup pass for the station's.
"""

import hashlib
import hmac
import json

from attrs import asdict, frozen

WHERE = "Sao lưu về tỉnh"  # what a person knows it as
PIECE = 256 << 10  # bytes: what a link of 50 kbit/s carries in 42 s, and the most that the server takes
MOST = 1000  # pieces, as many names as the server has
SLOTS = ("a", "b")  # one holds the last whole backup while the other is written

_SEAL = b"loa-xa vault 1"
_KIND = "AGE-SECRET-KEY-1"  # so all keys of age begin


class Forged(Exception):  # noqa: N818 - what it is
    """A list is not the station's."""


@frozen
class Manifest:
    """A backup that was made at wall ms `made_at`: the sha256 of each of its pieces, in order."""

    made_at: int
    size: int
    pieces: tuple[str, ...]


def seal_secret(key: str) -> bytes:
    """The secret that seals lists, of the recovery key; the key cannot be had of it."""
    return hmac.digest(key.encode(), _SEAL, hashlib.sha256)


def sealed(manifest: Manifest, secret: bytes) -> bytes:
    """The list as it lies on the server: its seal, HMAC-SHA256 (RFC 2104) in hexadecimal, a space, JSON."""
    body = json.dumps(asdict(manifest)).encode()
    return _seal(body, secret) + b" " + body


def opened(content: bytes, secret: bytes) -> Manifest:
    """The list that this is. Raises `Forged`."""
    seal, _, body = content.partition(b" ")
    if not hmac.compare_digest(seal, _seal(body, secret)):
        raise Forged
    told = json.loads(body)
    return Manifest(**{**told, "pieces": tuple(told["pieces"])})


def other_slot(slot: str) -> str:
    """Which slot is written next."""
    return SLOTS[1 - SLOTS.index(slot)] if slot in SLOTS else SLOTS[0]


def piece_name(number: int) -> str:
    """What the server calls a piece."""
    return f"{number:03}"


def grouped(key: str) -> str:
    """A recovery key as it is printed, in groups that people can read aloud."""
    rest = key.removeprefix(_KIND)
    return " ".join([_KIND, *(rest[at : at + 4] for at in range(0, len(rest), 4))])


def ungrouped(typed: str) -> str:
    """The key that somebody typed, with or without the part that all keys have."""
    key = "".join(typed.split()).upper()
    return key if key.startswith(_KIND) else f"{_KIND}{key}"


def _seal(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, body, hashlib.sha256).hex().encode()
