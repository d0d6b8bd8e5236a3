"""What the station last had from its province: written by who synchronises, read by page, command line and player.

It changes with each try, so it lives in `/run`; a copy on the card is renewed only when something came, or after
some hours, so that an idle station writes next to nothing.
"""

import json
from pathlib import Path

import attrs
from attrs import evolve, frozen

from station.durable import write_whole
from station.rules.now import HOUR
from station.rules.trouble import Trouble

_RENEWED = 6 * HOUR


@frozen
class Arriving:
    """A file that is still to come: its title, and how much of it is here, in bytes."""

    title: str
    come: int
    length: int


@frozen
class Contact:
    """Instants in wall ms, or None for never.

    `tried_at` is the last try, `good_at` the last time that the province's signed word was had and right, from
    `source`, and `signed_until` until when that word counts as fresh. `trouble` is what stood in the way of the
    last try, an `attack` if neither an honest server nor a bad link can be the reason. `arriving` is what is still
    to come, in the order in which it comes; `refused` what cannot be used.
    """

    tried_at: int | None = None
    good_at: int | None = None
    source: str = ""
    signed_until: int | None = None
    trouble: Trouble | None = None
    attack: bool = False
    arriving: tuple[Arriving, ...] = ()
    refused: tuple[Trouble, ...] = ()


class Contacts:
    """The last contact, kept in `run` and, less often, in `kept`."""

    def __init__(self, run: Path, kept: Path) -> None:
        self._now, self._kept = run / "contact.json", kept / "contact.json"

    def last(self) -> Contact:
        """The last contact, or that there never was one."""
        return _read(self._now) or _read(self._kept) or Contact()

    def note(self, contact: Contact) -> None:
        """Note it, and let the card know of it when it matters."""
        _write(self._now, contact)
        kept = _read(self._kept)
        if kept is None or _differs(kept, contact):
            _write(self._kept, evolve(contact, arriving=()))

    def forget(self) -> None:
        """There is no province any more."""
        self._now.unlink(missing_ok=True)
        self._kept.unlink(missing_ok=True)


def _differs(kept: Contact, contact: Contact) -> bool:
    same = (kept.trouble, kept.source, kept.refused) == (contact.trouble, contact.source, contact.refused)
    return not same or (contact.good_at or 0) - (kept.good_at or 0) >= _RENEWED


def _read(path: Path) -> Contact | None:
    try:
        told = json.loads(path.read_text())
        return Contact(
            **{
                **told,
                "trouble": told["trouble"] and Trouble(**told["trouble"]),
                "arriving": tuple(Arriving(**it) for it in told["arriving"]),
                "refused": tuple(Trouble(**it) for it in told["refused"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, contact: Contact) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(attrs.asdict(contact), ensure_ascii=False).encode())
