"""The backup: one file that holds the station, and a new machine's home made of it."""

from pathlib import Path

from attrs import frozen
from sqlalchemy.exc import SQLAlchemyError

from station.care.archive import LEFT_OVER, Pieces, Readable, archive, size, unpacked
from station.care.services import as_owner, at_rest
from station.desk.database import rebuilt
from station.desk.permits import permit
from station.rules.enrolment import Enrolment, renewed
from station.rules.hours import iso, local
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.config import LAST_GOOD, read_config
from station.stores.enrolment import load_enrolment, renew_enrolment
from station.stores.home import Home, Places, open_home
from station.stores.log_search import LogSearch
from station.stores.opening import open_database
from station.stores.people import People
from station.stores.search import Search


@frozen
class Restored:
    """What a home holds now: the station of that `name`, as it was when it was `made` (ISO 8601)."""

    name: str
    made: str


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


def restore(  # noqa: PLR0913 - a restore has that many facts
    where: Places, backup: Readable, name: str, *, by: str, now: int, enrolment: Enrolment | None = None
) -> Restored:
    """Make a fresh home what the `backup` of that `name` holds: whole, or not at all. Raises `Refused`.

    A fresh one is a home in which nobody was set up, nothing aired and no recording lies. Root does it as the
    home's owner, and has the services rest meanwhile. An `enrolment` that is newer than the backup, or that the
    fresh home has, goes on with its token.
    """
    with as_owner(where.home):
        check_fresh(where)
    with at_rest(where.home), as_owner(where.home):
        check_fresh(where)
        newer = enrolment or load_enrolment(where.province)
        with unpacked(backup, where.home) as found:
            folder = found.folder
            _note(folder / "station.db", now, by, name)
            known = load_enrolment(folder / "province")
            if known and newer:
                renew_enrolment(folder / "province", renewed(known, newer))
            return Restored(read_config(folder / "station.toml", folder / LAST_GOOD).config.name, found.made)


def check_fresh(where: Places) -> None:
    """Raise `Refused` unless a home may be replaced without losing anything of anybody's."""
    there = {it.name for it in where.home.iterdir()} if where.home.exists() else set[str]()
    if there - LEFT_OVER and not _is_fresh(where):
        what = f"Trong {where.home} đã có một đài: có người dùng, nhật ký hoặc bản ghi âm."
        mend = (
            "Nếu không cần đài ấy nữa: dừng máy phát và trang (sudo systemctl stop station station-web), "
            f"dời nó đi (sudo mv {where.home} {where.home}.cu), rồi phục hồi lại."
        )
        raise Refused(Trouble("", f"{what} Chưa phục hồi.", "Không có gì bị thay đổi.", mend))


def _is_fresh(where: Places) -> bool:
    if not (where.home / "station.db").exists():
        return False
    try:
        home = open_home(where)
        try:
            used = (
                rebuilt(home)
                or People(home.engine).anybody()
                or home.log.found(LogSearch()).records
                or home.library.found(Search(origin=Origin.COMMUNE)).segments
                or (any((where.home / "library" / "originals").iterdir()) and not home.library.segments())
            )
        finally:
            home.engine.dispose()
    except (SQLAlchemyError, OSError):
        return False  # a broken database is not one in which nothing is
    return not used


def _note(database: Path, now: int, by: str, name: str) -> None:
    engine = open_database(database)
    with engine.begin() as connection:
        write_audit(connection, now, by, "phục hồi", name)
    engine.dispose()
