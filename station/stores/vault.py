"""What the station knows of the backup that the province keeps: for which recovery key, and how the last one went.

It lies in the folder of the backups, so that a restored station goes on with the same key.
"""

import json
from pathlib import Path
from typing import Any

import attrs
from attrs import field, frozen

from station.durable import keep, unfinished
from station.rules.trouble import Trouble

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
        self._folder = folder

    def chosen(self) -> PublicKey | None:
        """The key that backups are encrypted for, once somebody has proven to have it."""
        return self._key(_CHOSEN)

    def waiting(self) -> PublicKey | None:
        """The key that was made last, while nobody has read it back."""
        return self._key(_WAITING)

    def propose(self, key: PublicKey) -> None:
        """Have a key wait for being read back."""
        self._keep(_WAITING, attrs.asdict(key))

    def choose(self, key: PublicKey) -> None:
        """Encrypt for that key from now on; on return it survives a power cut."""
        self._keep(_CHOSEN, attrs.asdict(key))
        (self._folder / _WAITING).unlink(missing_ok=True)

    def forget(self) -> None:
        """Encrypt for nobody any more."""
        for name in (_CHOSEN, _WAITING, _LAST):
            (self._folder / name).unlink(missing_ok=True)

    def last(self) -> LastSent:
        """What was noted last."""
        told = self._read(_LAST)
        if not told:
            return LastSent()
        return LastSent(**{**told, "trouble": told["trouble"] and Trouble(**told["trouble"])})

    def note(self, last: LastSent) -> None:
        """Note how the last one went."""
        self._keep(_LAST, attrs.asdict(last))

    def _key(self, name: str) -> PublicKey | None:
        told = self._read(name)
        return PublicKey(**told) if told else None

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            told = json.loads((self._folder / name).read_text())
        except (OSError, ValueError):  # what is damaged is as good as nothing
            return None
        return told if isinstance(told, dict) else None

    def _keep(self, name: str, told: dict[str, Any]) -> None:
        self._folder.mkdir(exist_ok=True)
        with unfinished(self._folder) as file:
            file.stream.write(json.dumps(told, ensure_ascii=False).encode())
            keep(file, self._folder / name)
