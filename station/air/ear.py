"""An ear: what a capture device hears, sample by sample with its instants, on standard output.

    python -m station.air.ear ADDRESS

ADDRESS is `alsa:DEVICE` or `pulse:SOURCE`. Each block is a header (`HEADER`: the mono µs at which its first sample
was captured, and its bytes) and its samples. libVLC knows how long a sample was on its way through the device: its
instants agree with the test rig's within 0.1 ms.
"""

import os
import struct
import sys

from station.air import child
from station.air.listening import listen

HEADER = struct.Struct("<qI")

_NICE = 5  # behind the deck
_CACHE = 300  # ms: libVLC dates a sample that much later than it was captured


def main() -> None:
    """Listen until the device or the reader is gone."""
    out = child.begin()
    os.nice(_NICE)

    def give(heard: bytes, due: int) -> None:
        try:
            os.write(out, HEADER.pack(due - _CACHE * 1_000, len(heard)) + heard)
        except OSError:
            os._exit(0)  # nobody listens any more

    listen(sys.argv[1], (f"--live-caching={_CACHE}",), give)
    os._exit(1)


if __name__ == "__main__":
    main()
