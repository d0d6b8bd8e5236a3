"""How hot the machine is, where it tells."""

from pathlib import Path

_PROCESSOR = Path("/sys/class/thermal/thermal_zone0/temp")  # thousandths of a degree; on a Pi its processor


def heat(told: Path = _PROCESSOR) -> int | None:
    """The processor's temperature in °C; None where nothing tells it."""
    try:
        return round(int(told.read_text()) / 1000)
    except (OSError, ValueError):
        return None
