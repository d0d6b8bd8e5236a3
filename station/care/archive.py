"""A backup: all that a dead station needs in one tar file, streamed, so that memory stays as it is.

Its last member lists every other by size and sha256: a file that was cut or damaged is told before anything is put
in its place.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

from attrs import frozen

from station.durable import sync_folder, unfinished
from station.rules.trouble import Refused, Trouble
from station.stores.database import VERSION
from station.stores.enrolment import ENROLMENT
from station.stores.places import Places

Pieces = Generator[bytes, None, None]

_FORMAT = 1
_LIST = "loa-xa.json"
_DATABASE = "station.db"
_FOLDERS = ("schedules", "province", "satellites", "backup", "tls", "library", "voices")
_FILES = ("station.toml", "order.toml", "swap-days.toml", "cach-doc.toml", "page.key", _DATABASE)
_SECRETS = (ENROLMENT,)  # and every key
_CHUNK = 1 << 18  # bytes
_BLOCK = tarfile.BLOCKSIZE
_PAGES = 512  # of the database at once: who writes meanwhile waits that long only
_READABLE = 0o640
_PRIVATE = 0o600
_FOLDER_MODE = 0o750
_RESTORING = ".restoring"  # in the home: a place of its own may be a disk of its own, which no rename replaces
_STAYS = {_RESTORING, _DATABASE, "run", "tls", "lost+found"}  # of a fresh home, unless the backup has its own
LEFT_OVER = {
    _RESTORING,
    "vault",
    "run",
    "lost+found",
}  # in a home that is nobody's yet, of a killed restore


class Readable(Protocol):
    """Where a backup comes from: a file, or something that counts what is read of one."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


class NotWhole(Refused):
    """A backup lacks something, or was changed; another one may be whole."""


@frozen
class Member:
    """A file of the station and its name in the backup."""

    name: str
    path: Path


def members(places: Places, *, recordings: bool) -> tuple[Member, ...]:
    """What is backed up beside the database; `recordings` and piper's voices are most of it."""
    single = [
        Member("station.toml", places.config),
        Member("order.toml", places.order),
        Member("swap-days.toml", places.swap_days),
        Member("cach-doc.toml", places.dictionary),
        Member("page.key", places.home / "page.key"),
    ]
    folders = [
        ("schedules", places.schedules),
        ("province", places.province),
        ("satellites", places.satellites),
        ("backup", places.backup),
        ("tls", places.tls),
    ]
    if recordings:
        folders += [("library", places.home / "library"), ("voices", places.voices)]
    found = [
        Member(f"{name}/{path.relative_to(folder).as_posix()}", path)
        for name, folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".unfinished" and not path.is_relative_to(places.parts)
    ]
    return tuple(it for it in (*single, *found) if it.path.is_file())


def archive(places: Places, made: str, *, recordings: bool, beside: Path | None = None) -> Pieces:
    """The bytes of a backup that is `made` (ISO 8601) now, one piece after the other.

    Meanwhile a copy of the database lies in the home, or in the folder `beside` which the backup goes to.
    """
    listed: dict[str, Any] = {}
    with unfinished(beside or places.home) as copy:
        _copy_database(places.home / _DATABASE, copy.path)
        for member in (Member(_DATABASE, copy.path), *members(places, recordings=recordings)):
            try:
                stream = member.path.open("rb")
            except FileNotFoundError:  # it was removed meanwhile
                continue
            with stream:
                yield from _packed(member.name, stream, listed)
    told = json.dumps({"format": _FORMAT, "made": made, "files": listed}, ensure_ascii=False).encode()
    yield _header(_LIST, len(told))
    yield told + _padding(len(told))
    yield bytes(2 * _BLOCK)


def size(places: Places, *, recordings: bool) -> int:
    """About how many bytes a backup has; a page asks, so it may not take long."""
    few = [places.home / _DATABASE, *(it.path for it in members(places, recordings=False))]
    many = [places.home / "library", places.voices] if recordings else []
    return sum(path.stat().st_size for path in few) + sum(map(_weight, many))


def _weight(folder: Path) -> int:
    """The bytes of all files in a folder that may hold ten thousands."""
    try:
        with os.scandir(folder) as entries:
            return sum(_weight(Path(it.path)) if it.is_dir() else it.stat().st_size for it in entries)
    except FileNotFoundError:  # or one of them went meanwhile
        return 0


def check_whole(file: Readable) -> None:
    """Read all of a backup. Raises `Refused` unless each file in it is as it was when it was packed."""
    _each(file, lambda stream, _: _weighed(stream))


@frozen
class Unpacked:
    """What a backup holds, in a `folder`; it was `made` then (ISO 8601)."""

    folder: Path
    made: str


