"""What the province sent, in the library: a segment of its own for each name, approved by the signature.

New content waits under a name of its own until it is levelled; the transaction that approves it gives it the name
and deletes what had it. So there is always one to air, and never one that nobody vouches for.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from station.durable import keep_if_noted
from station.rules.approval import State
from station.rules.offer import Offer, known_as
from station.rules.origin import Origin
from station.rules.recipe import whole
from station.rules.trouble import Refused, Trouble
from station.stores.database import segments as table
from station.stores.database import waveforms
from station.stores.library import (
    Arrived,
    Library,
    StoredSegment,
    described,
    hash_of,
    named,
    room,
    rows,
)

Part = Callable[[StoredSegment], None]  # told of what is deleted, as `Library.parting` gives it

_NEVER_HEARD = (State.RECEIVED, State.REFUSED)


class Damaged(Refused):
    """The file is not what was vouched for: it is to be had anew."""


def present(library: Library, connection: Connection) -> Mapping[str, str]:
    """The digest of each offer that is here, by its path; an empty one where its file is to be had anew."""
    sent = select(table).where(table.c.offered.is_not(None)).order_by(func.length(table.c.name))  # what waits, last
    return {str(it.offered): _digest(library, it) for it in rows(connection, sent)}


def receive(  # noqa: PLR0913 - who sent what, and when
    library: Library,
    connection: Connection,
    arrived: Arrived,
    offer: Offer,
    *,
    author: str,
    now: int,
    part: Part,
    words: str | None = None,
) -> None:
    """Queue what has arrived and is what was offered, vouched for since wall ms `now`; `words` are those of a text.

    The same content again is the same segment, in whatever state it is. Raises `Refused`.
    """
    connection.execute(text("BEGIN IMMEDIATE"))
    known = _only(connection, offer, part)
    queued = {"state": State.RECEIVED, "refusal": None, "recipe": None, "approved_at": now}
    told = _told(offer, author, words) | {"received_at": offer.published or now}
    if known is None:
        _insert(connection, offer, {**told, **queued, "original": offer.sha256})
    else:
        again = queued if _lacking(library, known) else {}
        connection.execute(update(table).where(table.c.id == known.id).values({**told, **again}))
    with room(offer.title):
        keep_if_noted(arrived.file, library.original_path(offer.sha256))


def retell(library: Library, connection: Connection, offer: Offer, part: Part) -> bool:
    """Whether the content of an offer is here and whole; what is said of it now is taken over."""
    connection.execute(text("BEGIN IMMEDIATE"))
    known = _only(connection, offer, part)
    if known is None or not _digest(library, known):
        return False
    told = _told(offer, known.author, known.words) | {"received_at": offer.published or known.received_at}
    connection.execute(update(table).where(table.c.id == known.id).values(told))
    return True


def check_original(library: Library, segment: StoredSegment) -> None:
    """Raise `Damaged` unless its file still is what was vouched for."""
    place = library.original_path(segment.original)
    if not place.is_file() or hash_of(place) != segment.original:
        what = "Tệp tỉnh gửi đã bị thay đổi hoặc hỏng trên thẻ nhớ."
        raise Damaged(Trouble(segment.title, what, "Bản cũ, nếu có, vẫn phát.", "Đài tự nhận lại tệp này."))


def vouch(library: Library, connection: Connection, segment: StoredSegment, part: Part) -> StoredSegment:
    """Approve what was just levelled of an offer, in the same transaction, and let it replace what had its name.

    Raises `Damaged`.
    """
    check_original(library, segment)
    if segment.offered is None or segment.recipe != whole(segment.original).closed(segment.length or 0):
        return segment  # that is not what was vouched for, so a person must approve it
    for other in _claims(connection, segment.offered):
        if other.id != segment.id:
            _delete(connection, other, part)
    connection.execute(update(table).where(table.c.id == segment.id).values(name=known_as(segment.offered)))
    return library.approve(connection, segment.id, segment.author, segment.approved_at or segment.received_at)


def doubt(connection: Connection, segment: StoredSegment) -> None:
    """Have the file of an offer anew, since it is not its fault that it could not be used."""
    connection.execute(update(table).where(table.c.id == segment.id).values(vouched=None))


def forget(connection: Connection, path: str, part: Part) -> tuple[StoredSegment, ...]:
    """Remove what is here of an offer."""
    connection.execute(text("BEGIN IMMEDIATE"))
    found = rows(connection, select(table).where(table.c.offered == path))
    for segment in found:
        _delete(connection, segment, part)
    return found


def _claims(connection: Connection, path: str) -> tuple[StoredSegment, ...]:
    """What has the name of that offer, or waits for it: of any group, of any content."""
    name = known_as(path)
    claim = or_(table.c.name == name, table.c.name.startswith(f"{name}/"))
    return rows(connection, select(table).where(table.c.origin == Origin.PROVINCE, claim))


def _only(connection: Connection, offer: Offer, part: Part) -> StoredSegment | None:
    """The segment of that content, if it is here; other content that was not heard yet never will be."""
    claims = _claims(connection, offer.path)
    for other in claims:
        if other.original != offer.sha256 and other.state in _NEVER_HEARD:
            _delete(connection, other, part)
    return next((it for it in claims if it.original == offer.sha256), None)


def _delete(connection: Connection, segment: StoredSegment, part: Part) -> None:
    part(segment)
    connection.execute(delete(table).where(table.c.id == segment.id))
    if not named(connection, table.c.ready == segment.ready):
        connection.execute(delete(waveforms).where(waveforms.c.ready == segment.ready))


def _digest(library: Library, known: StoredSegment) -> str:
    return "" if known.vouched is None or _lost(library, known) else known.vouched


def _lacking(library: Library, known: StoredSegment) -> bool:
    """Whether it must be levelled anew."""
    return known.state is State.REFUSED or _lost(library, known)


def _lost(library: Library, known: StoredSegment) -> bool:
    """Whether it should air and its file is not here, as in a station that was restored without recordings."""
    approved = known.state is State.APPROVED
    return approved and not (known.ready and library.ready_path(known.ready).is_file())


def _told(offer: Offer, author: str, words: str | None) -> dict[str, Any]:
    """The columns that say what an offer says."""
    return {
        "title": offer.title,
        "kind": offer.kind,
        "author": author,
        "words": words,
        "offered": offer.path,
        "vouched": offer.digest,
        **described(offer.title, author, offer.facts, words),
    }


def _insert(connection: Connection, offer: Offer, values: dict[str, Any]) -> None:
    free = not named(connection, table.c.name == offer.known_as)
    name = offer.known_as if free else f"{offer.known_as}/{_id(offer)}"
    row = {"id": _id(offer), "name": name, "origin": Origin.PROVINCE, **values}
    if connection.execute(insert(table).values(row).on_conflict_do_nothing()).rowcount != 1:
        raise Refused(Trouble(offer.title, "Mã của mục này trùng với mục khác.", mend="Báo cho tỉnh."))


def _id(offer: Offer) -> str:
    """No segment of the commune's has it: theirs are of content alone."""
    return hashlib.sha256(f"{offer.path}\n{offer.sha256}".encode()).hexdigest()[:12]
