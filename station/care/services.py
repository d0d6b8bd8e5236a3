"""The station's services, at rest while a restore changes what they work with, and who else works with it."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.rules.trouble import Refused, Trouble
from station.stores.places import INSTALLED

_SYSTEMD = Path("/run/systemd/system")  # there while systemd runs the machine: sd_booted(3)
_ACCOUNT = "station"
_UNITS = ("station.service", "station-web.service")
_SITE = "nginx.service"  # it shows the station's certificate
_PROCESSES = Path("/proc")


@contextmanager
def at_rest(home: Path) -> Iterator[None]:
    """Have nobody work with a home meanwhile: root stops the services of the installed one, and starts them after.

    Raises `Refused` while anybody else works with it.
    """
    ours = _are_ours(home)
    running = _running(_UNITS) if ours else ()
    _systemctl("stop", *running)
    try:
        if _users(home / "station.db"):
            mend = "Dừng máy phát và trang điều khiển (sudo systemctl stop station station-web), rồi phục hồi lại."
            raise Refused(Trouble("", "Đài đang chạy nên chưa phục hồi.", "Không có gì bị thay đổi.", mend))
        yield
        running = _UNITS if ours else ()
    finally:
        _systemctl("start", *running)
        _systemctl("reload", *(_running((_SITE,)) if running else ()))


@contextmanager
def as_owner(home: Path) -> Iterator[None]:
    """Let root be a home's owner meanwhile: so is what it makes there, and no trap there is root's to meet."""
    owner = _owner(home) if os.geteuid() == 0 else None
    if owner is None or owner.pw_uid == 0:
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(owner.pw_gid)
    os.seteuid(owner.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def hand_over(file: int, folder: Path) -> None:
    """Have what root made in somebody's folder be that person's; `file` is open."""
    if os.geteuid() == 0:
        theirs = folder.stat()
        os.fchown(file, theirs.st_uid, theirs.st_gid)


def _owner(home: Path) -> pwd.struct_passwd:
    """Whose a home is; the installed one is the station's, and made if a person moved it away."""
    if home == INSTALLED and not home.exists():
        with suppress(KeyError):
            account = pwd.getpwnam(_ACCOUNT)
            home.mkdir(mode=0o750)
            os.chown(home, account.pw_uid, account.pw_gid)
    there = next(it for it in (home, *home.parents) if it.exists())
    return pwd.getpwuid(there.stat().st_uid)


def _are_ours(home: Path) -> bool:
    return os.geteuid() == 0 and home == INSTALLED and _SYSTEMD.is_dir()


def _running(units: tuple[str, ...]) -> tuple[str, ...]:
    """Which of them run, or are begun anew again and again."""
    asked = ("systemctl", "show", "--property=ActiveState", "--value")
    states = {it: subprocess.run([*asked, it], capture_output=True, text=True, check=False).stdout for it in units}
    return tuple(it for it, state in states.items() if state.strip() in {"active", "activating", "reloading"})


def _systemctl(verb: str, *units: str) -> None:
    if units:
        subprocess.run(["systemctl", verb, *units], check=False)


def _users(database: Path) -> list[int]:
    """The processes that have a database open, as far as they are ours to see."""
    return [int(it.name) for it in _PROCESSES.glob("[0-9]*") if database in _open_files(it)]


def _open_files(process: Path) -> Iterator[Path]:
    with suppress(OSError):  # it ended, or is somebody else's
        for it in (process / "fd").iterdir():
            with suppress(OSError):
                yield it.readlink()
