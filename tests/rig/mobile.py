"""A mobile network of our own: two network namespaces, and every packet between them late, slow or lost.

Kernels without `tc netem` are common, so a process of ours (`tests/rig/carrier.py`) carries the packets between two
tunnel devices; TCP on both sides is the kernel's. It needs root.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Self

from attrs import frozen

from tests.rig.ports import Host

_DEVICE = "radio"
_USUAL = "cubic"  # what TCP does about losses on Debian, and so on a Pi, whatever this machine prefers
_HERE, _THERE = "10.98.0.1", "10.98.0.2"
_numbers = count()


@frozen
class Figures:
    """What a network does to packets: bits a second, milliseconds on each way, and how many of a hundred are lost.

    What waits to be sent waits for two seconds at most; the rest is lost too.
    """

    rate: int
    delay: int
    loss: float


G2 = Figures(rate=50_000, delay=400, loss=10)
G3 = Figures(rate=400_000, delay=75, loss=1)


def why_not() -> str:
    """Why this machine has no such network, or nothing."""
    if os.getuid() != 0:
        return "only root may make network namespaces"
    return "" if Path("/dev/net/tun").exists() else "there is no /dev/net/tun"


class Mobile:
    """The network, while entered: a station `here`, its province `there`; the same packets are lost each time."""

    def __init__(self, figures: Figures) -> None:
        own = f"loa-xa-{os.getpid()}-{next(_numbers)}"
        self._figures, self._names = figures, (f"{own}-here", f"{own}-there")
        self.here, self.there = (
            Host(address, ("ip", "netns", "exec", name))
            for address, name in zip((_HERE, _THERE), self._names, strict=True)
        )

    def sent(self) -> tuple[int, int]:
        """How many bytes of packets the station and its province sent, those lost among them."""
        here, there = (_sent(host) for host in (self.here, self.there))
        return here, there

    def __enter__(self) -> Self:
        with ExitStack() as made:
            for name in self._names:
                _ip("netns", "add", name)
                made.callback(_ip, "netns", "delete", name)
            made.enter_context(self._carrier())
            for name, own, other in ((self._names[0], _HERE, _THERE), (self._names[1], _THERE, _HERE)):
                _ip("-n", name, "link", "set", "lo", "up")
                _ip("-n", name, "address", "add", own, "dev", _DEVICE)
                _ip("-n", name, "link", "set", _DEVICE, "up")
                _ip("-n", name, "route", "add", other, "dev", _DEVICE, "congctl", _USUAL)
            self._made = made.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    @contextmanager
    def _carrier(self) -> Iterator[None]:
        told = (self._figures.rate, self._figures.delay, self._figures.loss)
        carrier = subprocess.Popen(
            [sys.executable, "-m", "tests.rig.carrier", *self._names, *(str(it) for it in told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert carrier.stdout
        assert carrier.stdout.read(1), "it has both devices"
        try:
            yield
        finally:
            carrier.communicate(timeout=10)


def _sent(host: Host) -> int:
    command = [*host.inside, "cat", f"/sys/class/net/{_DEVICE}/statistics/tx_bytes"]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
