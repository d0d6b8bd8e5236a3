"""The library: every recording of the station, kept by the hash of its content.

A folder holds `originals/<sha256>`, as they came, and `ready/<sha256>.flac`, levelled; the database holds a row
for each. A row is committed only when its file is on the card, and a file whose row never was is known by a
second name (`station/durable.py`), so an interruption leaves a segment whole or not at all. The rows in state
`received` are the queue of intake: a restart goes on with them.
"""

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from shutil import disk_usage
from typing import Any, BinaryIO

from attrs import asdict, evolve, fields, frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    delete,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from station.durable import Unfinished, is_full, keep_if_noted, parting, places_of, settle, sweep, unfinished
from station.rules.approval import State, Step, after, check_own, check_reason
from station.rules.facts import NO_FACTS, Facts, Field
from station.rules.findings import Finding
from station.rules.findings import from_json as findings_from_json
from station.rules.findings import to_json as findings_json
from station.rules.letters import plain, spelled
from station.rules.levelled import Levelled
from station.rules.origin import Origin
from station.rules.recipe import Recipe, whole
from station.rules.recipe import from_json as recipe_from_json
from station.rules.recipe import to_json as recipe_json
from station.rules.rundown import Item, Kind, Newest, Play, Rebroadcast, Segment
from station.rules.trouble import Refused, Trouble
from station.stores.database import alerts, waveforms
from station.stores.database import segments as table
from station.stores.search import PAGE, Search, conditions
from station.stores.slug import slug

RESERVE = 200 << 20  # bytes that are left for tapes and the log, whatever is uploaded
_CHUNK = 1 << 20  # bytes
_NEWEST_FIRST = (table.c.received_at.desc(), table.c.id.desc())
_STILL = "Các mục khác vẫn phát như thường."


@frozen
class StoredSegment:
    """A segment's row: `length` in ms, `loudness` in LUFS, `peak` in dBTP, instants in wall ms, hashes sha256."""

    id: str
    name: str
    title: str
    kind: Kind
    origin: Origin
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
    rejection: str | None
    words: str | None
    facts: Facts
    recipe: Recipe
    findings: tuple[Finding, ...]
    offered: str | None
    vouched: str | None

    @property
    def usable(self) -> Segment | None:
        """What the rules know of it, once what was approved is what would be heard."""
        if self.state is not State.APPROVED or self.ready is None or self.ready != self.approved:
            return None
        return Segment(
            self.id,
            self.name,
            self.title,
            self.kind,
            self.ready,
            self.length or 0,
            self.received_at,
            self.facts.valid_from,
            self.facts.valid_until,
            self.origin,
        )

    @property
    def originals(self) -> frozenset[str]:
        """The sha256 of each original that it is made of."""
        return frozenset({self.original, *(it.original for it in self.recipe.pieces)})


class Full(Refused):
    """There is no room on the card now."""


@frozen
class Found:
    """A page of a search, and whether there is more."""

    segments: tuple[StoredSegment, ...]
    more: bool


