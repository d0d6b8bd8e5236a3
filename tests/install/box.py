"""A box: a Debian tree that systemd-nspawn boots, which forgets all that happened in it.

It shares this machine's kernel and clock and nothing else: it has a network of its own (slirp4netns) or none. It
needs root.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.rig.waiting import wait_until

_BOOTED_WITHIN_S = 600  # on a machine with much else to do
_HANDED_ON = ("PIP_", "http_proxy", "https_proxy")  # how this machine reaches its sources of packages
_RESOLVER = "10.0.2.3"  # slirp4netns's own

# What a box runs in: a /run of its own, since nspawn keeps things there, and the tree below what is written to.
_START = """
mount -t tmpfs tmpfs /run
mount -t overlay overlay -o lowerdir="$1",upperdir="$2/upper",workdir="$2/work" "$2/root"
exec systemd-nspawn --quiet --directory="$2/root" --machine=loa-xa-box --boot --register=no --keep-unit \
  --private-network --resolv-conf=off --bind-ro="$3:/given"
"""


class Box:
    """A booted copy of `tree`; `given` of this machine is its folder /given."""

    def __init__(self, tree: Path, given: Path, *, network: bool = True) -> None:
        self._tree, self._given, self._network = tree, given, network
        self._folder = Path(tempfile.mkdtemp(prefix="loa-xa-box."))
        for name in ("upper", "work", "root"):
            (self._folder / name).mkdir()
        self._slirp: subprocess.Popen[bytes] | None = None
        self._leader: int | None = None

    def __enter__(self) -> Self:
        try:
            self.boot()
        except BaseException:
            self.power_off()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.power_off()
        shutil.rmtree(self._folder)

    def boot(self) -> None:
        """Start it, and wait until systemd has."""
        command = ["unshare", "--mount", "--propagation=private", "bash", "-ec", _START, "box"]
        log = (self._folder / "console").open("ab")
        places = [self._tree, self._folder, self._given]
        self._nspawn = subprocess.Popen([*command, *places], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self._nspawn.poll() is not None or self._first() is not None, _BOOTED_WITHIN_S)
        self._leader = self._first()
        assert self._leader, (self._folder / "console").read_text()
        if self._network:
            self._connect()
        wait_until(self._is_up, _BOOTED_WITHIN_S, every=0.5)

    def power_off(self) -> None:
        """End all of it at once, as a power cut would but for the disk's cache."""
        if self._slirp:
            self._slirp.kill()
            self._slirp.wait()
        if self._leader:
            os.kill(self._leader, signal.SIGKILL)  # with the first process of a name space all others go
        self._nspawn.wait()

    def does(self, *command: object, status: int | None = 0, **options: object) -> subprocess.CompletedProcess[str]:
        """What a command in it, run as root, says; its exit status is as expected, if one is."""
        done = subprocess.run(self._inside(command), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
        assert status in (None, done.returncode), f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def begins(self, *command: object) -> subprocess.Popen[bytes]:
        """A command in it that goes on beside, in a group of processes of its own."""
        return subprocess.Popen(
            self._inside(command), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kills(self, run: subprocess.Popen[bytes]) -> bool:
        """Kill what was begun, with all its children; gives whether it still ran."""
        ran = run.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return ran

    def file(self, path: str) -> Path:
        """A file that was written in it, as this machine finds it."""
        return self._folder / "upper" / path.removeprefix("/")

    def says(self, *command: object) -> str:
        """The same, only the words, whatever its status."""
        return self.does(*command, status=None).stdout.strip()

    def _inside(self, command: Sequence[object]) -> list[str]:
        given = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(_HANDED_ON)]
        usual = ["HOME=/root", "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        enter = ["nsenter", f"--target={self._leader}", "--all", "--wdns=/", "--", "env", "-i"]
        return [*enter, *usual, *(it for it in given if "FIND_LINKS" not in it), *map(str, command)]

    def _first(self) -> int | None:
        """The process that is systemd in the box."""
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        found = [int(it) for it in children if Path(f"/proc/{it}/comm").read_text().strip() == "systemd"]
        return found[0] if found else None

    def _is_up(self) -> bool:
        return self.says("systemctl", "is-system-running") in {"running", "degraded"}

    def _connect(self) -> None:
        options = ["--configure", "--mtu=1500", "--disable-host-loopback"]
        self._slirp = subprocess.Popen(
            ["slirp4netns", *options, str(self._leader), "tap0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.does("bash", "-c", f"rm -f /etc/resolv.conf; echo nameserver {_RESOLVER} >/etc/resolv.conf")
