"""The release that the province offers, beside its offer: it waits here until a person has it installed.

RELEASE/SHA256.tar   the file
RELEASE/offer.json   what is said of it; without this there is none
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from station.durable import sweep, sync_folder, write_whole
from station.rules.offer import Form, Offer, read_offer
from station.rules.trouble import Refused

_TOLD = "offer.json"
_ARRIVED = "arrived"


def offered_release(folder: Path) -> Offer | None:
    """Which release is here; None while there is none, or what is said of it is damaged."""
    try:
        told = json.loads((folder / _TOLD).read_text())
        offer = read_offer(told["path"], told["length"], {"sha256": told["sha256"]}, told["custom"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, Refused):
        return None
    return offer if offer.form is Form.RELEASE and _is_here(folder, offer) else None


def _is_here(folder: Path, offer: Offer) -> bool:
    file = place(folder, offer)
    return file.is_file() and file.stat().st_size == offer.length


def place(folder: Path, offer: Offer) -> Path:
    """Where a release lies when it is here."""
    return folder / f"{offer.sha256}.{Form.RELEASE}"


def present(folder: Path) -> Mapping[str, str]:
    """The offer that is here, by its path, with its digest."""
    offer = offered_release(folder)
    return {offer.path: offer.digest} if offer else {}


def write(folder: Path, offer: Offer, part: Path) -> None:
    """Keep a release that is whole and vouched for, in place of another; its bytes are shared with `part`."""
    folder.mkdir(exist_ok=True)
    sweep(folder)
    wanted, arrived = place(folder, offer), folder / _ARRIVED
    arrived.unlink(missing_ok=True)
    os.link(part, arrived)
    arrived.replace(wanted)
    sync_folder(folder)
    _tell(folder, offer)
    for other in folder.glob(f"*.{Form.RELEASE}"):
        if other != wanted:
            other.unlink()


def retell(folder: Path, offer: Offer) -> bool:
    """Take over what is said of a release now. Whether that was enough, since the file is here already."""
    if not _is_here(folder, offer):
        return False
    _tell(folder, offer)
    return True


def remove(folder: Path, path: str) -> bool:
    """Whether the release of that path was here and went."""
    if path not in present(folder):
        return False
    (folder / _TOLD).unlink()
    for file in folder.glob(f"*.{Form.RELEASE}"):
        file.unlink()
    return True


def _tell(folder: Path, offer: Offer) -> None:
    told = {"path": offer.path, "length": offer.length, "sha256": offer.sha256, "custom": offer.custom()}
    write_whole(folder / _TOLD, json.dumps(told, ensure_ascii=False).encode())
