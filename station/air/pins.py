"""The machine's own pins, opened when the first is needed: a machine without any can still simulate."""

from contextlib import chdir
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

_IN_MEMORY = "/dev/shm"  # noqa: S108 - a folder of our own in it; it can be written even if the card cannot


@cache
def steady_factory() -> Any:
    """The factory of pins that drive amplifiers; raises whatever gpiozero and lgpio raise where there are none."""
    _import_lgpio()
    from station.air.steady_pin import SteadyFactory  # noqa: PLC0415 - lgpio is there on a Raspberry Pi only

    return SteadyFactory()


@cache
def plain_factory() -> Any:
    """The factory of all other pins, what is read and the lamp: gpiozero's own, which lets go of a line."""
    _import_lgpio()
    from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - as above

    return LGPIOFactory()


def reason(error: Exception) -> str:
    """Why a pin cannot be used, in the middle of a sentence."""
    if isinstance(error, ImportError):
        return "máy chưa cài lgpio"
    return str(error) or type(error).__name__


@cache
def _import_lgpio() -> None:
    """Import lgpio where it can make the pipe that it needs, whatever folder the player was started in."""
    with TemporaryDirectory(dir=_IN_MEMORY) as folder, chdir(folder):
        import lgpio  # noqa: F401, PLC0415 - as above
