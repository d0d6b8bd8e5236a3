"""A feed: a live source decoded by libVLC in a process of its own, as raw samples on standard output.

    python -m station.air.feed ADDRESS

ADDRESS is `http://…` or `https://…` (Icecast, HLS), `alsa:DEVICE` or `pulse:SOURCE`. What comes from strangers must
not reach the process that sounds; this one ends with its source, its reader, its parent, or when it is killed. The
sound is evened out, so that live is about as loud as recorded.
"""

import math
import os
import resource
import sys
from array import array
from typing import Any

import vlc

from station.air import child
from station.air.listening import listen

_MEMORY = 1 << 30  # bytes
_NICE = 5  # behind the deck
_CACHE = 1_000  # ms
_EVERY = 8  # of the samples, only each eighth is weighed
_FULL_SCALE = 32_768
_SILENCE = -50.0  # dB of full scale: a pause must not be taken for a quiet programme
_TARGET = -18.0  # dB of full scale, the power of speech that measures about −16 LUFS
_WEIGHT = 0.05  # of each look: half of a change is met within some four seconds
_LOUDEST, _QUIETEST = 12.0, -18.0  # dB of gain
_STEADY, _UNSTEADY, _STALLED = 12, 2, 10  # looks
_OPTIONS = (
    "--http-reconnect",
    f"--network-caching={_CACHE}",
    f"--live-caching={_CACHE // 2}",
    # Peaks are taken back before the gain lifts them: a horn's driver dies of them.
    "--audio-filter=compressor",
    "--compressor-threshold=-20",
    "--compressor-ratio=4",
    "--compressor-attack=5",
    "--compressor-release=200",
    "--compressor-makeup-gain=0",
)


class Flow:
    """Whether bytes still come: libVLC plays on for seconds from what it has, and then says Playing in silence.

    Only what has flowed steadily can stall: HLS comes in pieces, and a sound device counts no bytes.
    """

    def __init__(self) -> None:
        self._read = 0
        self._steady = 0
        self._still = 0

    def stalled(self, read: int) -> bool:
        """Take one look, four a second, at the bytes that were read so far."""
        self._still = 0 if read != self._read else self._still + 1
        if read != self._read:
            self._steady += 1
        elif self._still > _UNSTEADY and self._steady < _STEADY:
            self._steady = 0
        self._read = read
        return self._steady >= _STEADY and self._still >= _STALLED


class Evenness:
    """A slow hand on the level: it follows the programme, not the syllable, and leaves pauses alone."""

    def __init__(self) -> None:
        self.gain = 0.0  # dB
        self._heard: float | None = None
        self._power = 0
        self._count = 0

    def hear(self, samples: "array[int]") -> None:
        """Take samples into account that went through the present gain."""
        self._power += sum(sample * sample for sample in samples)
        self._count += len(samples)

    def adjust(self) -> None:
        """Set the gain for what follows."""
        power, count = self._power, self._count
        self._power = self._count = 0
        level = 10 * math.log10(power / count / _FULL_SCALE**2) - self.gain if power else -math.inf
        if level < _SILENCE:
            return
        self._heard = level if self._heard is None else self._heard + _WEIGHT * (level - self._heard)
        self.gain = min(max(_TARGET - self._heard, _QUIETEST), _LOUDEST)


def main() -> None:
    """Decode until the source ends."""
    out = child.begin()
    # Its own memory, not its address space: a sound server shares large maps with whoever listens to a microphone.
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    os.nice(_NICE)
    evenness, flow = Evenness(), Flow()

    def give(heard: bytes, _due: int) -> None:
        evenness.hear(array("h", heard)[::_EVERY])
        try:
            os.write(out, heard)
        except OSError:
            os._exit(0)  # nobody listens any more

    def look(player: Any) -> None:
        stats = vlc.MediaStats()
        if player.get_media().get_stats(stats) and flow.stalled(stats.read_bytes):
            os._exit(1)
        evenness.adjust()
        player.audio_set_volume(round(100 * 10 ** (evenness.gain / 60)))  # libVLC's volume is cubic

    listen(sys.argv[1], _OPTIONS, give, look)
    os._exit(1)


if __name__ == "__main__":
    main()
