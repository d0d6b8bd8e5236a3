"""The card of an emulated Pi: Debian from this machine's own package sources, made once and kept.

It is what Raspberry Pi OS would bring (systemd, ssh, Python, pins, a sound card), and nothing of the station.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.vm import gpio_sim

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
SKELETON = HERE / "skeleton"
PACKAGES = (
    *("systemd", "systemd-sysv", "systemd-timesyncd", "udev", "dbus", "kmod", "procps", "sudo", "tzdata"),
    *("iproute2", "openssh-server", "ca-certificates", "e2fsprogs", "dosfstools", "initramfs-tools", "zstd"),
    *("python3", "python3-venv", "sqlite3", "alsa-utils"),
)
AMD64, ARM64 = "amd64", "arm64"  # as Debian calls them
_AUTHORITIES = Path("/usr/local/share/ca-certificates")
_SIZE = "8G"  # an SD card in qemu has a power of two
_DEVICE_TREE = "usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb"


@frozen
class Image:
    """A card with what boots from it; `key` is the private key of root's ssh account. `disk` is only ever read."""

    disk: Path
    kernel: Path
    initrd: Path
    key: Path
    architecture: str

    @property
    def device_tree(self) -> Path:
        """What tells a kernel for ARM of the parts of a Raspberry Pi 3B."""
        return self.kernel.with_name("device-tree")


def kept() -> Path:
    """Where images are kept between runs: `STATION_VM`, or `var/vm` in the checkout."""
    folder = Path(os.environ.get("STATION_VM") or CHECKOUT / "var/vm")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def card(*more: str, architecture: str = AMD64) -> Image:
    """The card of a fresh Pi, with `more` packages on it already.

    Needs root, mmdebstrap, and the kernel's headers and source of the same version; for ARM, qemu's user mode.
    """
    place = kept() / f"card-{architecture}-{_digest(more)}"
    image = Image(place / "card.img", place / "vmlinuz", place / "initrd", place / "key", architecture)
    if not place.exists():
        with _made(place) as folder:
            _make(folder, more, architecture)
    return image


@contextmanager
def _made(place: Path) -> Iterator[Path]:
    """A folder that gets its name only when all of it is there."""
    folder = place.with_name(place.name + ".new")
    run("rm", "-rf", "--one-file-system", folder)
    folder.mkdir()
    yield folder
    folder.rename(place)


def _make(folder: Path, more: Sequence[str], architecture: str) -> None:
    tree = folder / "tree"
    _bootstrap(tree, (*PACKAGES, f"linux-image-{architecture}", *more), architecture)
    _finish(tree, folder / "key")
    if architecture == AMD64:
        gpio_sim.install(tree)
    else:
        shutil.copy(next(tree.glob(_DEVICE_TREE)), folder / "device-tree")
    run("mke2fs", "-q", "-t", "ext4", "-L", "rootfs", "-d", tree, folder / "card.img", _SIZE)
    for name in ("vmlinuz", "initrd"):
        shutil.copy(next((tree / "boot").glob(f"{name}*")), folder / name.partition(".")[0])
    shutil.rmtree(tree)


def _bootstrap(tree: Path, packages: Sequence[str], architecture: str) -> None:
    lines = [line for line in sources() if line]
    suite = lines[0].split()[2]
    options = (
        f"--architectures={architecture}",
        f"--include={','.join(packages)}",
        f"--essential-hook=sync-in {SKELETON} /",
    )
    # In a mount space of its own: what is ended in the middle leaves no /proc and /sys of this machine in it.
    run("unshare", "--mount", "mmdebstrap", "--quiet", "--variant=minbase", *options, suite, tree, *lines)


def sources() -> list[str]:
    """The lines for `sources.list` by which this machine gets Debian itself, the release first."""
    form = "$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    told = run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    ours = [line.removeprefix("Debian ") for line in told if line.startswith("Debian ")]
    return sorted(dict.fromkeys(ours), key=lambda line: len(line.split()[2]))


def _finish(tree: Path, key: Path) -> None:
    run("cp", "-r", f"{SKELETON}/.", tree)
    if _AUTHORITIES.is_dir():
        shutil.copytree(_AUTHORITIES, tree / _AUTHORITIES.relative_to("/"), dirs_exist_ok=True)
    within(tree, "update-ca-certificates")
    within(tree, "groupadd", "--system", "--force", "gpio")
    within(tree, "systemctl", "enable", "systemd-networkd", "pins")
    within(tree, "systemctl", "mask", "systemd-networkd-wait-online")
    _let_in(tree, key)


def _let_in(tree: Path, key: Path) -> None:
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    theirs = tree / "root/.ssh"
    theirs.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(key.with_suffix(".pub"), theirs / "authorized_keys")


def _digest(more: Sequence[str]) -> str:
    parts = [gpio_sim.headers_version(), *more]
    for file in (
        HERE / "image.py",
        HERE / "gpio_sim.py",
        *sorted(it for it in SKELETON.rglob("*") if it.is_file()),
    ):
        parts += [str(file.relative_to(HERE)), file.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def packages_of_the_station() -> list[str]:
    """What `install.sh` would install by apt, in its own words."""
    said = 'source "$1"; printf "%s\\n" "${STATION_PACKAGES[@]}" "${SERVICE_PACKAGES[@]}"'
    return run("bash", "-c", said, "-", CHECKOUT / "systemd/install/packages.sh").split()


def within(tree: Path, *command: str) -> str:
    """Run a command of the tree in the tree."""
    return run("chroot", tree, *command)


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a command of this machine and give what it prints; fails with its last words."""
    done = subprocess.run(
        list(map(str, command)),
        env=env and os.environ | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed ({done.returncode}): {done.stderr[-2000:]}")
    return done.stdout
