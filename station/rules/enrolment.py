"""The line by which a station enrols: whom it believes, where that is to be had, and who the station is there.

    loaxa1:eyJjb2Rl…

After the mark it is JSON in base64url (RFC 4648, 5), behind the first hex digits of its sha256, which tell a line
that was not copied whole. It holds a secret, the station's token.
"""

import binascii
import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from attrs import asdict, evolve, field, frozen

from station.rules.trouble import Refused, Trouble

_MARK = "loaxa1:"
_CHECK = 8  # hex digits
_LONGEST = 4_000  # letters


@frozen
class Enrolment:
    """What a station knows of its province.

    `code` is the commune's. `root` is the sha256 of the root metadata of version `root_version`: all that is
    believed follows from it. `trees` are addresses of the signed tree, and the first that answers is taken;
    `reports` is where as-run records go, and `backups` where encrypted backups do, or empty; `token` is the
    station's password there.
    """

    province: str
    code: str
    root: str
    root_version: int
    trees: tuple[str, ...]
    reports: str = ""
    token: str = field(default="", repr=False)
    backups: str = ""

    @property
    def reports_folder(self) -> str:
        """Where the station's own reports go, or empty."""
        return self.reports and f"{self.reports}{self.code}/"


def to_line(enrolment: Enrolment) -> str:
    """The line to paste, or to put into a QR code."""
    told = json.dumps(asdict(enrolment), ensure_ascii=False, separators=(",", ":")).encode()
    return f"{_MARK}{_check(told)}{urlsafe_b64encode(told).decode().rstrip('=')}"


def from_line(line: str) -> Enrolment:
    """What a line says, whatever blanks and breaks it was pasted with. Raises `Refused`."""
    pasted = re.sub(r"\s+", "", line)
    if not pasted.startswith(_MARK) or len(pasted) > _LONGEST:
        raise _refused("Dòng này không phải là dòng ghi danh của tỉnh.")
    check, kept = pasted[len(_MARK) :][:_CHECK], pasted[len(_MARK) + _CHECK :]
    try:
        told = urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        raise _refused("Dòng ghi danh bị sai chữ.") from None
    if _check(told) != check:
        raise _refused("Dòng ghi danh bị thiếu hoặc sai chữ.")
    try:
        return read_enrolment(json.loads(told))
    except (ValueError, TypeError, KeyError):
        raise _refused("Dòng ghi danh này không dùng được với phiên bản này.") from None


def read_enrolment(told: dict[str, Any]) -> Enrolment:
    """An enrolment from plain data. Raises `ValueError`, `TypeError` or `KeyError`."""
    enrolment = Enrolment(**{**told, "trees": tuple(told["trees"])})
    addresses = (*enrolment.trees, *filter(None, [enrolment.reports, enrolment.backups]))
    right = (
        enrolment.trees
        and all(re.fullmatch(r"https?://[^\s]+/", it) for it in addresses)
        and re.fullmatch("[0-9a-f]{64}", enrolment.root)
        and re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", enrolment.code)
        and type(enrolment.root_version) is int
        and enrolment.root_version >= 1
        and isinstance(enrolment.province, str)
        and re.fullmatch(r"[\x21-\x7e]*", enrolment.token)
    )
    if not right:
        raise ValueError("no enrolment")
    return enrolment


def renewed(known: Enrolment, newer: Enrolment) -> Enrolment:
    """What is known, with the token and the addresses of a `newer` line for the same commune.

    What is believed stays: a newer root is believed once the known one vouches for it.
    """
    if (known.province, known.code) != (newer.province, newer.code):
        return known
    addresses = evolve(known, trees=newer.trees, reports=newer.reports, backups=newer.backups)
    return evolve(addresses, token=newer.token)


def fingerprint(root: str) -> str:
    """A root's sha256 as people compare it aloud: the first twenty hex digits in groups of four."""
    return " ".join(root[at : at + 4] for at in range(0, 20, 4))


def _check(told: bytes) -> str:
    return hashlib.sha256(told).hexdigest()[:_CHECK]


def _refused(what: str) -> Refused:
    mend = "Sao chép lại trọn dòng tỉnh gửi, bắt đầu bằng “loaxa1:”."
    return Refused(Trouble("", what, "Đài vẫn như cũ.", mend))
