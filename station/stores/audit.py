"""The audit log: who did what, when."""

from sqlalchemy import Connection, insert, select

from station.stores.database import audit


def write_audit(connection: Connection, now: int, who: str, deed: str, subject: str) -> None:
    """Write who did what at wall ms `now`, in the transaction that does it."""
    connection.execute(insert(audit).values(at=now, who=who, deed=deed, subject=subject))


def deeds_of(connection: Connection, who: str) -> tuple[tuple[str, str], ...]:
    """Every deed of a person and what it was done to, the first one first."""
    query = select(audit.c.deed, audit.c.subject).where(audit.c.who == who).order_by(audit.c.id)
    return tuple((row.deed, row.subject) for row in connection.execute(query))
