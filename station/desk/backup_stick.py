"""The backup stick: one that a person made the station's own gets a backup each night that it is plugged in."""

from pathlib import Path

from attrs import evolve, frozen

from station.care.archive import Pieces, size
from station.care.backup_stick import WHERE, backups_on, bears, make_own, write_backup
from station.desk.backup import backup_name, packed
from station.desk.permits import permit
from station.province.mounts import plugged
from station.rules.backup import OLD
from station.rules.hours import local
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.backups import Backups, LastBackup
from station.stores.home import Home

_SPARE = 32 << 20  # bytes: what packing adds to ten thousands of files
_NONE_PLUGGED = Trouble(
    WHERE,
    "Chưa cắm USB sao lưu nào của đài.",
    "Đài vẫn phát.",
    "Cắm USB sao lưu; USB mới thì chọn ở Hệ thống › Sao lưu trước.",
)
NONE_AT_HAND = Trouble(
    WHERE,
    "Không có bản sao lưu nào trên USB đang cắm.",
    "Không có gì bị thay đổi.",
    "Cắm USB sao lưu rồi làm lại, hoặc ghi tên tệp: sudo station restore TỆP.",
)


@frozen
class StickState:
    """The sticks that are plugged in, `own` ones and `others`, and how the last backup went."""

    own: tuple[Path, ...]
    others: tuple[Path, ...]
    last: LastBackup


def stick_state(home: Home) -> StickState:
    """What is plugged in now, and how the last backup went."""
    found, own = tuple(plugged()), own_sticks(home)
    return StickState(own, tuple(it for it in found if it not in own), _known(home).last())


def own_sticks(home: Home) -> tuple[Path, ...]:
    """The station's backup sticks that are plugged in."""
    mark = _known(home).mark()
    return tuple(it for it in plugged() if bears(it, mark.secret)) if mark else ()


def backups_at_hand() -> tuple[Path, ...]:
    """The backups on all sticks that are plugged in, of whichever station, the newest first."""
    return backups_on(plugged())


def make_backup_stick(home: Home, stick: Path, *, by: str, now: int) -> None:
    """Make a stick that is plugged in the station's own. Raises `Refused`."""
    permit(Deed.MACHINE)
    if stick not in plugged():
        what, mend = "Không thấy USB ấy trong máy.", "Cắm USB, chờ vài giây, rồi làm lại."
        raise Refused(Trouble(WHERE, what, "Không có gì bị thay đổi.", mend))
    make_own(stick, _known(home).choose(now).secret)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "chọn USB sao lưu", stick.name)


def back_up_to_stick(home: Home, *, by: str, now: int) -> Path:
    """Write a backup to the first of the station's sticks that is plugged in, and note how that went.

    Raises `Refused`.
    """
    permit(Deed.MACHINE)
    stick = next(iter(own_sticks(home)), None)
    if stick is None:
        raise Refused(_NONE_PLUGGED)
    known, name = _known(home), backup_name(home, now)

    def pack(folder: Path) -> Pieces:
        return packed(home, now, beside=folder)

    with home.engine.begin() as connection:
        write_audit(connection, now, by, "sao lưu", f"USB {stick.name}")
    database = home.places.database.stat().st_size
    try:
        written = write_backup(stick, name, pack, size(home.places, recordings=True) + database + _SPARE)
    except Refused as refusal:
        known.note(evolve(known.last(), trouble=refusal.trouble))
        raise
    known.note(LastBackup(now, written))
    return stick


def backup_trouble(home: Home, now: int) -> Trouble | None:
    """What of the backups a person should see to at wall ms `now`; nothing while no stick was ever made."""
    known = _known(home)
    mark, last = known.mark(), known.last()
    if mark is None:
        return None
    since = max(mark.chosen_at, last.good_at or 0)
    if now - since < OLD:
        return last.trouble
    day = local(since, home.config().config.time_zone)
    what = f"Chưa sao lưu được vào USB từ ngày {day:%d/%m/%Y}."
    if last.trouble:
        return Trouble(WHERE, f"{what} {last.trouble.what}", last.trouble.still, last.trouble.mend)
    return Trouble(WHERE, what, "Đài vẫn phát.", "Cắm USB sao lưu vào máy.")


def chosen_at(home: Home) -> int | None:
    """When (wall ms) a person last chose a stick; None while nobody has."""
    mark = _known(home).mark()
    return mark.chosen_at if mark else None


def last_backup(home: Home) -> LastBackup:
    """How the last one went."""
    return _known(home).last()


def _known(home: Home) -> Backups:
    return Backups(home.places.backup)
