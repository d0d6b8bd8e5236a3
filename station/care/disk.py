"""The disk that a folder is on: its room, what was written to it, how worn it is, and whether it fails.

All of it is in the kernel's memory (its Documentation/block/stat.rst and fs/ext4/sysfs.c; JESD84-B51 for the wear
of an eMMC), so that looking neither wakes the disk nor writes. An SD card tells nobody how worn it is.
"""

import os
from contextlib import suppress
from pathlib import Path

from attrs import frozen

_SYS = Path("/sys")
_SECTOR = 512  # bytes, of block/stat whatever the disk's own are
_WRITTEN = 6  # the field of block/stat
_RESERVE_USED = {2: 80, 3: 90}  # % by the eMMC's warning


@frozen
class Disk:
    """Sizes are in bytes, `written` since the machine's start; None is not known.

    `errors` are those that ext4 met since the file system was last repaired. `worn` is how much of an eMMC's life
    is used at least, in %.
    """

    total: int
    free: int
    read_only: bool = False
    written: int | None = None
    errors: int | None = None
    worn: int | None = None


def read_disk(folder: Path, sys: Path = _SYS) -> Disk:
    """As it is now; raises OSError when the folder is not there."""
    room, device = os.statvfs(folder), folder.stat().st_dev
    part = (sys / "dev/block" / f"{os.major(device)}:{os.minor(device)}").resolve()
    whole = part.parent if (part / "partition").exists() else part
    return Disk(
        total=room.f_blocks * room.f_frsize,
        free=room.f_bavail * room.f_frsize,
        read_only=bool(room.f_flag & os.ST_RDONLY),
        written=_written(whole),
        errors=_errors(sys / "fs/ext4" / part.name),
        worn=_worn(whole / "device"),
    )


def _written(whole: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int((whole / "stat").read_text().split()[_WRITTEN]) * _SECTOR
    return None


def _errors(file_system: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int((file_system / "errors_count").read_text())
    return None


def _worn(chip: Path) -> int | None:
    """The worst of what it says: of each kind of its memory in tenths of a life, 0 unknown; and of its reserve."""
    with suppress(OSError, ValueError):
        tenths = [int(it, 16) for it in (chip / "life_time").read_text().split()]
        reserve = int((chip / "pre_eol_info").read_text(), 16)
        told = [(it - 1) * 10 for it in tenths if it]
        return max([*told, *filter(None, [_RESERVE_USED.get(reserve)])], default=None)
    return None
