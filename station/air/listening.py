"""Listening to an address with libVLC, as raw samples: 48 kHz, one channel, 16 bit."""

import ctypes
from collections.abc import Callable
from threading import Event
from typing import Any

import vlc

from station.audio.wav import SAMPLES_PER_MS, WIDTH

_LOOK_EVERY = 0.25  # s
_OPTIONS = ("--quiet", "--ignore-config", "--no-video", "--no-xlib", "--no-metadata-network-access")
_OVER = {vlc.State.Ended, vlc.State.Error, vlc.State.Stopped}


def listen(
    address: str,
    options: tuple[str, ...],
    give: Callable[[bytes, int], None],
    look: Callable[[Any], None] = lambda _player: None,
) -> None:
    """Call `give` with samples and the mono µs at which the first of them is due, until the source is over.

    `address` is `http://…`, `https://…`, `alsa:DEVICE` or `pulse:SOURCE`. `look` is called with libVLC's player
    four times a second.
    """

    @vlc.CallbackDecorators.AudioPlayCb  # type: ignore[untyped-decorator]
    def play(_opaque: Any, samples: Any, count: int, pts: int) -> None:
        give(ctypes.string_at(samples, count * WIDTH), pts)

    player = vlc.Instance(*_OPTIONS, *options).media_player_new()
    player.audio_set_format("S16N", 1_000 * SAMPLES_PER_MS, 1)
    player.audio_set_callbacks(play, None, None, None, None, None)
    player.set_mrl(location(address))
    player.play()
    pause = Event()  # never set: a wait
    while player.get_state() not in _OVER:
        pause.wait(_LOOK_EVERY)
        look(player)


def location(address: str) -> str:
    """The address as libVLC writes it."""
    system, _, name = address.partition(":")
    return f"{system}://{name}" if system in {"alsa", "pulse"} else address
