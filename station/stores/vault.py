"""What the station knows of the backup that the province keeps: for which recovery key, and how the last one went.

It lies in the folder of the backups, so that a restored station goes on with the same key.
"""

from pathlib import Path

import attrs
from attrs import field, frozen

from station.rules.trouble import Trouble
from station.stores.json_files import JsonFiles, with_trouble

_CHOSEN, _WAITING = "province.key", "province-new.key"
_LAST = "province.json"


@frozen
class PublicKey:
    """What the station keeps of a recovery key: whom it encrypts for, and the secret that seals its lists.

    It was proven at wall ms `chosen_at` that a person has the key itself.
    """

    recipient: str
    seal: str = field(repr=False)
    chosen_at: int = 0


@frozen
class LastSent:
    """The last whole backup there: when it was made (wall ms), its bytes, its slot; and what went wrong since."""

    good_at: int | None = None
    size: int = 0
    slot: str = ""
    trouble: Trouble | None = None


class VaultFiles:
    """Both, in a `folder` of the station's home."""

    def __init__(self, folder: Path) -> None:
        self._files = JsonFiles(folder)

    def chosen(self) -> PublicKey | None:
        """The key that backups are encrypted for, once somebody has proven to have it."""
        return self._key(_CHOSEN)

    def waiting(self) -> PublicKey | None:
        """The key that was made last, while nobody has read it back."""
        return self._key(_WAITING)

    def propose(self, key: PublicKey) -> None:
        """Have a key wait for being read back."""
        self._files.keep(_WAITING, attrs.asdict(key))

    def choose(self, key: PublicKey) -> None:
        """Encrypt for that key from now on; on return it survives a power cut."""
        self._files.keep(_CHOSEN, attrs.asdict(key))
        self._files.forget(_WAITING)

    def forget(self) -> None:
        """Encrypt for nobody any more."""
        self._files.forget(_CHOSEN, _WAITING, _LAST)

    def last(self) -> LastSent:
        """What was noted last."""
        told = self._files.read(_LAST)
        return LastSent(**with_trouble(told)) if told else LastSent()

    def note(self, last: LastSent) -> None:
        """Note how the last one went."""
        self._files.keep(_LAST, attrs.asdict(last))

    def _key(self, name: str) -> PublicKey | None:
        told = self._files.read(name)
        return PublicKey(**told) if told else None
