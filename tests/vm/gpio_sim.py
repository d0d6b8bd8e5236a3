"""The kernel's own simulated GPIO chip (Documentation/admin-guide/gpio/gpio-sim.rst), built for Debian's kernel.

Debian builds no gpio-sim and no irq_sim. Both are taken at build time from linux-source of the kernel's own version
and made one module against its headers; nothing of the kernel is in this repository.
"""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

_SOURCES = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c")
# irq_to_desc() and handle_simple_irq() are not for modules; this does the same, and is (kernel/irq/irqdesc.c).
_FOR_MODULES = ("handle_simple_irq(irq_to_desc(irqnum))", "generic_handle_irq_safe(irqnum)")
_MAKEFILE = "obj-m := gpio-sim.o\ngpio-sim-y := sim.o irq_sim.o\n"


def headers_version() -> str:
    """The version of the kernel's headers here, which the card's kernel must have too."""
    told = ("dpkg-query", "-W", "-f=${Version}", "linux-headers-amd64")
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout


def install(tree: Path) -> None:
    """Build the module for the kernel that is installed in a tree, and put it there."""
    modules = next((tree / "lib/modules").iterdir())
    headers = Path("/usr/src") / f"linux-headers-{modules.name}"
    if not headers.exists():
        raise RuntimeError(f"the card has kernel {modules.name} and this machine no headers of it")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        _unpack(place)
        (place / "Makefile").write_text(_MAKEFILE)
        subprocess.run(["make", "--silent", "-C", headers, f"M={place}", "modules"], check=True)
        target = modules / "updates"
        target.mkdir(exist_ok=True)
        (target / "gpio-sim.ko").write_bytes((place / "gpio-sim.ko").read_bytes())
    subprocess.run(["chroot", tree, "depmod", modules.name], check=True)


def _unpack(place: Path) -> None:
    archive = max(Path("/usr/src").glob("linux-source-*.tar.*"))
    root = archive.name.partition(".tar")[0]
    members = [f"{root}/{source}" for source in _SOURCES]
    command = ("tar", "--extract", "--occurrence=1", "--xform=s,.*/,,", f"--file={archive}", f"--directory={place}")
    subprocess.run([*command, *members], check=True)
    (place / "gpio-sim.c").rename(place / "sim.c")
    for source in place.glob("*.c"):
        source.write_text(_as_module(source.read_text()))


def _as_module(source: str) -> str:
    """One module cannot export to itself."""
    return re.sub(r"^EXPORT_SYMBOL\w*\(.*\);$", "", source, flags=re.MULTILINE).replace(*_FOR_MODULES)
