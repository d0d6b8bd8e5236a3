"""The player for the sound device that the settings name."""

from collections.abc import Mapping

from station.air.ports import Clock, Player
from station.air.remote_player import RemotePlayer
from station.air.simulated import SimulatedPlayer


def open_player(
    device: str,
    clock: Clock,
    *,
    sources: Mapping[str, str] | None = None,
    monitor: str = "",
    delay: int | None = None,
) -> Player:
    """Make the player for `default`, `none`, `snapcast` or a device that `devices.named` understands.

    `sources` are live ones and their addresses, `monitor` what captures the output, `delay` the device's own in ms
    where it is known. It never fails, and a named device is never simulated: while it is not there, each tape ends
    in a fault.
    """
    return (
        SimulatedPlayer(clock)
        if device == "none"
        else RemotePlayer(device, clock, sources or {}, monitor=monitor, delay=delay)
    )