@frozen
class Original:
    """A file as it came, by its sha256; `size` in bytes, and the segments that are made of it, newest first."""

    sha256: str
    size: int
    segments: tuple[StoredSegment, ...]


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
            with room(title):
                while chunk := source.read(_CHUNK):
                    if disk_usage(self._originals).free < RESERVE:
                        raise OSError(errno.ENOSPC, "only the player's reserve is left")
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
        words: str | None = None,
        facts: Facts = NO_FACTS,
    ) -> StoredSegment:
        """Queue what has arrived for intake; `now` in wall ms.

        `words` is the text that a voice shall read, where what arrived is that and no audio. The same content again
        is the same segment, tried again if it was refused. Raises `Refused` when the card is full.
        """
        row = {
            "id": arrived.original[:12],
            "title": title,
            "kind": kind,
            "origin": Origin.COMMUNE,
            "state": State.RECEIVED,
            "original": arrived.original,
            "author": author,
            "received_at": now,
            "words": words,
            **described(title, author, facts, words),
        }
        stored = _insert(connection, row)
        with room(title):
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

    def finish(
        self, connection: Connection, segment: StoredSegment, file: Unfinished, made: Levelled
    ) -> StoredSegment:
        """Keep the levelled `file` of a received segment, now a draft, in place of what it was levelled to before.

        Raises `Refused` on a full card. What was put into the queue again meanwhile, by another recipe, stays.
        """
        ready = hash_of(file.path)
        with room("Thư viện"):
            settle(file)
            finished = _change_received(
                connection,
                segment,
                state=State.DRAFT,
                ready=ready,
                length=made.length,
                loudness=made.loudness,
                peak=made.peak,
                recipe=recipe_json(made.recipe),
                findings=findings_json(made.findings),
            )
            if finished:
                keep_if_noted(file, self.ready_path(ready))
                self.keep_bars(connection, ready, made.bars)
                self.let_go(connection, segment.ready)
        return self._known(connection, segment.id)

    def edit(self, connection: Connection, segment: str, recipe: Recipe, by: str) -> StoredSegment:
        """Put a segment of the commune's into the queue again, by another recipe. Raises `Refused`.

        It is to be approved again. Whoever edits it is its author from now on, so that somebody else approves that.

        What it was levelled to stays until that is done, so that it can still be listened to.
        """
        stored = self._known(connection, segment)
        check_own(stored.origin, stored.title)
        if stored.state is State.RECEIVED:
            raise _refused(stored.title, "Mục này đang được xử lý.", "Chờ xử lý xong rồi sửa.")
        again = {"state": State.RECEIVED, "refusal": None, "recipe": recipe_json(recipe), "author": by}
        connection.execute(update(table).where(table.c.id == segment).values(again))
        return self._known(connection, segment)

    def derive(  # noqa: PLR0913 - a segment has that many facts
        self, connection: Connection, recipe: Recipe, *, title: str, like: StoredSegment, author: str, now: int
    ) -> StoredSegment:
        """Queue a new segment made of originals that are here; the same recipe again is the same segment.

        It is the commune's, whosever originals these are: so it airs only when a person here approves it.
        """
        row = {
            "id": recipe.digest[:12],
            "title": title,
            "kind": like.kind,
            "origin": Origin.COMMUNE,
            "state": State.RECEIVED,
            "original": recipe.pieces[0].original,
            "recipe": recipe_json(recipe),
            "author": author,
            "received_at": now,
            **described(title, author, like.facts, None),
        }
        return _insert(connection, row)

    @contextmanager
    def parting(self) -> Iterator[Callable[[StoredSegment], None]]:
        """What a transaction that ends before calls with each segment whose row it deletes.

        The files of those go after it, but for those that another one needs: whatever is killed in between, a row
        has its files.
        """
        places: list[Path] = []
        with ExitStack() as twins:

            def part(segment: StoredSegment) -> None:
                files = [*map(self.original_path, segment.originals), self.ready_path(segment.ready or "")]
                for place in filter(Path.is_file, files):
                    twins.enter_context(parting(place))
                    places.append(place)

            yield part
            for place in places:
                self._forget(place)

    def bars(self, ready: str) -> bytes | None:
        """The waveform of a levelled file, 0 to 255 each, if it is known."""
        with self._engine.connect() as connection:
            found = connection.execute(select(waveforms.c.bars).where(waveforms.c.ready == ready)).scalar()
        return None if found is None else bytes(found)

    def keep_bars(self, connection: Connection, ready: str, bars: bytes) -> None:
        """Note the waveform of a levelled file."""
        connection.execute(insert(waveforms).values(ready=ready, bars=bars).on_conflict_do_nothing())

    def lend_place(self, file: Unfinished) -> None:
        """Have a file of `levelling` where `verify` finds it, in a transaction that noted an alert's sound."""
        with room("Thư viện"):
            keep_if_noted(file, self.ready_path(hash_of(file.path)))

    def refuse(self, connection: Connection, segment: StoredSegment, sentence: str) -> StoredSegment:
        """Note why a received segment cannot be used; what was removed meanwhile stays so."""
        _change_received(connection, segment, state=State.REFUSED, refusal=sentence)
        return find_row(connection, table.c.id == segment.id) or segment

    def describe(
        self, connection: Connection, segment: str, *, title: str, kind: Kind, facts: Facts
    ) -> StoredSegment:
        """Change what is known of a segment; what was approved is its sound, which stays as it is."""
        stored = self._known(connection, segment)
        told = {"title": title, "kind": kind, **described(title, stored.author, facts, stored.words)}
        return self._change(connection, segment, **told)

    def submit(self, connection: Connection, segment: str) -> StoredSegment:
        """Ask for approval. Raises `Refused` when it cannot be asked now."""
        stored = self._known(connection, segment)
        state = after(stored.state, Step.SUBMIT, stored.title)
        return self._change(connection, segment, state=state, rejection=None)

    def approve(self, connection: Connection, segment: str, by: str, now: int) -> StoredSegment:
        """Approve for air what it sounds like now; `now` in wall ms. Raises `Refused` before it is levelled."""
        stored = self._known(connection, segment)
        if stored.state is State.APPROVED:
            return stored
        if stored.state is State.REFUSED and stored.refusal:
            raise _refused(stored.title, stored.refusal, "Tải lên tệp khác.")
        state = after(stored.state, Step.APPROVE, stored.title)
        signed = {"approver": by, "approved_at": now, "approved": stored.ready}
        return self._change(connection, segment, state=state, **signed)

    def reject(self, connection: Connection, segment: str, reason: str) -> StoredSegment:
        """Reject it, also after it was approved: it is not heard any more. Raises `Refused`."""
        stored = self._known(connection, segment)
        state = after(stored.state, Step.REJECT, stored.title)
        void = {"approver": None, "approved_at": None, "approved": None}
        return self._change(connection, segment, state=state, rejection=check_reason(reason, stored.title), **void)

    def expire(self, connection: Connection, segment: str, now: int) -> None:
        """Let it not be heard from wall ms `now` on."""
        self._change(connection, segment, valid_until=now)

    def remove(self, connection: Connection, segment: str) -> StoredSegment:
        """Forget a segment and its files, but for those that another one needs."""
        stored = self._known(connection, segment)
        connection.execute(delete(table).where(table.c.id == segment))
        # That statement keeps other writers out until the caller commits: nobody counts on these files meanwhile.
        for original in stored.originals:
            if not named(connection, or_(table.c.original == original, table.c.recipe.contains(original))):
                self.original_path(original).unlink(missing_ok=True)
        self.let_go(connection, stored.ready)
        return stored

    def drop_original(self, original: str) -> None:
        """Let go of what a segment was made from, in a transaction that has written before; it airs as it did."""
        self.original_path(original).unlink(missing_ok=True)

    def originals(self) -> tuple[Original, ...]:
        """Every original that is still kept, with the segments that are made of it."""
        made: dict[str, list[StoredSegment]] = {}
        for segment in self.segments():
            for original in segment.originals:
                made.setdefault(original, []).append(segment)
        kept = (path for path in self._originals.iterdir() if path.name in made)
        return tuple(Original(path.name, path.stat().st_size, tuple(made[path.name])) for path in kept)

    def words_of(self, original: str) -> str | None:
        """The text that a voice shall read, of an original that was typed."""
        typed = (table.c.original == original) & table.c.words.is_not(None)
        with self._engine.connect() as connection:
            return connection.execute(select(table.c.words).where(typed).limit(1)).scalar_one_or_none()

    def segments(self) -> tuple[StoredSegment, ...]:
        """All of them, the newest first."""
        return self._all(select(table).order_by(*_NEWEST_FIRST))

    def found(self, search: Search) -> Found:
        """A page of what is looked for, the newest first, and whether there is more."""
        found = self._all(_query(search).offset(search.page * PAGE).limit(PAGE + 1))
        return Found(found[:PAGE], more=len(found) > PAGE)

    def all_found(self, search: Search) -> tuple[StoredSegment, ...]:
        """All that is looked for, the newest first."""
        return self._all(_query(search))

    def count(self, *states: State) -> int:
        """How many are in one of those states."""
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(table).where(table.c.state.in_(states))
            return connection.execute(query).scalar_one()

    def names(self) -> tuple[str, ...]:
        """What schedules may `play`, approved or not."""
        with self._engine.connect() as connection:
            return tuple(connection.execute(select(table.c.name)).scalars())

    def waiting(self) -> tuple[StoredSegment, ...]:
        """The queue of intake, the oldest first."""
        return self._all(
            select(table).where(table.c.state == State.RECEIVED).order_by(table.c.received_at, table.c.id)
        )

    def find(self, key: str) -> StoredSegment | None:
        """The segment of that name or id."""
        with self._engine.connect() as connection:
            return find_row(connection, or_(table.c.name == key, table.c.id == key))

    def known(self, ids: Iterable[str]) -> Mapping[str, StoredSegment]:
        """Those of the segments that are still there, by their ids."""
        return {it.id: it for it in self._all(select(table).where(table.c.id.in_(set(ids))))}

    def usable(self, rundowns: Iterable[Sequence[Item]], since: int) -> tuple[Segment, ...]:
        """What may be aired of all that the rundowns of broadcasts from wall ms `since` on can ask for."""
        wanted = [condition for rundown in rundowns for item in rundown for condition in _wanted(item, since)]
        found = self._all(select(table).where(table.c.state == State.APPROVED, or_(false(), *wanted)))
        return tuple(segment for stored in found if (segment := stored.usable))

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
        if hash_of(path) != ready:
            raise _refused(title, "Tệp âm thanh của mục này đã bị hỏng.", "Tải lại mục này lên thư viện.")
        return path

    def let_go(self, connection: Connection, ready: str | None) -> None:
        """Remove a levelled file and its waveform unless something still has it, after a statement that wrote."""
        if ready and not _sounds(connection, ready):
            connection.execute(delete(waveforms).where(waveforms.c.ready == ready))
            self.ready_path(ready).unlink(missing_ok=True)

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
        made_of = or_(table.c.original == place.stem, table.c.recipe.contains(place.stem))
        with self._engine.begin() as connection:
            connection.execute(text("BEGIN IMMEDIATE"))
            is_original = place.parent == self._originals
            if not (named(connection, made_of) if is_original else _sounds(connection, place.stem)):
                place.unlink(missing_ok=True)

    def _change(self, connection: Connection, segment: str, **values: Any) -> StoredSegment:
        connection.execute(update(table).where(table.c.id == segment).values(values))
        return self._known(connection, segment)

    def _known(self, connection: Connection, segment: str) -> StoredSegment:
        stored = find_row(connection, table.c.id == segment)
        if stored is None:
            raise _refused(segment, "Không có mục này trong thư viện.", "Xem lại danh sách thư viện.")
        return stored

    def _all(self, query: Select[Any]) -> tuple[StoredSegment, ...]:
        with self._engine.connect() as connection:
            return rows(connection, query)


