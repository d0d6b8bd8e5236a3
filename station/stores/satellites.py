"""The secrets that a station and its satellites share, one a satellite, in files that only the station may read."""

import re
import secrets
from pathlib import Path

from station.durable import write_whole

PORT = 8725  # where a satellite listens
OWN = "satellite.key"
_BYTES = 32
_OURS_ONLY = 0o600


def own_secret(home: Path) -> bytes:
    """The secret of the satellite whose home that is, made the first time that anybody asks."""
    if (known := _read(home / OWN)) is None:
        known = secrets.token_bytes(_BYTES)
        _keep(home / OWN, known)
    return known


def shared_secret(folder: Path, pi: str) -> bytes | None:
    """The secret that the station shares with `pi`; None until they are paired."""
    return _read(_place(folder, pi))


def keep_shared_secret(folder: Path, pi: str, secret: bytes) -> None:
    """Keep it; on return it survives a power cut."""
    _keep(_place(folder, pi), secret)


def is_secret(written: str) -> bool:
    """Whether somebody wrote what `station satellite pair` prints."""
    return re.fullmatch(rf"[0-9a-f]{{{2 * _BYTES}}}", written) is not None


def _place(folder: Path, pi: str) -> Path:
    return folder / f"{pi.replace(':', '_')}.key"


def _read(path: Path) -> bytes | None:
    try:
        return bytes.fromhex(path.read_text())
    except (FileNotFoundError, ValueError):  # what is damaged is no secret
        return None


def _keep(path: Path, secret: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, secret.hex().encode() + b"\n", _OURS_ONLY)
