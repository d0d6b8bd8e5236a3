"""The machine's own pins, opened when the first is needed: a machine without any can still simulate."""

from functools import cache
from typing import Any


@cache
def real_factory() -> Any:
    """The factory of a Raspberry Pi's pins; raises whatever gpiozero and lgpio raise where there are none."""
    from station.air.steady_pin import SteadyFactory  # noqa: PLC0415 - lgpio is there on a Raspberry Pi only

    return SteadyFactory()


def reason(error: Exception) -> str:
    """Why a pin cannot be used, in the middle of a sentence."""
    if isinstance(error, ImportError):
        return "máy chưa cài lgpio"
    return str(error) or type(error).__name__
