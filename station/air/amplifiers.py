"""The amplifiers' relay switches, through gpiozero."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from attrs import frozen
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory

from station.air.ports import Fault

_ANY_PIN = 2  # every simulated zone has a mock header of its own


@frozen
class ZonePin:
    """Where a zone's relay hangs: `pin` in the Broadcom numbering, or None for a simulated one."""

    name: str
    pin: int | None = None
    active_high: bool = True


class GpioAmplifiers:
    """Switches the amplifier of each zone; a zone whose settings name a pin is never simulated."""

    def __init__(self, zones: Sequence[ZonePin]) -> None:
        self._zones = {zone.name: zone for zone in zones}
        self._switches: dict[str, Any] = {}
        self._faults: dict[str, str] = {}
        self._factory: Any = None
        for zone in zones:
            self._open(zone)

    @property
    def simulated(self) -> bool:
        """Whether no zone has a pin."""
        return all(zone.pin is None for zone in self._zones.values())

    @property
    def faults(self) -> Mapping[str, str]:
        """The zones that cannot be switched now, each with a sentence that says why."""
        return MappingProxyType(self._faults)

    def switch(self, zone: str, on: bool) -> None:  # noqa: FBT001 - a switch is on or off
        """Switch one zone; a pin that could not be opened is tried again, and raises `Fault` if it still cannot be.

        Off is harmless for such a zone: nothing that this process drives can be on.
        """
        if zone not in self._switches and on:
            self._open(self._zones[zone])
        if zone in self._switches:
            self._write(self._zones[zone], on=on)
        elif on:
            raise Fault(self._faults[zone])

    def close(self) -> None:
        """Switch all off, whatever fails; the lines stay driven off until the process ends."""
        for name, switch in self._switches.items():
            with suppress(Fault):
                self._write(self._zones[name], on=False)
            switch.close()
        self._switches.clear()

    def _open(self, zone: ZonePin) -> None:
        """Open the zone's pin, off; what hinders it is kept as its fault."""
        try:
            self._switches[zone.name] = OutputDevice(
                _ANY_PIN if zone.pin is None else zone.pin,
                active_high=zone.active_high,
                pin_factory=MockFactory() if zone.pin is None else self._real_factory(),
            )
        except Exception as error:  # noqa: BLE001 - of gpiozero, lgpio or the system: the zone is out, the others are not
            self._faults[zone.name] = _sentence(zone, error)
        else:
            self._faults.pop(zone.name, None)

    def _real_factory(self) -> Any:
        """Open the machine's pins when the first zone needs them; a machine without them can still simulate."""
        if self._factory is None:
            from station.air.steady_pin import SteadyFactory  # noqa: PLC0415 - lgpio is there on a Raspberry Pi only

            self._factory = SteadyFactory()
        return self._factory

    def _write(self, zone: ZonePin, *, on: bool) -> None:
        switch = self._switches[zone.name]
        try:
            switch.on() if on else switch.off()
        except Exception as error:
            self._faults[zone.name] = _sentence(zone, error)
            raise Fault(self._faults[zone.name]) from error
        self._faults.pop(zone.name, None)


def _sentence(zone: ZonePin, error: Exception) -> str:
    return f"Không điều khiển được cụm loa “{zone.name}” ở chân GPIO {zone.pin} ({_reason(error)})."


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "máy chưa cài lgpio"
    return str(error) or type(error).__name__
