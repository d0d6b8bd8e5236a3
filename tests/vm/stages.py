"""How far a machine has come before a scenario begins; each stage is made once and kept.

fresh: a card as Raspberry Pi OS would be. stocked: with the packages that the station needs. installed: with the
station, by its own install.sh. ready: that, running, and saved with its memory.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve

from tests.vm.image import AMD64, CHECKOUT, HERE, Image, card, kept, packages_of_the_station, run
from tests.vm.machine import Machine
from tests.vm.station import Station

_READY = "ready"
_NOT_WELL = 1  # of install.sh, and of any other trouble too


def fresh() -> Image:
    """A card without the station's packages."""
    return card()


def stocked(architecture: str = AMD64) -> Image:
    """A card with the station's packages of Debian, which saves half an hour of emulation."""
    return card(*packages_of_the_station(), architecture=architecture)


def installed(architecture: str = AMD64) -> Image:
    """A card with the station, by its own install.sh."""
    base = stocked(architecture)
    place = kept() / f"installed-{architecture}-{_digest(base)}"
    if not place.exists():
        _install(base, place)
    return evolve(base, disk=place / "card.qcow2")


@contextmanager
def machine(image: Image, **parts: Any) -> Iterator[Machine]:
    """A machine that is off, with a card grown from an image; its files go with it."""
    with TemporaryDirectory(dir=kept(), prefix="machine-") as folder, Machine(image, Path(folder), **parts) as it:
        yield it


@contextmanager
def station(architecture: str = AMD64, **parts: Any) -> Iterator[Station]:
    """A machine with the station, booted from its card, with other parts than usual."""
    with machine(installed(architecture), **parts) as it:
        it.boot()
        station = Station(it)
        with _heard_out(station):
            station.wait_until_ready()
            yield station


@contextmanager
def ready() -> Iterator[Station]:
    """A machine with the station running, going on from a saved state: much sooner than by booting."""
    image = installed()
    saved = image.disk.with_name("ready.qcow2")
    if not saved.exists():
        _make_ready(saved)
    with TemporaryDirectory(dir=kept(), prefix="machine-") as folder:
        shutil.copy(saved, Path(folder) / "card.qcow2")
        with Machine(image, Path(folder)) as it:
            it.boot(_READY)
            it.set_clock()
            station = Station(it)
            with _heard_out(station):
                station.wait_until_ready()
                yield station


@contextmanager
def _heard_out(station: Station) -> Iterator[None]:
    """Print a station's own words before its machine is gone, if something goes wrong."""
    try:
        yield
    except BaseException:
        if station.machine.on:
            print(
                station.machine.run("journalctl -b -u 'station*' -n 80 -o short-precise; station log", check=False)
            )
        raise


def _make_ready(saved: Path) -> None:
    with station() as it:
        it.machine.save(_READY)
        it.machine.power_cut()
        it.machine.card.replace(saved)


def _install(base: Image, place: Path) -> None:
    folder = place.with_name(place.name + ".new")
    shutil.rmtree(folder, ignore_errors=True)
    with Machine(base, folder) as it:
        it.boot()
        station = Station(it)
        station.bring()
        done = station.install()
        if done.status == _NOT_WELL:  # a page may take longer under emulation than install.sh waits for one
            done = station.install()
        if done.status:
            raise RuntimeError(f"install.sh ended with {done.status}: {done.said[-3000:]}")
        station.furnish()
        it.shut_down()
    for old in kept().glob(f"installed-{base.architecture}-*"):
        if old != folder:
            shutil.rmtree(old)
    folder.rename(place)


def _digest(base: Image) -> str:
    """What an installation depends on: the card, the tree, and what this rig furnishes it with."""
    ours = (HERE / "station.py", *(HERE / "home").iterdir())
    parts = [base.disk.parent.name, version(CHECKOUT), *(it.read_text() for it in ours)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def version(tree: Path) -> str:
    """The name that a source tree's version has where it is installed."""
    sourced = 'CHECKOUT=$1 && cd "$1" && source systemd/install/words.sh && source systemd/install/version.sh'
    return run("bash", "-c", f"{sourced} && name_of_version .", "-", tree).strip()
