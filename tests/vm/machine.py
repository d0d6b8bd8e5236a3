"""A machine that qemu emulates: switched on, talked to by ssh, saved, and cut off from its power.

Emulation without hardware help (TCG) is five to twenty times slower than the machine under it: let nothing depend
on less than five seconds.
"""

import json
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from attrs import frozen

from tests.rig.ports import free_port
from tests.rig.waiting import mono_ns, wait_until
from tests.vm.image import AMD64, ARM64, Image, run

_BOOT_S = 900.0  # on a machine that others use too
_SSH = (
    *("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *(
        "-o",
        "LogLevel=ERROR",
        "-o",
        "ConnectTimeout=10",
        "-o",
        "ServerAliveInterval=5",
        "-o",
        "ServerAliveCountMax=6",
    ),
)


@frozen
class Board:
    """What qemu pretends to be: its program and parts, words for its kernel, its network card, the card's slot.

    One with a `device_tree` is told of its parts by the image's.
    """

    program: str
    parts: tuple[str, ...]
    words: str
    network: str = "virtio-net-pci"
    slot: str = "virtio"
    device_tree: bool = False


PC = Board(
    "qemu-system-x86_64",
    # The watchdog chip is not for the network's sake: a kernel that hangs is reset by it, as by the Pi's own.
    (
        *("-M", "q35", "-cpu", "Nehalem", "-smp", "2"),
        *("-device", "i6300esb", "-action", "watchdog=reset", "-device", "virtio-rng-pci"),
    ),
    "root=/dev/vda rw console=ttyS0 mitigations=off"
    " trace_clock=mono trace_event=gpio:gpio_value,gpio:gpio_direction",
)
# A board for ARM of 64 bit that nobody sells; it has a chip of eight pins (PL061).
VIRT = Board(
    "qemu-system-aarch64",
    ("-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-device", "virtio-rng-pci"),
    "root=/dev/vda rw console=ttyAMA0 mitigations=off",
)
# A Raspberry Pi 3B with its chip's own registers, its four cores and, as it has none, no clock. Its first serial
# line belongs to Bluetooth; its watchdog resets it as soon as it is started, for qemu does not count its time; and
# two drivers race for its network card, of which only cdc_ether fits.
PI = Board(
    "qemu-system-aarch64",
    ("-M", "raspi3b", "-serial", "null"),
    "root=/dev/mmcblk0 rw rootwait console=ttyS1,115200 mitigations=off module_blacklist=bcm2835_wdt,cdc_subset",
    network="usb-net",
    slot="sd",
    device_tree=True,
)
_USUAL = {AMD64: PC, ARM64: VIRT}


class CommandError(Exception):
    """A command in the machine ended with another status than 0; the message has its last words."""


