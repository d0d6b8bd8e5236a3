"""The shelf, as little of it as the link's own tests need."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from station.rules.offer import Offer
from station.stores.home import Home


def present(home: Home) -> Mapping[str, str]:
    """What is here, by its path in the tree: the `Offer.digest` of it, or "" for what is to be had anew."""
    return {
        str(json.loads(it.read_text())[0]): json.loads(it.read_text())[1] for it in _folder(home).glob("*.json")
    }


def take(home: Home, offer: Offer, part: Path, now: int) -> None:  # noqa: ARG001 - the real one needs it
    """Make a file that is whole and vouched for a segment or a schedule. Raises `Refused`."""
    place = _folder(home) / offer.path.replace("/", "~")
    place.write_bytes(part.read_bytes())
    place.with_name(f"{place.name}.json").write_text(json.dumps([offer.path, offer.digest]))


def retell(home: Home, offer: Offer) -> bool:
    """Take over what is said of a segment now. Whether that was enough, since its content is here already."""
    del home, offer
    return False


def let_go(home: Home, path: str, now: int) -> None:  # noqa: ARG001 - as above
    """Remove what is no longer offered, or past its date."""
    place = _folder(home) / path.replace("/", "~")
    place.with_name(f"{place.name}.json").unlink()
    place.unlink()


def order(home: Home, offers: Iterable[Offer], now: int) -> tuple[Offer, ...]:  # noqa: ARG001 - as above
    """The offers as they shall arrive."""
    return tuple(offers)


def _folder(home: Home) -> Path:
    folder = home.places.home / "shelf"
    folder.mkdir(exist_ok=True)
    return folder
