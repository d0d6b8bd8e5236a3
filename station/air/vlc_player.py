"""The player that is heard: libVLC behind the `Player` port.

One libVLC instance and one media player serve for years; each tape is a media of its own, released after it.
libVLC's callbacks run in its own threads and must not call it back: they only note what they were told.
"""

from typing import Any

import vlc
from attrs import define

from station.air import devices
from station.air.devices import Output
from station.air.loading import NOTHING_LOADED, checked_length
from station.air.ports import Clock, Fault, Heard
from station.air.vlc_log import VlcLog
from station.air.witness import Signs, weigh
from station.rules.rundown import Tape

_FULL = 100  # %: the level is in the tape
_CACHE = 1_000  # ms read ahead, libVLC's own measure; it drops a rest that is shorter than what it waits to read
_PARSE_WITHIN = 1_000  # ms
_DUMMY = "auto_null"  # the sink that a sound server makes up when it has no card
_OPTIONS = (
    "--quiet",
    "--ignore-config",
    "--no-video",
    "--no-xlib",
    "--no-audio-time-stretch",  # a card's drift is met by the rate; stretching dips the level
    "--no-metadata-network-access",
)


@define
class _Playing:
    """One tape in the player, and what libVLC's callbacks said of it; instants are monotonic ms."""

    media: Any
    offset: int
    total: int
    played_at: int | None = None
    ended_at: int | None = None
    counted: int | None = None
    counted_at: int = 0
    device: str = ""


class VlcPlayer:
    """Plays tapes on one sound device, which is looked for at every tape."""

    simulated = False

    def __init__(self, output: Output, clock: Clock) -> None:
        self._output = output
        self._clock = clock
        self._log = VlcLog()
        # "none" ends the list of what libVLC may try: it never picks another sound system by itself.
        self._vlc = vlc.Instance(*_OPTIONS, *self._log.options, f"--aout={output.module},none")
        self._playing: _Playing | None = None
        self._player = self._new_player()

    @property
    def device(self) -> str:
        """The device, as a person would name it."""
        return self._output.label

    def missing(self) -> str:
        """Why the device cannot be used now, as a sentence; empty when it can."""
        return devices.missing(self._output) or self._missing_sink()

    def load(self, tape: Tape, offset: int) -> None:
        """Look for the device, verify the tape and open it; raises `Fault` when either is not there."""
        self.stop()
        total = checked_length(tape)
        if trouble := self.missing():
            raise Fault(trouble)
        self._log.forget()
        media = self._vlc.media_new_path(tape.path)
        media.add_option(f":start-time={offset / 1_000:.3f}")
        media.add_option(f":file-caching={min(_CACHE, (total - offset) // 4)}")
        media.parse_with_options(vlc.MediaParseFlag.local, _PARSE_WITHIN)  # reads modules from disk now
        self._playing = _Playing(media, offset, total)
        self._player.set_media(media)
        self._player.audio_output_device_set(None, self._output.name or None)
        self._player.audio_set_mute(False)  # noqa: FBT003 - libVLC's own way
        self._player.audio_set_volume(_FULL)

    def play(self) -> None:
        """Start the loaded tape; raises `Fault` when there is none, or libVLC refuses."""
        if self._playing is None:
            raise Fault(NOTHING_LOADED)
        self._playing.played_at = self._clock.now().mono
        if self._player.play() != 0:
            raise Fault(f"Không phát được băng ra {self.device}.")

    def stop(self) -> None:
        """Fall silent and let go of the tape."""
        if self._playing is None:
            return
        self._player.stop()
        self._player.set_media(None)
        self._playing.media.release()
        self._playing = None

    def heard(self) -> Heard:
        """Weigh all that is known of the tape."""
        playing = self._playing
        if playing is None:
            return Heard(position=0, sounding=False, ended=False)
        if playing.played_at is None:
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
        return weigh(signs, self.device)

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
            playing.counted_at = self._clock.now().mono
            playing.counted = event.u.new_time

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
