"""A release of this program: one tar file with its source tree, at the top or in one folder, and what it needs.

Beside the source there may be libraries and packages, as `install.sh --bundle` packs them.
"""

import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from attrs import frozen

from station.durable import is_full
from station.rules.trouble import Refused, Trouble
from station.rules.version import is_version

INSTALLER = "install.sh"
_PROJECT = "pyproject.toml"
_NAME = "loa-xa"
_LARGEST = 2 << 30  # bytes, unpacked
_MOST = 50_000  # files
_LONGEST_PROJECT = 256 << 10  # bytes
_CHUNK = 1 << 18  # bytes
_STILL = "Bản đang chạy vẫn như cũ."


@frozen
class Contents:
    """What a release holds: its version, and the folder in it where its tree begins, "." for its top."""

    version: str
    top: str


def running_version() -> str:
    """The version that runs here."""
    return metadata.version(_NAME)


def look_into(file: BinaryIO, where: str) -> Contents:
    """What a release holds. Raises `Refused` for what is none, or has a member that nobody should unpack."""
    versions: dict[str, str] = {}
    installers = set()
    with _told(where), tarfile.open(fileobj=file, mode="r:") as archive:
        for member, place in _members(archive, where):
            if not member.isreg() or len(place.parts) > 2:  # noqa: PLR2004 - the file, in one folder
                continue
            if place.name == INSTALLER:
                installers.add(str(place.parent))
            elif place.name == _PROJECT:
                versions[str(place.parent)] = _version(archive.extractfile(member))
    tops = [it for it in versions if it in installers and versions[it]]
    if len(tops) != 1:
        raise _none(where)
    return Contents(versions[tops[0]], tops[0])


def unpack(file: BinaryIO, folder: Path, where: str) -> None:
    """Have what a release holds in a new `folder`, on the card. Raises `Refused`; then there is no such folder."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
        with _told(where), tarfile.open(fileobj=file, mode="r:") as archive:
            for member, place in _members(archive, where):
                if member.isdir():
                    (folder / place).mkdir(mode=0o755, parents=True, exist_ok=True)
                else:
                    _write(archive.extractfile(member), folder / place, executable=bool(member.mode & 0o100))
        os.sync()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _members(archive: tarfile.TarFile, where: str) -> Iterator[tuple[tarfile.TarInfo, PurePosixPath]]:
    """Each file and folder with its place, below the top by its name; nothing else is in a release of ours.

    Python's own filter for that (PEP 706) is missing in Debian 12, and lets links pass, which we have none of.
    """
    left, seen = _LARGEST, set()
    for number, member in enumerate(archive):
        place = PurePosixPath(member.name)
        wrong = place.is_absolute() or ".." in place.parts or "\0" in member.name or "\\" in member.name
        left -= member.size
        if wrong or not (member.isreg() or member.isdir()) or member.issparse() or left < 0 or number >= _MOST:
            raise _none(where)
        if member.isreg():
            if place in seen:
                raise _none(where)
            seen.add(place)
        yield member, place


def _write(content: IO[bytes] | None, path: Path, *, executable: bool) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o755 if executable else 0o644)
        if content is not None:
            shutil.copyfileobj(content, file, _CHUNK)


def _version(project: IO[bytes] | None) -> str:
    """The version in a `pyproject.toml` of ours; "" in any other."""
    try:
        content = project.read(_LONGEST_PROJECT) if project else b""
        told = tomllib.loads(content.decode()).get("project", {})
        version = told.get("version") if told.get("name") == _NAME else None
    except (ValueError, AttributeError):
        return ""
    return version if isinstance(version, str) and is_version(version) else ""


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Tell as a refusal what cannot be read as an archive, or not be written."""
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, FileExistsError, NotADirectoryError, IsADirectoryError):
        raise _none(where) from None
    except OSError as error:
        what = "Không đủ chỗ trên thẻ nhớ." if is_full(error) else f"Không đọc hoặc ghi được ({error.strerror})."
        raise Refused(Trouble(where, what, _STILL, "Xem lại thẻ nhớ và tệp, rồi làm lại.")) from None


def _none(where: str) -> Refused:
    mend = "Dùng tệp .tar do “install.sh --bundle” tạo ra, hoặc do tỉnh phát hành."
    return Refused(Trouble(where, "Tệp này không phải là một bản Loa xã.", _STILL, mend))
