"""The amplifiers' relay switches, through gpiozero."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from attrs import frozen
from gpiozero import DigitalInputDevice, OutputDevice
from gpiozero.pins.mock import MockFactory

from station.air.pins import plain_factory, reason, steady_factory
from station.air.ports import Fault

_BOUNCE = 0.05  # s
_ANY_PIN = 2  # every simulated zone has a mock header of its own


@frozen
class ZonePin:
    """Where a zone's relay hangs: `pin` in the Broadcom numbering, or None for a simulated one.

    `feedback` is the pin by which its amplifier says that it is up, by a high level if `feedback_high`; a simulated
    one says nothing.
    """

    name: str
    pin: int | None = None
    active_high: bool = True
    feedback: int | None = None
    feedback_high: bool = True


class GpioAmplifiers:
    """Switches the amplifier of each zone; a zone whose settings name a pin is never simulated."""

    def __init__(self, zones: Sequence[ZonePin]) -> None:
        self._zones = {zone.name: zone for zone in zones}
        self._switches: dict[str, Any] = {}
        self._faults: dict[str, str] = {}
        self._unheard: dict[str, str] = {}
        self._inputs: list[Any] = []
        for zone in zones:
            self._open(zone)

    @property
    def simulated(self) -> bool:
        """Whether no zone has a pin."""
        return all(zone.pin is None for zone in self._zones.values())

    @property
    def faults(self) -> Mapping[str, str]:
        """The zones that cannot be switched, or do not say whether they are up, each with a sentence."""
        return {**self._unheard, **self._faults}

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

    def watch(self, report: Callable[[str, bool], None]) -> None:
        """Report each amplifier that says whether it is up, now and at every change, from any thread."""
        for zone in self._zones.values():
            if zone.pin is None or zone.feedback is None:
                continue
            try:
                line = DigitalInputDevice(
                    zone.feedback,
                    pull_up=not zone.feedback_high,
                    bounce_time=_BOUNCE,
                    pin_factory=plain_factory(),
                )
            except Exception as error:  # noqa: BLE001 - as below: the amplifier is switched without it
                self._unheard[zone.name] = (
                    f"Không đọc được tín hiệu báo về của cụm loa “{zone.name}” ở chân GPIO {zone.feedback} "
                    f"({reason(error)})."
                )
                continue
            line.when_activated = partial(report, zone.name, True)  # noqa: FBT003 - it is up
            line.when_deactivated = partial(report, zone.name, False)  # noqa: FBT003 - it is down
            report(zone.name, line.is_active)
            self._inputs.append(line)

    def close(self) -> None:
        """Switch all off, whatever fails; the lines stay driven off until the process ends."""
        for name in self._switches:
            with suppress(Fault):
                self._write(self._zones[name], on=False)
        for line in (*self._switches.values(), *self._inputs):
            with suppress(Exception):  # all that matters is off by now
                line.close()
        self._switches.clear()
        self._inputs.clear()

    def _open(self, zone: ZonePin) -> None:
        """Open the zone's pin, off; what hinders it is kept as its fault."""
        try:
            self._switches[zone.name] = OutputDevice(
                _ANY_PIN if zone.pin is None else zone.pin,
                active_high=zone.active_high,
                pin_factory=MockFactory() if zone.pin is None else steady_factory(),
            )
        except Exception as error:  # noqa: BLE001 - of gpiozero, lgpio or the system: the zone is out, the others are not
            self._faults[zone.name] = _sentence(zone, error)
        else:
            self._faults.pop(zone.name, None)

    def _write(self, zone: ZonePin, *, on: bool) -> None:
        switch = self._switches[zone.name]
        try:
            switch.on() if on else switch.off()
        except Exception as error:
            self._faults[zone.name] = _sentence(zone, error)
            raise Fault(self._faults[zone.name]) from error
        self._faults.pop(zone.name, None)


def _sentence(zone: ZonePin, error: Exception) -> str:
    return f"Không điều khiển được cụm loa “{zone.name}” ở chân GPIO {zone.pin} ({reason(error)})."
