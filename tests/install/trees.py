"""What is put into a box: a system, this checkout, a later version, one that cannot start, broken bundles."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "kmod",
    "openssh-server",
    "python3",
    "python3-venv",
    "sudo",
    "systemd",
    "systemd-sysv",
    "systemd-timesyncd",
    "udev",
)
_TRUSTED = Path("/usr/local/share/ca-certificates")
_MADE = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")


def make_trees(folder: Path) -> None:
    """Copies of this checkout in `folder`: `one`, `two` which differs by a comment, and `broken`."""
    for name in ("one", "two", "broken"):
        shutil.copytree(ROOT, folder / name, ignore=_MADE, symlinks=True)
    with (folder / "two" / "station" / "clock.py").open("a") as file:
        file.write("\n# A later version.\n")
    service = folder / "broken" / "station" / "service.py"
    text = service.read_text()
    begins = "    def run(self) -> bool:\n"
    assert begins in text
    service.write_text(text.replace(begins, f'{begins}        raise RuntimeError("broken on purpose")\n', 1))


def make_system(folder: Path) -> None:
    """A small Debian 12 to boot, as Raspberry Pi OS Lite is but for the Pi's own packages; made once."""
    if folder.exists():
        return
    made = folder.with_suffix(".made")
    shutil.rmtree(made, ignore_errors=True)
    wanted = ",".join(_PACKAGES)
    subprocess.run(["mmdebstrap", "--variant=minbase", f"--include={wanted}", "bookworm", made], check=True)
    shutil.copytree(
        _TRUSTED, made / _TRUSTED.relative_to("/"), dirs_exist_ok=True
    )  # whom this machine trusts besides
    subprocess.run(["chroot", made, "update-ca-certificates"], check=True)
    made.rename(folder)


def break_bundle(bundle: Path, folder: Path) -> None:
    """Beside a bundle: `damaged.tar`, with one bit of a library turned, and `other.tar`, for another machine."""
    with TemporaryDirectory(dir=folder) as opened:
        subprocess.run(["tar", "-C", opened, "-xf", bundle], check=True)
        tree = Path(opened) / "loa-xa"
        wheel = max((tree / "bundle" / "wheels").iterdir(), key=lambda it: it.stat().st_size)
        with wheel.open("r+b") as file:
            file.seek(1000)
            byte = file.read(1)[0]
            file.seek(1000)
            file.write(bytes([byte ^ 1]))
        subprocess.run(["tar", "-C", opened, "-cf", folder / "damaged.tar", "loa-xa"], check=True)
        (tree / "bundle" / "kind").write_text("debian bookworm Raspberry Pi OS, armhf, Python 3.11\n")
        subprocess.run(["tar", "-C", opened, "-cf", folder / "other.tar", "loa-xa"], check=True)
