"""The library: every recording of the station, kept by the hash of its content.

A folder holds `originals/<sha256>`, as they came, and `ready/<sha256>.flac`, levelled; the database holds a row
for each. A row is committed only when its file is on the card, and a file whose row never was is known by a
second name (`station/durable.py`), so an interruption leaves a segment whole or not at all. The rows in state
`received` are the queue of intake: a restart goes on with them.
"""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from station.durable import Unfinished, keep_if_noted, places_of, settle, sweep, unfinished
from station.rules.rundown import Kind, Segment
from station.rules.trouble import Refused, Trouble
from station.stores.database import segments as table
from station.stores.slug import slug

_CHUNK = 1 << 20  # bytes
_FULL = (errno.ENOSPC, errno.EDQUOT)


class State(StrEnum):
    """How far a segment is on its way to air."""

    RECEIVED = "received"
    DRAFT = "draft"
    APPROVED = "approved"
    REFUSED = "refused"


@frozen
class StoredSegment:
    """A segment's row: `length` in ms, `loudness` in LUFS, `peak` in dBTP, instants in wall ms, hashes sha256."""

    id: str
    name: str
    title: str
    kind: Kind
    origin: str
    state: State
    original: str
    ready: str | None
    length: int | None
    loudness: float | None
    peak: float | None
    refusal: str | None
    author: str
    received_at: int
    approver: str | None
    approved_at: int | None
    approved: str | None

    @property
    def usable(self) -> Segment | None:
        """What the rules know of it, once what was approved is what would be heard."""
        if self.state is not State.APPROVED or self.ready is None or self.ready != self.approved:
            return None
        return Segment(self.id, self.name, self.title, self.kind, self.ready, self.length or 0, self.received_at)


@frozen
class Arrived:
    """A recording that is on the card and not yet a segment, and its sha256."""

    file: Unfinished
    original: str