@contextmanager
def unpacked(file: Readable, place: Path) -> Iterator[Unpacked]:
    """What a backup holds, checked; at the end it takes the place of the fresh home `place`, or vanishes.

    Nobody may use that home meanwhile. It stays fresh until the very last rename, that of the database: whoever is
    killed before begins anew. Raises `Refused` when it cannot be written, and `NotWhole`.
    """
    folder, new = place / _RESTORING, not place.exists()
    try:
        shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
        folder.mkdir(parents=True)
        yield Unpacked(folder, _unpack(file, folder))
        _put_in_place(folder, place)
    except PermissionError:
        raise _refused(f"Không ghi được vào {place}.", "Chạy lại bằng sudo.") from None
    except OSError as error:
        raise _refused(f"Không ghi được ({error.strerror}).", "Kiểm tra thẻ nhớ và chỗ trống.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if new and place.is_dir() and not any(place.iterdir()):
            place.rmdir()


# Packing


def _copy_database(database: Path, copy: Path) -> None:
    """A copy as of one instant, whoever writes meanwhile."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA journal_mode = OFF")  # a copy that is broken off is thrown away
        source.backup(target, pages=_PAGES, sleep=0.01)


def _packed(name: str, stream: BinaryIO, listed: dict[str, Any]) -> Iterator[bytes]:
    size, digest = os.fstat(stream.fileno()).st_size, hashlib.sha256()
    yield _header(name, size)
    left = size
    while left:
        piece = stream.read(min(left, _CHUNK))
        if not piece:
            raise OSError(f"{name} became shorter while it was read")
        digest.update(piece)
        left -= len(piece)
        yield piece
    yield _padding(size)
    listed[name] = {"size": size, "sha256": digest.hexdigest()}


def _header(name: str, size: int) -> bytes:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, _READABLE
    return header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


# Unpacking


def _unpack(file: Readable, folder: Path) -> str:
    made = _each(file, lambda stream, name: _write(stream, folder / name))
    _check_database(folder / _DATABASE)
    return made


def _each(file: Readable, take: Callable[[Any, PurePosixPath], dict[str, Any]]) -> str:
    """Have each file of a backup taken, by its stream and place; `take` gives its size and sha256.

    Gives when it was made.
    """
    found: dict[str, Any] = {}
    told: dict[str, Any] | None = None
    try:
        # Of a stream it wants nothing but `read`.
        with tarfile.open(fileobj=cast("BinaryIO", file), mode="r|") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is None or told is not None:
                    raise _not_ours()
                if member.name == _LIST:
                    told = json.loads(stream.read())
                else:
                    found[member.name] = take(stream, _safe(member.name))
    except (tarfile.TarError, EOFError, ValueError):
        raise _not_whole() from None
    if told is None or told.get("files") != found or _DATABASE not in found:
        raise _not_whole()
    if told.get("format") != _FORMAT:
        raise _newer()
    return str(told["made"])


def _safe(name: str) -> PurePosixPath:
    """A member's place, when it is one of a station's own files."""
    path = PurePosixPath(name)
    known = name in _FILES or path.parts[:1] in {(folder,) for folder in _FOLDERS}
    if path.is_absolute() or ".." in path.parts or not known:
        raise _not_ours()
    return path


def _write(stream: Any, path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        path.chmod(_PRIVATE if path.name in _SECRETS or path.suffix == ".key" else _READABLE)
        while piece := stream.read(_CHUNK):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        return {"size": file.tell(), "sha256": digest.hexdigest()}


def _weighed(stream: Any) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_CHUNK):
        digest.update(piece)
        size += len(piece)
    return {"size": size, "sha256": digest.hexdigest()}


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            (right,) = database.execute("PRAGMA quick_check").fetchone()
            (version,) = database.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        raise _not_whole() from None
    if right != "ok":
        raise _not_whole()
    if version > VERSION:
        raise _newer()


def _put_in_place(folder: Path, place: Path) -> None:
    """Have a fresh home hold what `folder` holds; a power cut leaves a fresh home, or the restored one."""
    for inner in (folder, *(it for it in folder.rglob("*") if it.is_dir())):
        sync_folder(inner)
    coming = {it.name for it in folder.iterdir()} - {_DATABASE}
    for path in place.iterdir():
        if path.name in coming or path.name not in _STAYS:
            _remove(path)
    for name in coming:
        (folder / name).rename(place / name)
    place.chmod(_FOLDER_MODE)
    sync_folder(place)
    (folder / _DATABASE).replace(place / _DATABASE)
    sync_folder(place)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _not_ours() -> Refused:
    return _refused("Tệp này không phải là bản sao lưu của Loa xã.", "Chọn tệp tải từ trang Hệ thống.")


def _not_whole() -> NotWhole:
    return NotWhole(_trouble("Bản sao lưu bị thiếu hoặc hỏng.", "Chép lại tệp, hoặc dùng một bản sao lưu khác."))


def _newer() -> Refused:
    mend = "Cập nhật Loa xã trên máy này rồi phục hồi lại."
    return _refused("Bản sao lưu do một phiên bản mới hơn tạo ra.", mend)


def _refused(what: str, mend: str) -> Refused:
    return Refused(_trouble(what, mend))


def _trouble(what: str, mend: str) -> Trouble:
    return Trouble("", what, "Không có gì bị thay đổi.", mend)
