"""Uploads on their way: what has come so far, and beside it a note of what it will be.

`<key>.part` holds the bytes, and its size is how far the upload is. `<key>.json` is written at the beginning and
again at the end, when the part has become a segment and is removed. Keys are made here: nothing that a stranger
sent names a file. A part is written by one request at a time, which holds its lock.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import attrs
from attrs import evolve, frozen

from station.durable import lock, sweep, write_whole
from station.rules.now import DAY
from station.rules.rundown import Kind

LASTS = 7 * DAY


class Misplaced(Exception):  # noqa: N818 - not an error: the sender asks how far it is and goes on from there
    """What came does not go on where the upload is, or goes beyond its end."""


class Busy(Exception):  # noqa: N818 - not an error: the sender asks again
    """Another request is writing the upload, or has just ended it."""


@frozen
class Upload:
    """One file: `length` and `offset`, how much has come, in bytes; `made_at` in wall ms.

    `name` is the file's for people to read, `mark` whatever its sender knows the same file again by. `segment` is
    what it became, once all of it was taken into the library.
    """

    key: str
    owner: str
    name: str
    title: str
    kind: Kind
    length: int
    mark: str
    made_at: int
    segment: str = ""
    offset: int = 0

    @property
    def ends_at(self) -> int:
        """The wall ms at which it is given up."""
        return self.made_at + LASTS

    @property
    def whole(self) -> bool:
        """Whether all of it has come."""
        return self.offset == self.length


def new_key() -> str:
    """A name that nobody can guess."""
    return secrets.token_hex(16)


class Uploads:
    """The uploads in `folder`. What has been appended or noted is on the card when a call returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def begin(self, upload: Upload) -> None:
        """Make a place for it."""
        with self._part(upload.key).open("xb") as part:
            lock(part)  # so that `give_up` does not take it for a leftover before it is noted
            self._note(upload)

    def find(self, key: str, owner: str, now: int) -> Upload | None:
        """The upload of that key, if it is that person's and not given up."""
        upload = self._read(key) if re.fullmatch("[0-9a-f]{32}", key) else None
        return upload if upload and upload.owner == owner and now < upload.ends_at else None

    def pending(self, now: int, owner: str | None = None) -> tuple[Upload, ...]:
        """What is not in the library yet, of that person or of all, the oldest first."""
        found = (self._read(note.stem) for note in self._folder.glob("*.json"))
        wanted = (it for it in found if it and not it.segment and owner in {None, it.owner} and now < it.ends_at)
        return tuple(sorted(wanted, key=lambda it: (it.made_at, it.key)))

    def describe(self, upload: Upload) -> None:
        """Note other facts of it. Raises `Busy`."""
        with self._writing(upload):
            self._note(upload)

    def append(self, upload: Upload, chunk: bytes, offset: int) -> Upload:
        """Add what comes after `offset` bytes; raises `Misplaced`, `Busy`, or an `OSError` and adds nothing."""
        with self._writing(upload) as part:
            end = part.seek(0, os.SEEK_END)
            if end != offset:
                raise Misplaced
            try:
                _write(part, chunk)
            except OSError:
                part.truncate(end)
                raise
        return evolve(upload, offset=end + len(chunk))

    @contextmanager
    def reading(self, upload: Upload) -> Iterator[FileIO]:
        """All that has come, from its first byte; nobody adds to it meanwhile. Raises `Busy`."""
        with self._writing(upload) as part:
            yield part

    def finish(self, upload: Upload, segment: str) -> Upload:
        """Note what it became, and let its bytes go; by who reads it."""
        finished = evolve(upload, segment=segment)
        self._note(finished)
        self._part(upload.key).unlink()
        return finished

    def remove(self, upload: Upload) -> None:
        """Forget it. Raises `Busy`."""
        if upload.segment:
            self._json(upload.key).unlink(missing_ok=True)
            return
        with self._writing(upload):
            self._json(upload.key).unlink(missing_ok=True)
            self._part(upload.key).unlink()

    def give_up(self, now: int) -> None:
        """Remove what has lain there too long, and what a power cut left behind."""
        for note in self._folder.glob("*.json"):
            upload = self._read(note.stem)
            if upload and now >= upload.ends_at:
                with suppress(Busy):
                    self.remove(upload)
        for path in self._folder.glob("*.part"):
            with suppress(FileNotFoundError), path.open("rb") as part:
                if lock(part) and _done(self._read(path.stem)):
                    path.unlink(missing_ok=True)

    @contextmanager
    def _writing(self, upload: Upload) -> Iterator[FileIO]:
        try:
            part = self._part(upload.key).open("r+b", buffering=0)
        except FileNotFoundError:
            raise Busy from None
        with part:
            if not lock(part) or not os.fstat(part.fileno()).st_nlink:
                raise Busy
            yield part

    def _read(self, key: str) -> Upload | None:
        came = _size(self._part(key))  # before the note: a part goes only once its note says that it is finished
        try:
            told = json.loads(self._json(key).read_bytes())
        except FileNotFoundError:
            return None
        if told["segment"]:
            came = told["length"]
        return None if came is None else Upload(**{**told, "kind": Kind(told["kind"]), "key": key, "offset": came})

    def _note(self, upload: Upload) -> None:
        told = attrs.asdict(upload, filter=lambda field, _: field.name not in {"key", "offset"})
        write_whole(self._json(upload.key), json.dumps(told, ensure_ascii=False).encode())

    def _json(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _part(self, key: str) -> Path:
        return self._folder / f"{key}.part"


def _write(part: FileIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[part.write(left) :]
    os.fsync(part.fileno())


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _done(upload: Upload | None) -> bool:
    return upload is None or bool(upload.segment)
