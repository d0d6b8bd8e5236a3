"""A Raspberry Pi's lgpio library, simulated: what gpiozero asks of each line is noted, and lines can be driven."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

RASPBERRY_PI_3B = 0xA02082

Call = tuple[Any, ...]
Changed = Callable[[int, int, int, int], None]


class Pi(ModuleType):
    """Stands in for the module: remembers each call and each line's level, and refuses what it is told to refuse.

    `lines` are the levels of what was claimed. With a `refusal` every call fails, else those for `refused` lines.
    `note` is called with every claim of an output and every write.
    """

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE = 3, 1, 2
    SET_PULL_UP, SET_PULL_DOWN, SET_PULL_NONE = 32, 64, 128
    OUTPUT = 1 << 1

    class error(Exception):  # noqa: N801, N818 - lgpio's own name
        pass

    def __init__(self, note: Callable[[Call], None] = lambda _: None) -> None:
        super().__init__("lgpio")
        self.calls: list[Call] = []
        self.lines: dict[int, int] = {}
        self.refusal = ""
        self.refused: set[int] = set()
        self._tell = note
        self._modes: dict[int, int] = {}
        self._changed: dict[int, Changed] = {}

    def drive(self, gpio: int, level: int) -> None:
        """Have something outside put an input at `level`."""
        self.lines[gpio] = level
        if changed := self._changed.get(gpio):
            changed(0, gpio, level, 0)

    # What gpiozero calls

    def gpiochip_open(self, chip: int) -> int:
        self._note("open chip", chip)
        return 0

    def gpio_claim_output(self, _handle: int, gpio: int, level: int = 0) -> None:
        self._note("claim output", gpio, level)
        self._modes[gpio] = self.OUTPUT
        self.lines[gpio] = level

    def gpio_write(self, _handle: int, gpio: int, level: int) -> None:
        self._note("write", gpio, int(level))
        self.lines[gpio] = int(level)

    def gpio_claim_input(self, _handle: int, gpio: int, flags: int = 0) -> None:
        self._note("claim input", gpio, flags)
        self._listen(gpio, flags)
        self._changed.pop(gpio, None)

    def gpio_claim_alert(self, _handle: int, gpio: int, _edges: int, flags: int = 0) -> None:
        self._note("claim alert", gpio, flags)
        self._listen(gpio, flags)

    def callback(self, _handle: int, gpio: int, _edges: int, changed: Changed) -> "_Callback":
        self._changed[gpio] = changed
        return _Callback()

    def gpio_get_mode(self, _handle: int, gpio: int) -> int:
        return self._modes.get(gpio, 0)

    def gpio_read(self, _handle: int, gpio: int) -> int:
        return self.lines[gpio]

    def gpio_free(self, _handle: int, gpio: int) -> None:
        self._note("free", gpio)

    def gpio_set_debounce_micros(self, _handle: int, gpio: int, micros: int) -> None:
        self._note("debounce", gpio, micros)

    def _listen(self, gpio: int, flags: int) -> None:
        self._modes[gpio] = flags
        self.lines[gpio] = int(flags == self.SET_PULL_UP)

    def _note(self, *call: Any) -> None:
        if self.refusal or call[1] in self.refused:
            raise self.error(self.refusal or "GPIO busy")
        self.calls.append(call)
        if call[0] in {"claim output", "write"}:
            self._tell(call)


class _Callback:
    def cancel(self) -> None:
        """It is forgotten as the line is claimed anew."""
