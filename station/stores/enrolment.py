"""The station's enrolment with its province, in `province/enrolment.json`, which only the station may read."""

import json
from pathlib import Path
from typing import Any

from attrs import asdict

from station.durable import write_whole
from station.rules.enrolment import Enrolment, read_enrolment

ENROLMENT = "enrolment.json"
ROOT = "root.json"  # the root metadata that the enrolment's fingerprint is of
_OURS_ONLY = 0o600


def load_enrolment(folder: Path) -> Enrolment | None:
    """The enrolment that `folder` holds, or None: what is damaged is believed as little as what is not there."""
    try:
        return read_enrolment(json.loads((folder / ENROLMENT).read_text()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def enrolled_at(folder: Path) -> int | None:
    """The wall ms at which the enrolment was kept."""
    try:
        return (folder / ENROLMENT).stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


def signed_fields(folder: Path) -> dict[str, Any]:
    """The targets metadata that `folder` keeps, verified when it was put there; nothing while there is none."""
    try:
        return dict(json.loads((folder / "metadata" / "targets.json").read_bytes())["signed"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def keep_enrolment(folder: Path, enrolment: Enrolment, root: bytes) -> None:
    """Keep an enrolment and the root metadata that it begins with; on return both survive a power cut."""
    folder.mkdir(parents=True, exist_ok=True)
    _keep(folder / ROOT, root)
    renew_enrolment(folder, enrolment)


def renew_enrolment(folder: Path, enrolment: Enrolment) -> None:
    """Keep an enrolment that begins with the root metadata that are kept already; as durable."""
    _keep(folder / ENROLMENT, json.dumps(asdict(enrolment), ensure_ascii=False, indent=2).encode())


def _keep(place: Path, content: bytes) -> None:
    write_whole(place, content, _OURS_ONLY)
