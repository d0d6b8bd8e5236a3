"""The audit log: who did what, when and from where. Each record is sealed together with the one before it."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, delete, insert, select, update

from station.rules.letters import plain
from station.stores.asking import asker
from station.stores.database import audit, audit_end
from station.stores.seal import sealed

PAGE = 50  # records
_BATCH = 1000  # read at once: whoever writes, the player above all, waits no longer than that
_BEFORE_ALL = -(2**63)


@frozen
class Record:
    """One deed."""

    id: int
    at: int
    who: str
    origin: str
    deed: str
    subject: str


@frozen
class Wanted:
    """What is looked for: a person's name, instants from one up to the other, words in any order; empty is all."""

    who: str = ""
    since: int | None = None
    until: int | None = None
    words: str = ""


def write_audit(connection: Connection, now: int, who: str, deed: str, subject: str) -> None:
    """Write who did what at wall ms `now`, in the transaction that does it."""
    facts = {"at": now, "who": who, "deed": deed, "subject": subject, "origin": asker().origin}
    # Written first, so that nobody else writes between the look at the last seal and this one.
    key = connection.execute(insert(audit).values(**facts, seal="").returning(audit.c.id)).scalar_one()
    record = connection.execute(select(audit).where(audit.c.id == key)).one()
    seal = sealed(record, _end(connection))
    connection.execute(update(audit).where(audit.c.id == key).values(seal=seal))
    connection.execute(delete(audit_end))
    connection.execute(insert(audit_end).values(id=1, seal=seal))


def find(connection: Connection, wanted: Wanted) -> Iterator[Record]:
    """The records that are looked for, the newest first."""
    looked_for = plain(wanted.words).split()
    asked = select(audit).order_by(audit.c.id.desc())
    if wanted.who:
        asked = asked.where(audit.c.who == wanted.who)
    if wanted.since is not None:
        asked = asked.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(audit.c.at < wanted.until)
    rows = connection.execute(asked.limit(_BATCH)).all()
    while rows:
        for row in rows:
            text = plain(f"{row.who} {row.deed} {row.subject} {row.origin}")
            if all(word in text for word in looked_for):
                yield _record(row)
        rows = connection.execute(asked.where(audit.c.id < rows[-1].id).limit(_BATCH)).all()


def names(connection: Connection) -> tuple[str, ...]:
    """Everybody who ever did something, in order."""
    return tuple(connection.execute(select(audit.c.who).distinct().order_by(audit.c.who)).scalars())


def broken(connection: Connection) -> tuple[Record | None, ...]:
    """The records that are altered or have lost the one before them; None for records lost at the end."""
    found: list[Record | None] = []
    seal, last, ordered = "", _BEFORE_ALL, select(audit).order_by(audit.c.id).limit(_BATCH)
    end = _end(connection)
    while rows := connection.execute(ordered.where(audit.c.id > last)).all():
        for row in rows:
            if row.seal != sealed(row, seal):
                found.append(_record(row))
            seal, last = row.seal, row.id
        end = _end(connection)
    if seal != end:
        found.append(None)
    return tuple(found)


def _end(connection: Connection) -> str:
    return connection.execute(select(audit_end.c.seal)).scalar_one_or_none() or ""


def _record(row: Row[Any]) -> Record:
    return Record(row.id, row.at, row.who, row.origin, row.deed, row.subject)


def deeds_of(connection: Connection, who: str) -> tuple[tuple[str, str], ...]:
    """Every deed of a person and what it was done to, the first one first."""
    query = select(audit.c.deed, audit.c.subject).where(audit.c.who == who).order_by(audit.c.id)
    return tuple((row.deed, row.subject) for row in connection.execute(query))


def subjects_of(connection: Connection, deed: str) -> frozenset[str]:
    """All that a deed was ever done to, by whomever."""
    return frozenset(connection.execute(select(audit.c.subject).where(audit.c.deed == deed)).scalars())
