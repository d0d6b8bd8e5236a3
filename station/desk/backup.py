"""The backup: one file that holds the station, and a new machine's home made of it."""

from pathlib import Path

from station.care.archive import Pieces, Readable, archive, size, unpacked
from station.desk.permits import permit
from station.rules.hours import iso, local
from station.rules.roles import Deed
from station.stores.audit import write_audit
from station.stores.home import Home, Places
from station.stores.opening import open_database


def backup_name(home: Home, now: int) -> str:
    """What its file is called, unless somebody chooses."""
    return f"loa-xa-{local(now, home.config().config.time_zone):%Y-%m-%d-%H%M}.tar"


def backup_size(home: Home, *, recordings: bool) -> int:
    """About how many bytes it has."""
    return size(home.places, recordings=recordings)


def back_up(home: Home, *, recordings: bool, by: str, now: int) -> Pieces:
    """The bytes of a backup, as it is read; without `recordings` it is small, and they must be sent again."""
    permit(Deed.MACHINE)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "sao lưu", "" if recordings else "không kèm bản ghi âm")
    return packed(home, now, recordings=recordings)


def packed(home: Home, now: int, *, recordings: bool = True, beside: Path | None = None) -> Pieces:
    """The bytes of a backup, for whoever has noted who wants it; see `archive`."""
    made = iso(now, home.config().config.time_zone)
    return archive(home.places, made, recordings=recordings, beside=beside)


def restore(where: Places, backup: Readable, name: str, *, by: str, now: int) -> None:
    """Make an empty home what the `backup` of that `name` holds: whole, or not at all. Raises `Refused`."""
    with unpacked(backup, where.home) as folder:
        engine = open_database(folder / "station.db")
        with engine.begin() as connection:
            write_audit(connection, now, by, "phục hồi", name)
        engine.dispose()
