"""Whose releases root installs on a request of the page: the province that a person confirmed at the terminal.

/etc/loa-xa/province-root:
root = "3f5c…"   # sha256 of the root metadata that all is believed by
code = "24169"   # the commune
"""

import os
import re
import tomllib
from hashlib import sha256
from pathlib import Path

from attrs import frozen

from station.durable import write_whole
from station.rules.enrolment import Enrolment
from station.stores.foreign import read_foreign

_READABLE = 0o644
_WRITABLE_BY_OTHERS = 0o022
_LONGEST_ROOT = 256 << 10  # bytes
_TEXT = """\
# Máy này chỉ cài bản cập nhật do tỉnh này ký. “sudo station update” ghi tệp này, sau khi người làm xác nhận.
root = "{root}"
code = "{code}"
"""


@frozen
class Pin:
    """A province by the sha256 of its `root` metadata, and the commune's `code` there."""

    root: str
    code: str

    @classmethod
    def of(cls, enrolment: Enrolment) -> "Pin":
        """Whom an enrolment names."""
        return cls(enrolment.root, enrolment.code)


def read_pin(path: Path) -> Pin | None:
    """Who is pinned; None where nobody is, or by a file that somebody else could have written."""
    try:
        status = path.lstat()
        mine = status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS
        told = tomllib.loads((read_foreign(path) or b"").decode()) if mine else {}
        root, code = told["root"], told["code"]
    except (OSError, ValueError, KeyError):
        return None
    return Pin(root, code) if re.fullmatch("[0-9a-f]{64}", root) and isinstance(code, str) else None


def pin(path: Path, pinned: Pin) -> None:
    """Believe that province from now on."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_whole(path, _TEXT.format(root=pinned.root, code=pinned.code).encode(), _READABLE)


def find_root(pinned: Pin, province: Path) -> bytes | None:
    """The root metadata that is pinned, in the folder where a station keeps its roots; else None."""
    for path in (province / "root.json", *(province / "metadata" / "root_history").glob("*.root.json")):
        content = read_foreign(path, _LONGEST_ROOT)
        if content is not None and sha256(content).hexdigest() == pinned.root:
            return content
    return None
