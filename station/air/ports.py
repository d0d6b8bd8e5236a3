"""What the loop needs of the world, as protocols; each has one real and one simulated implementation.

A call that fails raises `Fault` with a sentence; the loop turns it into an event.
"""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from station.rules.now import Now
from station.rules.rundown import Part, Tape


class Fault(Exception):  # noqa: N818 - a fault of the equipment, as its people call it
    """A device or a file did not do what was asked; the message is a Vietnamese sentence."""


@frozen
class Heard:
    """What truly came out of the player for the tape that is on.

    `position` in ms of the tape (its lead included), by libVLC's own count of what it handed to the output;
    `sounding` once the output has taken audio; `ended` once the tape ran out; `lost` counts dropped buffers.
    `fault` is empty, or a sentence that says what went wrong.
    """

    position: int
    sounding: bool
    ended: bool
    lost: int = 0
    fault: str = ""


class Clock(Protocol):
    """Where `Now` comes from."""

    def now(self) -> Now:
        """Read both clocks."""


class Player(Protocol):
    """One output, carrying one tape at a time."""

    simulated: bool
    """Whether nothing is truly heard: there is no sound device."""
    device: str
    """The device, as a person would name it."""

    def load(self, tape: Tape, offset: int) -> None:
        """Verify the tape's file, open and parse it, so that `play` is immediate; `offset` in ms of the programme."""

    def play(self) -> None:
        """Start what was loaded: its first sample leaves now."""

    def stop(self) -> None:
        """Fall silent and let go of the tape; harmless when nothing is loaded."""

    def heard(self) -> Heard:
        """What has been heard of the loaded tape."""

    def close(self) -> None:
        """Let go of the output."""


class Amplifiers(Protocol):
    """The amplifiers' relay switches, by zone."""

    simulated: bool
    """Whether no real pin is driven."""

    def switch(self, zone: str, on: bool) -> None:  # noqa: FBT001 - a switch is on or off
        """Switch one zone's amplifier; off never fails for a zone that could not be opened."""

    def close(self) -> None:
        """Switch all off and leave the lines driven off."""


class Renderer(Protocol):
    """Makes tapes; slow, so it is called on a worker."""

    def render(self, parts: Sequence[Part], name: str) -> Tape:
        """Render `parts` into a tape kept under `name`."""
