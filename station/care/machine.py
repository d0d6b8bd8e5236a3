"""The machine as its kernel tells it: heat, memory, network, clock. What it does not tell is left out."""

import fcntl
import os
import platform
import socket
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from attrs import frozen

from station.care.disk import Disk, read_disk
from station.care.heat import heat

_NET = Path("/sys/class/net")
_PROC = Path("/proc")
_SYNCHRONISED_AT = Path("/run/systemd/timesync/synchronized")
_ADDRESS_OF = 0x8915  # SIOCGIFADDR, netdevice(7)
_PATIENCE_S = 3
_KIB = 1024


@frozen
class Link:
    """A network interface: its IPv4 address if it has one, and whether its cable or radio is connected."""

    name: str
    address: str
    up: bool
    wireless: bool


@frozen
class TimeSource:
    """Who disciplines the clock: a server's name and when it was last heard (wall ms), where that is known."""

    server: str = ""
    heard_at: int | None = None


@frozen
class Machine:
    """All of it. `heat` is in °C; sizes are in bytes."""

    host: str
    model: str
    system: str
    links: tuple[Link, ...]
    heat: int | None
    memory: int
    memory_free: int
    disk: Disk
    up_s: int
    versions: Mapping[str, str]
    time: TimeSource


def read_machine(home: Path) -> Machine:
    """The machine as it is now; the disk is the one that `home` is on."""
    memory = _memory()
    return Machine(
        host=socket.gethostname(),
        model=_told(_PROC / "device-tree/model").strip("\0"),
        system=platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        links=_links(),
        heat=heat(),
        memory=memory.get("MemTotal", 0),
        memory_free=memory.get("MemAvailable", 0),
        disk=read_disk(home),
        up_s=int(float(_told(_PROC / "uptime").split()[0])),
        versions={
            "Loa xã": metadata.version("loa-xa"),
            "Python": platform.python_version(),
            "Linux": os.uname().release,
        },
        time=_time_source(),
    )


def _told(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _memory() -> dict[str, int]:
    lines = (line.split() for line in _told(_PROC / "meminfo").splitlines())
    return {name.rstrip(":"): int(size) * _KIB for name, size, *_ in lines}


def _links() -> tuple[Link, ...]:
    """The interfaces that are there as a thing, or have an address."""
    seen = [_link(name) for _, name in sorted(socket.if_nameindex()) if name != "lo"]
    return tuple(it for it in seen if it.address or (_NET / it.name / "device").exists())


def _link(name: str) -> Link:
    up, wireless = _told(_NET / name / "carrier") == "1", (_NET / name / "wireless").exists()
    return Link(name, _address(name), up=up, wireless=wireless)


def _address(name: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        answer = fcntl.ioctl(probe, _ADDRESS_OF, struct.pack("256s", name.encode()[:15]))
        return socket.inet_ntoa(answer[20:24])
    return ""


def _time_source() -> TimeSource:
    """What systemd-timesyncd, which Raspberry Pi OS has, says of itself."""
    try:
        heard_at = round(_SYNCHRONISED_AT.stat().st_mtime * 1_000)
    except OSError:
        return TimeSource()
    server = ""
    with suppress(OSError, subprocess.SubprocessError):
        command = ["timedatectl", "show-timesync", "--property=ServerName", "--value"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
        server = told.stdout.strip()
    return TimeSource(server, heard_at)
