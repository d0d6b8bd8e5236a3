"""The player that is heard: libVLC behind the `Player` port.

One libVLC instance and one media player serve for years; each tape is a media of its own, released after it.
libVLC's callbacks run in its own threads and must not call it back: they only note what they were told.
"""

from collections.abc import Mapping
from threading import Event
from typing import Any

import vlc
from attrs import define, evolve

from station.air import devices
from station.air.devices import Output
from station.air.fed_view import FedView
from station.air.loading import NOTHING_LOADED, checked_length
from station.air.ports import Clock, Fault, Heard
from station.air.view import TapeView
from station.air.vlc_log import VlcLog
from station.air.vlc_media import callbacks
from station.air.witness import Signs, weigh
from station.rules.rundown import Tape

_FULL = 100  # %: the level is in the tape
_CACHE = 1_000  # ms read ahead, libVLC's own measure; it drops a rest that is shorter than what it waits to read
_LATENCIES = {"pulse": 10, "alsa": 20}  # ms from `play` to the first sample, as measured
_HELD_UP = 20  # ms; libVLC's own time is within one of the clock's, and a steered rate takes one more
_FADE_STEPS, _FADE_STEP = 10, 0.005  # s each: as often as a sound server renders
_DUMMY = "auto_null"  # the sink that a sound server makes up when it has no card
_OPTIONS = (
    "--quiet",
    "--ignore-config",
    "--no-video",
    "--no-xlib",
    "--no-audio-time-stretch",  # a card's drift is met by the rate; stretching dips the level
    "--no-metadata-network-access",
)
# A tape steered by its rate needs a true resampler: the one that libVLC takes by itself drops and doubles samples.
_STEERED = ("--audio-resampler=speex_resampler",)


@define
class _Playing:
    """One tape in the player, and what libVLC's callbacks said of it; instants are monotonic ms."""

    media: Any
    view: TapeView | FedView
    called: Any  # libVLC holds no reference to what it calls
    offset: int
    total: int
    played_at: int | None = None
    ended_at: int | None = None
    counted: int | None = None
    counted_at: int = 0
    behind: int = 0
    device: str = ""


