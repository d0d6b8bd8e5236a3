"""The backup stick: a folder on it that is the station's own, and backups that are written there and read back."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from station.care.archive import Pieces, check_whole
from station.durable import Unfinished, keep, settle, sweep, unfinished, write_whole
from station.rules.backup import is_backup, to_remove, too_many
from station.rules.trouble import Refused, Trouble

WHERE = "USB sao lưu"
_FOLDER = "loa-xa-sao-luu"
_MARK = "dai.key"
_LONGEST_MARK = 200  # bytes; whatever a stranger's stick says is not read on
_STILL = "Đài vẫn phát; các bản sao lưu trước vẫn còn."
_WHY = {
    errno.ENOSPC: ("USB sao lưu đã đầy.", "Xóa bớt tệp khác trên USB, hoặc dùng USB lớn hơn."),
    errno.EFBIG: (
        "USB sao lưu định dạng FAT32, không chứa được tệp trên 4 GB.",
        "Định dạng lại USB thành exFAT, rồi chọn lại ở Hệ thống › Sao lưu.",
    ),
    errno.EROFS: ("USB sao lưu chỉ đọc được, không ghi được.", "Mở khóa ghi trên USB; nếu vẫn vậy, thay USB khác."),
    errno.EACCES: ("Đài không có quyền ghi vào USB.", "Gọi kỹ thuật xem cách gắn USB vào máy."),
}
_GONE = ("Ghi vào USB sao lưu không xong: USB bị rút ra, hoặc hỏng.", "Cắm lại USB; nếu vẫn vậy, thay USB khác.")
_WRONG = ("USB sao lưu ghi sai: đọc lại không giống.", "Thay USB khác.")


def bears(stick: Path, secret: str) -> bool:
    """Whether a stick is the station's, by the mark on it."""
    return _mark_of(stick) == secret


def backups_on(sticks: Iterable[Path]) -> tuple[Path, ...]:
    """All backups on these sticks, whichever station's, the newest first."""
    found = [it for stick in sticks for it in _files(stick / _FOLDER) if is_backup(it.name)]
    return tuple(sorted(found, key=lambda it: it.name, reverse=True))


def make_own(stick: Path, secret: str) -> None:
    """Make a stick the station's, so that it gets its backups. Raises `Refused`, as for another station's."""
    folder, known = stick / _FOLDER, _mark_of(stick)
    if known == secret:
        return
    if known is not None or folder.is_symlink():
        what = "USB này đã là USB sao lưu của đài khác."
        mend = f"Dùng USB khác, hoặc xóa thư mục {_FOLDER} trên đó."
        raise _refused(what, mend, "Không có gì bị thay đổi.")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(folder / _MARK, secret.encode())
    except OSError as error:
        raise _told(error, "Không có gì bị thay đổi.") from None


def write_backup(stick: Path, name: str, pack: Callable[[Path], Pieces], size: int) -> int:
    """Have a backup of about `size` bytes on a stick, whole and read back, and give its bytes; then old ones go.

    `pack` gives it piece by piece; it may use the folder that it is told meanwhile. Raises `Refused`.
    """
    folder = stick / _FOLDER
    try:
        sweep(folder)
        _make_room(folder, size)
        with unfinished(folder) as made:
            with closing(pack(folder)) as pieces:
                made.stream.writelines(pieces)
            settle(made)
            _read_back(made)
            keep(made, folder / name)
        for old in too_many((it.name for it in folder.iterdir()), name):
            (folder / old).unlink()
        return (folder / name).stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise _told(error) from None


def _files(folder: Path) -> list[Path]:
    try:
        return [it for it in folder.iterdir() if it.is_file() and not it.is_symlink()]
    except OSError:
        return []


def _make_room(folder: Path, size: int) -> None:
    sizes = {it.name: it.stat().st_size for it in folder.iterdir() if is_backup(it.name)}
    going = to_remove(sizes, size - shutil.disk_usage(folder).free)
    if going is None:
        raise OSError(errno.ENOSPC, "")
    for name in going:
        (folder / name).unlink()


def _read_back(made: Unfinished) -> None:
    """Read all of it as it is on the stick, not as the memory still has it."""
    os.posix_fadvise(made.stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    made.stream.seek(0)
    try:
        check_whole(made.stream)
    except Refused:
        raise _refused(*_WRONG) from None


def _mark_of(stick: Path) -> str | None:
    """What a stick is marked with; "" for a mark that is damaged."""
    try:
        descriptor = os.open(stick / _FOLDER / _MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        try:
            return (file.read(_LONGEST_MARK) or b"").decode(errors="replace")
        except OSError:
            return ""


def _told(error: Exception, still: str = _STILL) -> Refused:
    code = error.errno if isinstance(error, OSError) else None
    if code is None and "full" in str(error):  # so SQLite says it
        code = errno.ENOSPC
    what, mend = _WHY.get(code or 0, _GONE)
    return _refused(what, mend, still)


def _refused(what: str, mend: str, still: str = _STILL) -> Refused:
    return Refused(Trouble(WHERE, what, still, mend))