class Library:
    """The recordings in `folder` and their rows in the database behind `engine`.

    What writes takes the caller's `connection`, so that a deed and its audit line are one transaction.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._originals = folder / "originals"
        self._ready = folder / "ready"
        for place in (self._originals, self._ready):
            place.mkdir(parents=True, exist_ok=True)
            sweep(place, self._forget)

    @contextmanager
    def arriving(self, source: BinaryIO, title: str) -> Iterator[Arrived]:
        """Keep what `source` gives until the end; `receive` makes it a segment, in a transaction that ends before.

        Nothing is locked while it streams. Raises `Refused` about `title` when the card is full.
        """
        with self._unless_undone(self._originals) as file:
            digest, size = hashlib.sha256(), 0
            with _room(title):
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += file.stream.write(chunk)
                settle(file)
            if file.path.stat().st_size != size:
                raise OSError(errno.EIO, "short write")
            yield Arrived(file, digest.hexdigest())

    def receive(  # noqa: PLR0913 - a segment has that many facts
        self,
        connection: Connection,
        arrived: Arrived,
        *,
        title: str,
        kind: Kind,
        author: str,
        now: int,
        origin: str = "commune",
    ) -> StoredSegment:
        """Queue what has arrived for intake; `now` in wall ms.

        The same content again is the same segment, tried again if it was refused. Raises `Refused` when the card is
        full.
        """
        row = {
            "id": arrived.original[:12],
            "title": title,
            "kind": kind,
            "origin": origin,
            "state": State.RECEIVED,
            "original": arrived.original,
            "author": author,
            "received_at": now,
        }
        stored = _insert(connection, row)
        with _room(title):
            keep_if_noted(arrived.file, self.original_path(arrived.original))
        if stored.state is not State.REFUSED:
            return stored
        again = update(table).where(table.c.id == stored.id).values(state=State.RECEIVED, refusal=None)
        connection.execute(again)
        return self._known(connection, stored.id)

    @contextmanager
    def levelling(self) -> Iterator[Unfinished]:
        """A file for the levelled audio, which `finish` keeps; it is gone at the end otherwise."""
        with self._unless_undone(self._ready) as file:
            yield file

    def finish(  # noqa: PLR0913 - a levelled file has that many figures
        self, connection: Connection, segment: str, file: Unfinished, *, length: int, loudness: float, peak: float
    ) -> StoredSegment:
        """Keep the levelled `file` of a received segment, now a draft; raises `Refused` on a full card."""
        ready = _hash(file.path)
        figures = {"ready": ready, "length": length, "loudness": loudness, "peak": peak}
        with _room("Thư viện"):
            settle(file)
            if _change_received(connection, segment, state=State.DRAFT, **figures):
                keep_if_noted(file, self.ready_path(ready))
        return self._known(connection, segment)

    def refuse(self, connection: Connection, segment: str, sentence: str) -> StoredSegment:
        """Note why a received segment cannot be used."""
        _change_received(connection, segment, state=State.REFUSED, refusal=sentence)
        return self._known(connection, segment)

    def approve(self, connection: Connection, segment: str, by: str, now: int) -> StoredSegment:
        """Approve for air what it sounds like now; `now` in wall ms. Raises `Refused` before it is levelled."""
        stored = self._known(connection, segment)
        if stored.state is State.APPROVED:
            return stored
        if stored.state is not State.DRAFT:
            raise _refused(stored.title, stored.refusal or "Mục này chưa xử lý xong.", "Chờ xử lý xong rồi duyệt.")
        signed = {"approver": by, "approved_at": now, "approved": stored.ready}
        connection.execute(update(table).where(table.c.id == segment).values(state=State.APPROVED, **signed))
        return self._known(connection, segment)

    def segments(self) -> tuple[StoredSegment, ...]:
        """All of them, the newest first."""
        return self._all(select(table).order_by(table.c.received_at.desc(), table.c.id))

    def waiting(self) -> tuple[StoredSegment, ...]:
        """The queue of intake, the oldest first."""
        return self._all(
            select(table).where(table.c.state == State.RECEIVED).order_by(table.c.received_at, table.c.id)
        )

    def find(self, key: str) -> StoredSegment | None:
        """The segment of that name or id."""
        with self._engine.connect() as connection:
            return _find(connection, or_(table.c.name == key, table.c.id == key))

    def usable(self) -> tuple[Segment, ...]:
        """What may be aired, as the rules know it."""
        return tuple(segment for stored in self.segments() if (segment := stored.usable))

    def original_path(self, original: str) -> Path:
        """Where the file is that came with that sha256."""
        return self._originals / original

    def ready_path(self, ready: str) -> Path:
        """Where the levelled file is that has that sha256."""
        return self._ready / f"{ready}.flac"

    def verify(self, ready: str, title: str) -> Path:
        """The levelled file, when it still is what was approved; raises `Refused` about `title` otherwise."""
        path = self.ready_path(ready)
        if not path.is_file():
            raise _refused(
                title, "Tệp âm thanh của mục này không còn trong thư viện.", "Tải lại mục này lên thư viện."
            )
        if _hash(path) != ready:
            raise _refused(title, "Tệp âm thanh của mục này đã bị hỏng.", "Tải lại mục này lên thư viện.")
        return path

    @contextmanager
    def _unless_undone(self, folder: Path) -> Iterator[Unfinished]:
        """A new file of `folder`, which stays in no place that was not noted when something fails."""
        with unfinished(folder) as file:
            try:
                yield file
            except BaseException:
                for place in places_of(file):
                    self._forget(place)
                raise

    def _forget(self, place: Path) -> None:
        """Remove a file that no row names; what writes a row puts its file into place after its first statement."""
        column = table.c.original if place.parent == self._originals else table.c.ready
        with self._engine.begin() as connection:
            connection.execute(text("BEGIN IMMEDIATE"))
            if _find(connection, column == place.stem) is None:
                place.unlink(missing_ok=True)

    def _known(self, connection: Connection, segment: str) -> StoredSegment:
        stored = _find(connection, table.c.id == segment)
        if stored is None:
            raise _refused(segment, "Không có mục này trong thư viện.", "Xem lại danh sách thư viện.")
        return stored

    def _all(self, query: Select[Any]) -> tuple[StoredSegment, ...]:
        with self._engine.connect() as connection:
            return tuple(_stored(row) for row in connection.execute(query))


def _insert(connection: Connection, row: dict[str, Any]) -> StoredSegment:
    """The segment of that id, made under the first free name unless it is there already."""
    for name in _names(row["title"]):
        connection.execute(insert(table).values(**row, name=name).on_conflict_do_nothing())
        if stored := _find(connection, table.c.id == row["id"]):
            return stored
    raise AssertionError("names never run out")


def _names(title: str) -> Iterator[str]:
    yield slug(title)
    yield from (f"{slug(title)}-{number}" for number in count(2))


def _change_received(connection: Connection, segment: str, **values: Any) -> bool:
    """Change a segment that is still in the queue; one that another process finished meanwhile stays as it is."""
    queued = (table.c.id == segment) & (table.c.state == State.RECEIVED)
    return connection.execute(update(table).where(queued).values(values)).rowcount == 1


def _find(connection: Connection, condition: ColumnElement[bool]) -> StoredSegment | None:
    row = connection.execute(select(table).where(condition)).first()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> StoredSegment:
    values = row._asdict()
    return StoredSegment(**{**values, "kind": Kind(values["kind"]), "state": State(values["state"])})


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _room(where: str) -> Iterator[None]:
    """Tell a full card as a refusal."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _refused(where, "Thẻ nhớ đã đầy nên chưa lưu được tệp này.", "Xóa bớt tệp cũ rồi thử lại.") from error


def _refused(where: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(where, what, "Các mục khác vẫn phát như thường.", mend))