class VlcPlayer:
    """Plays tapes on one sound device, which is looked for at every tape."""

    simulated = False

    def __init__(self, output: Output, clock: Clock, sources: Mapping[str, str], *, steered: bool) -> None:
        self._output = output
        self._sources = sources
        self._clock = clock
        self._log = VlcLog()
        # "none" ends the list of what libVLC may try: it never picks another sound system by itself.
        self._vlc = vlc.Instance(
            *_OPTIONS, *(_STEERED if steered else ()), *self._log.options, f"--aout={output.module},none"
        )
        self._playing: _Playing | None = None
        self._pause = Event()  # never set: a wait
        self._player = self._new_player()

    @property
    def device(self) -> str:
        """The device, as a person would name it."""
        return self._output.label

    def missing(self) -> str:
        """Why the device cannot be used now, as a sentence; empty when it can."""
        return devices.missing(self._output) or self._missing_sink()

    @property
    def latency(self) -> int:
        """Ms that usually pass from `play` to the first sample."""
        return _LATENCIES[self._output.module]

    def load(self, tape: Tape, offset: int) -> None:
        """Look for the device, verify the tape and open it; raises `Fault` when either is not there."""
        self.stop()
        total = checked_length(tape)
        if trouble := self.missing():
            raise Fault(trouble)
        self._log.forget()
        fed = tape.stretches
        view = FedView(tape, offset, self._sources, self._clock) if fed else TapeView(tape, offset)
        called = callbacks(view)
        media = self._vlc.media_new_callbacks(*called, None)
        caching = min(_CACHE, (total - offset) // 4)
        for option in (":demux=wav", f":file-caching={caching}", f":network-caching={caching}"):
            media.add_option(option)
        self._playing = _Playing(media, view, called, offset, total)
        self._player.set_media(media)
        self._player.audio_output_device_set(None, self._output.name or None)
        self._player.audio_set_mute(False)  # noqa: FBT003 - libVLC's own way
        self._player.audio_set_volume(_FULL)

    def play(self, at: int) -> None:
        """Start the loaded tape, called `latency` before mono ms `at`; raises `Fault` when libVLC refuses."""
        if self._playing is None:
            raise Fault(NOTHING_LOADED)
        self._playing.played_at = self._clock.now().mono
        self._playing.view.played(at)
        if self._player.play() != 0:
            raise Fault(f"Không phát được băng ra {self.device}.")

    def set_rate(self, rate: float) -> None:
        """Go on so much faster, to meet a card's drift."""
        self._player.set_rate(rate)

    @property
    def behind(self) -> int:
        """Ms by which the tape was held up since it began: libVLC puts off all that follows by as much."""
        return 0 if self._playing is None else self._playing.behind

    def stop(self) -> None:
        """Fall silent, faded where the output follows at once, and let go of the tape."""
        if self._playing is None:
            return
        if self._output.module == "pulse" and self._playing.played_at is not None:
            self._fade()
        self._playing.view.release()
        self._player.stop()
        self._player.set_media(None)
        self._playing.media.release()
        self._playing.view.close()
        self._playing = None

    def _fade(self) -> None:
        for left in reversed(range(_FADE_STEPS)):
            self._player.audio_set_volume(_FULL * left // _FADE_STEPS)
            self._pause.wait(_FADE_STEP)

    def heard(self) -> Heard:
        """Weigh all that is known of the tape."""
        playing = self._playing
        if playing is None:
            return Heard(position=0, sounding=False, ended=False)
        if playing.played_at is None:
            playing.view.tend(0)
            return Heard(position=playing.offset, sounding=False, ended=False)
        stats = vlc.MediaStats()
        playing.media.get_stats(stats)
        signs = Signs(
            offset=playing.offset,
            total=playing.total,
            played_at=playing.played_at,
            now=self._clock.now().mono,
            ended_at=playing.ended_at,
            counted=playing.counted,
            counted_at=playing.counted_at,
            taken=stats.played_abuffers,
            dropped=stats.lost_abuffers,
            skipped=self._log.skipped(),
            error=self._log.error(),
            elsewhere=self._elsewhere(playing) if stats.played_abuffers else "",
        )
        heard = weigh(signs, self.device)
        position = heard.position - playing.offset
        return evolve(heard, level=playing.view.level(position), feed=playing.view.tend(position))

    def close(self) -> None:
        """Let go of the device."""
        self.stop()
        self._player.release()
        self._vlc.release()
        self._log.close()

    def _missing_sink(self) -> str:
        """Why the sound server cannot be used though it runs: the named sink is gone, or it has no card at all."""
        if self._output.module != "pulse":
            return ""
        sinks = self._sinks()
        if self._output.name in sinks or (not self._output.name and sinks - {_DUMMY}):
            return ""
        if self._output.name:
            return f"Không tìm thấy {self.device}."
        return f"Không có card âm thanh nào ở {self.device}."

    def _sinks(self) -> set[str]:
        """Ask the sound server for its sinks; a player that lost its server is replaced by a new one."""
        if not (sinks := _names(self._player)):
            self._player.release()
            self._player = self._new_player()
            sinks = _names(self._player)
        return sinks

    def _new_player(self) -> Any:
        player = self._vlc.media_player_new()
        told = player.event_manager().event_attach
        told(vlc.EventType.MediaPlayerEndReached, self._on_end)
        told(vlc.EventType.MediaPlayerTimeChanged, self._on_time)
        return player

    def _on_end(self, _event: Any) -> None:
        if playing := self._playing:
            playing.ended_at = self._clock.now().mono

    def _on_time(self, event: Any) -> None:
        if playing := self._playing:
            now, counted = self._clock.now().mono, playing.offset + event.u.new_time
            if playing.counted is not None:
                held_up = now - playing.counted_at - (counted - playing.counted)
                playing.behind += held_up if held_up > _HELD_UP else 0
            playing.counted_at, playing.counted = now, counted

    def _elsewhere(self, playing: _Playing) -> str:
        """Name the sink that a sound server has moved the sound to while it played."""
        device = self._player.audio_output_device_get() or ""
        playing.device = playing.device or device
        return device if device != playing.device else ""


def _names(player: Any) -> set[str]:
    """List the names of the devices that libVLC sees for this player's sound system."""
    first = player.audio_output_device_enum()
    names, device = set(), first
    while device:
        names.add(device.contents.device.decode(errors="replace"))
        device = device.contents.next
    if first:
        vlc.libvlc_audio_output_device_list_release(first)
    return names