def _insert(connection: Connection, row: dict[str, Any]) -> StoredSegment:
    """The segment of that id, made under the first free name unless it is there already."""
    for name in _names(row["title"]):
        connection.execute(insert(table).values(**row, name=name).on_conflict_do_nothing())
        if stored := find_row(connection, table.c.id == row["id"]):
            return stored
    raise AssertionError("names never run out")


def _names(title: str) -> Iterator[str]:
    yield slug(title)
    yield from (f"{slug(title)}-{number}" for number in count(2))


def described(title: str, author: str, facts: Facts, words: str | None) -> dict[str, Any]:
    """The columns that say what is known of a segment, and those by which it is searched."""
    searched = (title, author, facts.source, facts.responsible, words or "")
    return {**asdict(facts), "spelled": spelled(*searched), "plain": plain(*searched)}


def _query(search: Search) -> Select[Any]:
    return select(table).where(*conditions(search)).order_by(*_NEWEST_FIRST)


def _wanted(item: Item, since: int) -> Iterator[ColumnElement[bool]]:
    match item:
        case Play():
            yield table.c.name == item.play
        case Newest():
            fresh = table.c.received_at >= since - item.within
            yield (table.c.kind == item.newest) & (table.c.origin == item.whose) & fresh
        case Rebroadcast(fallback=fallback):
            yield table.c.name == fallback
            yield table.c.kind == fallback


