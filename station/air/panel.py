"""The panel beside the Pi: a lamp that says how the station is, and push buttons for stop, emergency and live."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from attrs import frozen
from gpiozero import LED, Button

from station.air.pins import real_factory, reason

_BOUNCE = 0.05  # s
_HELD = 3.0  # s: nobody leans on a button that long by mistake
_SLOW, _FAST = 1.0, 0.2  # s of light, and as much of dark


class PanelLight(Enum):
    """What the lamp says: steadily on, blinking slowly, blinking fast."""

    READY = "ready"
    ON_AIR = "on air"
    FAULT = "fault"


@frozen
class PanelPins:
    """Where lamp and buttons hang, in the Broadcom numbering, or None; a button closes to ground."""

    led: int | None = None
    stop_button: int | None = None
    emergency_button: int | None = None
    live_button: int | None = None


class Panel:
    """Calls what belongs to a button, from a thread of gpiozero's; `faults` are sentences about what fails."""

    def __init__(
        self,
        pins: PanelPins,
        *,
        on_stop: Callable[[], None],
        on_emergency: Callable[[], None],
        on_live: Callable[[], None],
        factory: Any = None,
    ) -> None:
        self._factory = factory
        self._shown: PanelLight | None = None
        self.faults: list[str] = []
        self._lamp = self._opened("Đèn báo", pins.led, LED)
        stop = self._opened("Nút dừng phát", pins.stop_button, Button, bounce_time=_BOUNCE)
        emergency = self._opened(
            "Nút khẩn cấp", pins.emergency_button, Button, bounce_time=_BOUNCE, hold_time=_HELD
        )
        live = self._opened("Nút phát trực tiếp", pins.live_button, Button, bounce_time=_BOUNCE)
        self._devices = [it for it in (self._lamp, stop, emergency, live) if it]
        if stop:
            stop.when_pressed = on_stop
        if emergency:
            emergency.when_held = on_emergency
        if live:
            live.when_pressed = on_live

    def show(self, light: PanelLight) -> None:
        """Let the lamp say it."""
        if self._lamp is None or light is self._shown:
            return
        self._shown = light
        match light:
            case PanelLight.READY:
                self._lamp.on()
            case PanelLight.ON_AIR:
                self._lamp.blink(_SLOW, _SLOW)
            case PanelLight.FAULT:
                self._lamp.blink(_FAST, _FAST)

    def close(self) -> None:
        """Let go of lamp and buttons."""
        for device in self._devices:
            device.close()

    def _opened(self, name: str, pin: int | None, kind: Any, **settings: Any) -> Any:
        if pin is None:
            return None
        try:
            return kind(pin, pin_factory=self._factory or real_factory(), **settings)
        except Exception as error:  # noqa: BLE001 - of gpiozero, lgpio or the system: the rest of the panel works
            self.faults.append(f"{name} ở chân GPIO {pin} không dùng được ({reason(error)}).")
            return None