class Machine:
    """One machine with a card of its own, grown from an image; its files are in `folder`.

    Without a `board` it is the usual one for the image. `memory` is in MiB. `drive` are qemu's arguments for the
    system disk, if it is not the card; `extra` any others.
    """

    def __init__(  # noqa: PLR0913 - the parts that a machine is made of
        self,
        image: Image,
        folder: Path,
        *,
        board: Board | None = None,
        memory: int = 1024,
        drive: Sequence[str] = (),
        extra: Sequence[str] = (),
    ) -> None:
        self.image, self.folder, self.board = image, folder, board or _USUAL[image.architecture]
        self.memory, self.drive, self.extra = memory, drive, list(extra)
        self.card = folder / "card.qcow2"
        self.console = folder / "console.log"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = TemporaryDirectory(prefix="vm-")  # a socket's path has at most 107 letters
        folder.mkdir(parents=True, exist_ok=True)
        if not drive and not self.card.exists():
            grow(image.disk, self.card)

    # ── Power ────────────────────────────────────────────────────────────────────────────────────────────────────

    def boot(self, state: str = "", timeout: float = _BOOT_S) -> float:
        """Switch on, or go on from a saved state; gives the seconds until it answers by ssh."""
        begun = mono_ns()
        self.switch_on(state)
        self.wait_for_ssh(timeout)
        return (mono_ns() - begun) / 1e9

    def switch_on(self, state: str = "") -> None:
        """Switch on without waiting for anything."""
        self.port = free_port()
        command = [
            *("setpriv", "--pdeathsig", "KILL", self.board.program, *self.board.parts),
            *("-accel", "tcg,thread=multi", "-m", str(self.memory), "-display", "none"),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd), "-append", self.board.words),
            *(("-dtb", str(self.image.device_tree)) if self.board.device_tree else ()),
            *(self.drive or ("-drive", f"file={self.card},format=qcow2,if={self.board.slot},cache=writeback")),
            *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
            *("-device", f"{self.board.network},netdev=net"),
            *("-serial", f"file:{self.console}", "-qmp", f"unix:{self._socket('monitor')},server=on,wait=off"),
            *self.extra,
            *(("-loadvm", state) if state else ()),
        ]
        with (self.folder / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_for_ssh(self, timeout: float = _BOOT_S) -> None:
        """Return as soon as it answers by ssh."""
        wait_until(self.answers, timeout, every=0.5)

    def answers(self) -> bool:
        """Whether it answers by ssh now; fails if qemu has ended."""
        if not self.on:
            raise RuntimeError(f"qemu ended: {(self.folder / 'qemu.log').read_text()[-1000:]}")
        return self.status("true", timeout=30) == 0

    @property
    def on(self) -> bool:
        """Whether qemu runs."""
        return self._process is not None and self._process.poll() is None

    def power_cut(self) -> None:
        """Take its power away: qemu is killed where it stands. What the card had not flushed may be lost."""
        assert self._process
        self._process.kill()  # before anybody is told to hang up
        self._end(signal.SIGKILL)

    def shut_down(self, timeout: float = 180) -> None:
        """Have it shut down by itself, and wait for the end."""
        self.run("systemctl poweroff", check=False)
        assert self._process
        self._process.wait(timeout)
        self._end(signal.SIGKILL)

    def save(self, name: str) -> None:
        """Save memory and card under a name, for `boot(name)`; the machine goes on. Only with its own card."""
        if trouble := self.monitor(f"savevm {name}").strip():
            raise RuntimeError(trouble)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self.hang_up()
        self._process.send_signal(how)
        self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGKILL)
        self._sockets.cleanup()

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, command: str, *, timeout: float = 120, check: bool = True, stdin: bytes | None = None) -> str:
        """Run a command of the shell as root and give what it prints. Raises `CommandError` unless told not to."""
        done = self.result(command, timeout=timeout, stdin=stdin)
        if check and done.returncode:
            last = (done.stdout + done.stderr).decode(errors="replace")[-3000:]
            raise CommandError(f"`{command}` ended with {done.returncode}: {last}")
        return done.stdout.decode(errors="replace")

    def result(
        self, command: str, *, timeout: float = 120, stdin: bytes | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a command of the shell as root and give its status, output and error."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            self._ssh_command(command), **given, capture_output=True, timeout=timeout, check=False
        )

    def status(self, command: str, *, timeout: float = 120) -> int:
        """Run a command of the shell as root and give its status; 124 if it takes longer, as by timeout(1)."""
        try:
            return self.result(command, timeout=timeout).returncode
        except subprocess.TimeoutExpired:
            return 124

    def start(self, command: str) -> "subprocess.Popen[bytes]":
        """Begin a command that goes on meanwhile; its input and output are pipes, and who began it ends it."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._ssh_command(command), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)

    def copy(self, source: Path, target: str, *, exclude: Sequence[str] = ()) -> None:
        """Copy a file, or a folder's content, to `target`; `exclude` are patterns of tar."""
        if source.is_file():
            self.run(f"mkdir -p $(dirname {target}) && cat >{target}", stdin=source.read_bytes())
            return
        left_out = [f"--exclude={pattern}" for pattern in exclude]
        with subprocess.Popen(["tar", "-C", source, *left_out, "-cf", "-", "."], stdout=subprocess.PIPE) as packed:
            take = self._ssh_command(f"mkdir -p {target} && tar -C {target} -xf - --no-same-owner")
            subprocess.run(take, stdin=packed.stdout, check=True, timeout=600)

    def write(self, target: str, text: str) -> None:
        """Write a file."""
        self.run(f"mkdir -p $(dirname {target}) && cat >{target}", stdin=text.encode())

    def fetch(self, path: str) -> bytes:
        """Read a file, whatever is in it."""
        done = self.result(f"cat {path}", timeout=300)
        if done.returncode:
            raise CommandError(done.stderr.decode())
        return done.stdout

    def way_to(self, port: int) -> int:
        """A port of this machine that leads to one of its own, as long as it is on."""
        here = free_port()
        way = ("-O", "forward", "-L", f"127.0.0.1:{here}:127.0.0.1:{port}")
        run(*self._ssh_command("true")[:-2], *way, "root@127.0.0.1")
        return here

    def monitor(self, command: str) -> str:
        """Ask qemu's own monitor (`info block`, `xp /1wx 0x3f200034`, …) and give its answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(120)
            link.connect(self._socket("monitor"))
            lines = link.makefile("rw")
            lines.readline()  # its greeting
            _ask(lines, "qmp_capabilities")
            return str(_ask(lines, "human-monitor-command", **{"command-line": command}))

    @property
    def said(self) -> str:
        """What it wrote on its console since it was switched on."""
        return self.console.read_text(errors="replace")

    def wall_ms(self) -> float:
        """Its wall clock now, in ms."""
        return int(self.run("date +%s%N")) / 1e6

    def set_clock(self) -> None:
        """Give it this machine's time, as after going on from a saved state."""
        seconds = run("date", "+%s.%N").strip()
        self.run(f"date -s @{seconds}")

    def _ssh_command(self, command: str) -> list[str]:
        # One connection serves all commands: a handshake takes a second under emulation.
        shared = (
            "-o",
            "ControlMaster=auto",
            "-o",
            "ControlPersist=300",
            "-o",
            f"ControlPath={self._socket('ssh')}",
        )
        there = ("-i", str(self.image.key), "-p", str(self.port), "root@127.0.0.1", command)
        return ["ssh", *_SSH, *shared, *there]

    def hang_up(self) -> None:
        """Forget the connection: the next command makes a new one."""
        there = ("-o", f"ControlPath={self._socket('ssh')}", "-O", "exit", "root@127.0.0.1")
        subprocess.run(["ssh", *there], capture_output=True, check=False)

    def _socket(self, name: str) -> str:
        return f"{self._sockets.name}/{name}"


def _ask(lines: Any, command: str, **arguments: str) -> Any:
    """One command of the QEMU Machine Protocol; what it tells meanwhile is passed over."""
    lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    lines.flush()
    while True:
        answer = json.loads(lines.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"]["desc"])
        if "return" in answer:
            return answer["return"]


def grow(disk: Path, card: Path) -> None:
    """Make a card that holds only what differs from a disk's."""
    form = "raw" if disk.suffix == ".img" else "qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", disk.resolve(), "-F", form, card)
