"""A Raspberry Pi's header that stands in for a real one, under gpiozero's real pins."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]


@frozen
class Driven:
    """A line was claimed for output, or written, at `level` (wall ms); whether that switches its amplifier on."""

    at: float
    process: int
    deed: str
    gpio: int
    level: int
    on: bool


class Board:
    """What happens on the header of the Pi that stands in; relays on the `low` lines go on by a low level."""

    def __init__(self, folder: Path, low: Collection[int] = ()) -> None:
        self._low = low
        self._lines = folder / "lines"
        self._hands = folder / "hands"
        self._lines.touch()
        os.mkfifo(self._hands)
        self.environment = {
            "PYTHONPATH": f"{ROOT / 'tests' / 'rig' / 'raspberry'}:{ROOT}",
            "PI_LINES": str(self._lines),
            "PI_HANDS": str(self._hands),
        }

    def drive(self, gpio: int, level: int) -> None:
        """Press a button, or speak for an amplifier."""
        self._hands.write_text(f"{gpio} {level}\n")

    def driven(self, gpio: int) -> list[Driven]:
        """What was done to a line."""
        return [it for it in self._all() if it.gpio == gpio]

    def on(self, gpio: int) -> bool:
        """Whether its amplifier is on now."""
        return self.driven(gpio)[-1].on

    def _all(self) -> Iterator[Driven]:
        for written in self._lines.read_text().splitlines():
            at, process, deed, gpio, level = written.split()
            line = int(gpio)
            yield Driven(
                float(at), int(process), deed, line, int(level), on=bool(int(level)) != (line in self._low)
            )
