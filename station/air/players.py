"""The player for the sound device that the settings name."""

from station.air import devices
from station.air.devices import Output
from station.air.ports import Clock, Heard, Player
from station.air.simulated import SimulatedPlayer
from station.air.vlc_player import VlcPlayer
from station.rules.rundown import Tape

_SERVER, _CARD = Output("pulse"), Output("alsa")


def open_player(device: str, clock: Clock) -> Player:
    """Make the player for `default`, `none` or a device that `devices.named` understands.

    It never fails, and a named device is never simulated: while it is not there, each `load` raises `Fault`.
    """
    if device == "none":
        return SimulatedPlayer(clock)
    if device == "default":
        return DefaultPlayer(clock)
    return VlcPlayer(devices.named(device), clock)


class DefaultPlayer:
    """Plays on the sound server or else the card that is there when a tape is loaded; on none, it simulates."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._simulated = SimulatedPlayer(clock)
        self._heard_on: dict[Output, VlcPlayer] = {}
        self._player: Player = self._fitting()

    @property
    def simulated(self) -> bool:
        """Whether there was no sound device when last looked."""
        return self._player.simulated

    @property
    def device(self) -> str:
        """The device that was found when last looked."""
        return self._player.device

    def load(self, tape: Tape, offset: int) -> None:
        """Look for a device again, then load the tape there."""
        self.stop()
        self._player = self._fitting()
        self._player.load(tape, offset)

    def play(self) -> None:
        """Start what was loaded."""
        self._player.play()

    def stop(self) -> None:
        """Fall silent."""
        self._player.stop()

    def heard(self) -> Heard:
        """What has been heard of the loaded tape."""
        return self._player.heard()

    def close(self) -> None:
        """Let go of every device that was used."""
        for player in self._heard_on.values():
            player.close()

    def _fitting(self) -> Player:
        """Choose; a card that is there but cannot be used is a fault to be told, not a reason to simulate."""
        if not devices.missing(_SERVER) and not self._on(_SERVER).missing():
            return self._on(_SERVER)
        return self._on(_CARD) if devices.has_cards() else self._simulated

    def _on(self, output: Output) -> VlcPlayer:
        if output not in self._heard_on:
            self._heard_on[output] = VlcPlayer(output, self._clock)
        return self._heard_on[output]
