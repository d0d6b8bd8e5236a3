"""The audit log: who did what, when."""

from sqlalchemy import Connection, insert

from station.stores.database import audit


def write_audit(connection: Connection, now: int, who: str, deed: str, subject: str) -> None:
    """Write who did what at wall ms `now`, in the transaction that does it."""
    connection.execute(insert(audit).values(at=now, who=who, deed=deed, subject=subject))
