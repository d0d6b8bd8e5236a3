"""The panel beside the Pi: a lamp that says how the station is, and push buttons for stop, emergency and live."""

import logging
from collections.abc import Callable
from enum import Enum
from threading import Thread
from typing import Any

from attrs import frozen
from gpiozero import LED, Button

from station.air.pins import plain_factory, reason
from station.rules.trouble import Trouble

_BOUNCE = 0.03  # s, for which a button must rest in its new place before it is believed
_HELD = 3.0  # s: nobody leans on a button that long by mistake
_SLOW, _FAST = 1.0, 0.2  # s of light, and as much of dark

_log = logging.getLogger(__name__)


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
    """Calls what belongs to a button, each time in a thread of its own; what fails is told and the rest works."""

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
        self._faults: list[str] = []
        self._lamp = self._opened("Đèn báo", pins.led, LED)
        stop = self._opened("Nút dừng phát", pins.stop_button, Button, bounce_time=_BOUNCE)
        emergency = self._opened(
            "Nút khẩn cấp", pins.emergency_button, Button, bounce_time=_BOUNCE, hold_time=_HELD
        )
        live = self._opened("Nút phát trực tiếp", pins.live_button, Button, bounce_time=_BOUNCE)
        self._devices = [it for it in (self._lamp, stop, emergency, live) if it]
        if stop:
            stop.when_pressed = _apart(on_stop)
        if emergency:
            emergency.when_held = _apart(on_emergency)
        if live:
            live.when_pressed = _apart(on_live)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What of it does not work."""
        still, mend = "Trang điều khiển vẫn dùng được.", "Gọi kỹ thuật kiểm tra dây và số chân trong station.toml."
        return tuple(Trouble("Bảng nút", fault, still, mend) for fault in self._faults)

    def show(self, light: PanelLight) -> None:
        """Let the lamp say it."""
        if self._lamp is None or light is self._shown:
            return
        self._shown = light
        try:
            _light(self._lamp, light)
        except Exception as error:  # noqa: BLE001 - whatever it is, a lamp must not end the loop that tends it
            self._faults.append(f"Đèn báo không dùng được ({reason(error)}).")
            self._lamp = None

    def close(self) -> None:
        """Let go of lamp and buttons."""
        for device in self._devices:
            device.close()

    def _opened(self, name: str, pin: int | None, kind: Any, **settings: Any) -> Any:
        if pin is None:
            return None
        try:
            return kind(pin, pin_factory=self._factory or plain_factory(), **settings)
        except Exception as error:  # noqa: BLE001 - of gpiozero, lgpio or the system: the rest of the panel works
            self._faults.append(f"{name} ở chân GPIO {pin} không dùng được ({reason(error)}).")
            return None


def _light(lamp: LED, light: PanelLight) -> None:
    match light:
        case PanelLight.READY:
            lamp.on()
        case PanelLight.ON_AIR:
            lamp.blink(_SLOW, _SLOW)
        case PanelLight.FAULT:
            lamp.blink(_FAST, _FAST)


def _apart(deed: Callable[[], None]) -> Callable[[], None]:
    """`deed`, begun without waiting for it: one thread hears all buttons, and must hear the next, come what may."""

    def do() -> None:
        try:
            deed()
        except Exception:  # noqa: BLE001 - whatever it is, the journal is where it can be found
            _log.exception("what a button asked for failed")

    return lambda: Thread(target=do, name="button", daemon=True).start()
