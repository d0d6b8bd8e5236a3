"""The sites that nginx is given, as they ship, on an nginx of a test's own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")

_SHIPPED = Path(__file__).parents[2] / "systemd"
_KEPT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def site(name: str, put_right: Mapping[str, str]) -> str:
    """The site `name` on IPv4 alone, with the places that a person puts right on a server put right for a test."""
    written = re.sub(r"listen \[::\].*", "", (_SHIPPED / name).read_text())
    for installed, here in put_right.items():
        assert installed in written
        written = written.replace(installed, here)
    return written


def kept_in(folder: Path) -> str:
    """Have nginx keep in `folder` what it would keep for the whole machine."""
    return " ".join(f"{it}_temp_path {folder}/{it};" for it in _KEPT)
