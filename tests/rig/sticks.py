"""USB sticks: real mounts at `/mnt`, in a name space of their own, so that nobody else sees them."""

import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.rig.waiting import wait_until

_OWN = ("unshare", "--user", "--map-root-user", "--mount")

AVAILABLE = subprocess.run([*_OWN, "true"], check=False).returncode == 0


class Sticks:
    """A name space in which sticks are plugged in, full, locked and pulled out."""

    def __enter__(self) -> Self:
        held = [*_OWN, "sh", "-c", "mount -t tmpfs none /mnt && echo ready && cat"]
        self._held = subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._held.stdout and self._held.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._held.stdin and self._held.stdout
        self._held.stdin.close()
        self._held.stdout.close()
        self._held.wait()

    @property
    def before(self) -> list[str]:
        """What is put before a command, so that it sees the sticks."""
        return ["nsenter", "-t", str(self._held.pid), "-U", "-m", "--preserve-credentials", "--"]

    @property
    def station(self) -> list[str]:
        """The command line of a station that sees them; the working folder is this one's."""
        return [*self.before, "env", "-C", str(Path.cwd()), sys.executable, "-m", "station"]

    def plug_in(self, name: str = "usb", size: str = "64m") -> Path:
        """Plug a new one in; gives where it is for whoever looks from outside."""
        self._do("mkdir", f"/mnt/{name}")
        self._do("mount", "-t", "tmpfs", "-o", f"size={size}", "usb", f"/mnt/{name}")
        seen = Path(f"/proc/{self._held.pid}/root/mnt/{name}")
        wait_until(seen.is_dir)
        return seen

    def lock(self, name: str = "usb") -> None:
        """Have it read-only."""
        self._do("mount", "-o", "remount,ro", f"/mnt/{name}")

    def unlock(self, name: str = "usb") -> None:
        """Have it written to again."""
        self._do("mount", "-o", "remount,rw", f"/mnt/{name}")

    def pull_out(self, name: str = "usb") -> None:
        """Leave but the empty folder where it was."""
        self._do("umount", f"/mnt/{name}")

    def _do(self, *command: str) -> None:
        subprocess.run([*self.before, *command], check=True)
