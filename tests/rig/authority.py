"""A certificate authority for tests, and what it vouches for."""

import subprocess
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")


def make_authority(folder: Path, *addresses: str) -> Path:
    """Make `authority.crt`, and `server.crt` with `server.key` for IP addresses; gives the authority's file."""
    authority, its_key = folder / "authority.crt", folder / "authority.key"
    root = ("-subj", "/CN=authority of the tests", "-addext", "keyUsage=critical,keyCertSign")
    _openssl(*_NEW_KEY, *root, "-keyout", its_key, "-out", authority)
    leaf = ("-subj", f"/CN={addresses[0]}", "-addext", "basicConstraints=critical,CA:FALSE")
    names = ("-addext", "subjectAltName=" + ",".join(f"IP:{it}" for it in addresses))
    signed = ("-CA", authority, "-CAkey", its_key)
    _openssl(*_NEW_KEY, *leaf, *names, *signed, "-keyout", folder / "server.key", "-out", folder / "server.crt")
    return authority


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", "req", "-x509", *arguments], check=True, capture_output=True)