def named(connection: Connection, condition: ColumnElement[bool]) -> bool:
    """Whether any segment's row is so."""
    return connection.execute(select(table.c.id).where(condition).limit(1)).first() is not None


def _change_received(connection: Connection, segment: StoredSegment, **values: Any) -> bool:
    """Whether a segment was changed: what another process finished or edited meanwhile stays as it is."""
    queued = (table.c.id == segment.id) & (table.c.state == State.RECEIVED)
    written = or_(table.c.recipe == recipe_json(segment.recipe), table.c.recipe.is_(None))
    return connection.execute(update(table).where(queued & written).values(values)).rowcount == 1


def rows(connection: Connection, query: Select[Any]) -> tuple[StoredSegment, ...]:
    """The segments whose rows a query of the whole table gives."""
    return tuple(_stored(row) for row in connection.execute(query))


def _sounds(connection: Connection, ready: str) -> bool:
    """Whether a segment, or an alert, is heard by that levelled file."""
    of_alert = select(alerts.c.id).where(alerts.c.sound == ready).limit(1)
    return named(connection, table.c.ready == ready) or connection.execute(of_alert).first() is not None


def find_row(connection: Connection, condition: ColumnElement[bool]) -> StoredSegment | None:
    """The segment whose row is so."""
    row = connection.execute(select(table).where(condition)).first()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> StoredSegment:
    values = row._asdict()
    recipe = values["recipe"]
    facts = Facts(**{it.name: values.pop(it.name) for it in fields(Facts)})
    for searched in ("spelled", "plain"):
        del values[searched]
    told = {
        "kind": Kind(values["kind"]),
        "origin": Origin(values["origin"]),
        "state": State(values["state"]),
        "recipe": whole(values["original"]) if recipe is None else recipe_from_json(recipe),
        "findings": findings_from_json(values["findings"]),
        "facts": evolve(facts, field=Field(facts.field)),
    }
    return StoredSegment(**{**values, **told})


def hash_of(file: Path) -> str:
    """The sha256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def room(where: str) -> Iterator[None]:
    """Tell a full card as a refusal, `Full`."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        what, mend = "Thẻ nhớ đã đầy nên chưa lưu được tệp này.", "Xóa bớt tệp cũ rồi thử lại."
        raise Full(Trouble(where, what, _STILL, mend)) from error


def _refused(where: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(where, what, _STILL, mend))
