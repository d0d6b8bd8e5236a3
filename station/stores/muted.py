"""The zones that a person keeps off, whatever airs, until somebody lets them sound again."""

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from station.stores.database import muted_zones


class MutedZones:
    """They are kept in the database, so that a restart does not let a horn rattle again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> frozenset[str]:
        """Their names."""
        with self._engine.connect() as connection:
            return frozenset(connection.execute(select(muted_zones.c.zone)).scalars())

    def set(self, connection: Connection, zone: str, *, muted: bool, who: str, now: int) -> None:
        """Mute a zone at wall ms `now`, or no longer, within the caller's transaction."""
        if muted:
            connection.execute(insert(muted_zones).values(zone=zone, who=who, since=now).on_conflict_do_nothing())
        else:
            connection.execute(delete(muted_zones).where(muted_zones.c.zone == zone))
