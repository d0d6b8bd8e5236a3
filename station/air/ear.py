"""An ear: what a capture device hears, sample by sample with its instants, on standard output.

    python -m station.air.ear ADDRESS

ADDRESS is `alsa:DEVICE` or `pulse:SOURCE`. Each block is a header (`HEADER`: the mono µs at which its first sample
was captured, and its bytes) and samples, 48 kHz, one channel, 16 bit. libVLC knows how long a sample was on its way
through the device: its instants agree with the test rig's within 0.1 ms.
"""

import ctypes
import os
import struct
import sys
from threading import Event
from typing import Any

import vlc

from station.air import child
from station.air.feed import location
from station.audio.wav import SAMPLES_PER_MS, WIDTH

HEADER = struct.Struct("<qI")

_NICE = 5  # behind the deck
_CACHE = 300  # ms: libVLC dates a sample that much later than it was captured
_LOOK_EVERY = 0.25  # s
_OPTIONS = ("--quiet", "--ignore-config", "--no-video", "--no-xlib", f"--live-caching={_CACHE}")
_OVER = {vlc.State.Ended, vlc.State.Error, vlc.State.Stopped}


def main() -> None:
    """Listen until the device or the reader is gone."""
    out = child.begin()
    os.nice(_NICE)

    @vlc.CallbackDecorators.AudioPlayCb  # type: ignore[untyped-decorator]
    def give(_opaque: Any, samples: Any, count: int, pts: int) -> None:
        heard = ctypes.string_at(samples, count * WIDTH)
        try:
            os.write(out, HEADER.pack(pts - _CACHE * 1_000, len(heard)) + heard)
        except OSError:
            os._exit(0)  # nobody listens any more

    player = vlc.Instance(*_OPTIONS).media_player_new()
    player.audio_set_format("S16N", 1_000 * SAMPLES_PER_MS, 1)
    player.audio_set_callbacks(give, None, None, None, None, None)
    player.set_mrl(location(sys.argv[1]))
    player.play()
    pause = Event()  # never set: a wait
    while player.get_state() not in _OVER:
        pause.wait(_LOOK_EVERY)
    os._exit(1)


if __name__ == "__main__":
    main()
