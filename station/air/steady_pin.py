"""A Raspberry Pi's pin for an amplifier: never a level that was not asked for.

gpiozero's own pin makes the line a floating input when it is opened, drives it low for a moment before an
active-low "off", and lets it float when it is closed: three ways to click a horn on. For outputs only: an input
that is left as it is goes on calling. Needs the lgpio library.
"""

import lgpio
from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin
from gpiozero.pins.local import LocalPiPin


class SteadyPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that is claimed straight at its level, and keeps the last one when it is let go of."""

    def __init__(self, factory: "SteadyFactory", info: object) -> None:
        LocalPiPin.__init__(self, factory, info)  # past LGPIOPin's, which would make it an input
        self._pwm = self._callback = None

    def output_with_state(self, state: bool) -> None:  # noqa: FBT001 - gpiozero's signature
        """Claim the line for output, at `state` from the first moment."""
        lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))  # noqa: SLF001 - a pin knows its factory

    def close(self) -> None:
        """Leave the line driven as it is."""


class SteadyFactory(LGPIOFactory):  # type: ignore[misc]  # gpiozero has no types
    """Makes steady pins on the Raspberry Pi's own header."""

    def __init__(self) -> None:
        super().__init__()
        self.pin_class = SteadyPin
