"""`python -m tests.rig.carrier HERE THERE RATE DELAY LOSS`: carries packets between two namespaces.

Each gets a tunnel device `radio`. It says a byte when they are there, and ends with its input.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time
from pathlib import Path

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SET_DEVICE = 0x400454CA  # TUNSETIFF
_PLAIN_TUNNEL = 0x1001  # IFF_TUN | IFF_NO_PI
_LONGEST_QUEUE = 2.0  # seconds
_LARGEST = 2_000  # bytes of a packet
_SEED = 7


def main() -> None:
    """Open both devices, and carry."""
    here, there, rate, delay, loss = sys.argv[1:]
    devices = _device(here), _device(there)
    sys.stdout.write("-")
    sys.stdout.flush()
    _carry(devices, float(rate) / 8, float(delay) / 1e3, float(loss) / 100)


def _device(namespace: str) -> int:
    with Path("/run/netns", namespace).open() as place:
        if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), namespace)
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _SET_DEVICE, struct.pack("16sH22x", b"radio", _PLAIN_TUNNEL))
    return device


def _carry(devices: tuple[int, int], rate: float, delay: float, loss: float) -> None:
    other = dict(zip(devices, reversed(devices), strict=True))
    chances = {device: random.Random(_SEED) for device in devices}
    free_at = dict.fromkeys(devices, 0.0)
    on_the_way: list[tuple[float, int, bytes]] = []
    while True:
        wait = max(0.0, on_the_way[0][0] - _now()) if on_the_way else None
        ready = select.select([*devices, sys.stdin], [], [], wait)[0]
        if sys.stdin in ready:
            return
        for device in (it for it in devices if it in ready):
            packet = os.read(device, _LARGEST)
            begins = max(_now(), free_at[device])
            if begins - _now() > _LONGEST_QUEUE:
                continue
            free_at[device] = begins + len(packet) / rate
            if chances[device].random() >= loss:
                heapq.heappush(on_the_way, (free_at[device] + delay, other[device], packet))
        while on_the_way and on_the_way[0][0] <= _now():
            _, device, packet = heapq.heappop(on_the_way)
            os.write(device, packet)


def _now() -> float:
    return time.monotonic()  # noqa: TID251 - packets are late by the clock of the kernel


if __name__ == "__main__":
    main()
