"""Which player fits a device: what the deck chooses in its own process, at every tape."""

from collections.abc import Mapping

from station.air import devices
from station.air.devices import Output
from station.air.ports import Clock
from station.air.simulated import SimulatedPlayer
from station.air.snapcast import control_port
from station.air.snapcast_player import SnapcastPlayer
from station.air.vlc_player import VlcPlayer

_SERVER, _CARD = Output("pulse"), Output("alsa")


def fitting_player(
    device: str, clock: Clock, sources: Mapping[str, str], *, steered: bool = False
) -> VlcPlayer | SnapcastPlayer | SimulatedPlayer:
    """The player for a named device, or for `default`: the sound server or else the card that is there, or none.

    A card that is there but cannot be used is a fault to be told, not a reason to simulate.
    """
    if port := control_port(device):
        return SnapcastPlayer(port, clock, sources)
    if device != "default":
        return VlcPlayer(devices.named(device), clock, sources, steered=steered)
    if not devices.missing(_SERVER):
        server = VlcPlayer(_SERVER, clock, sources, steered=steered)
        if not server.missing():
            return server
    return VlcPlayer(_CARD, clock, sources, steered=steered) if devices.has_cards() else SimulatedPlayer(clock)
