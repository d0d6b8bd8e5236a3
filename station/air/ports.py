"""What the loop needs of the world, as protocols; each has one real and one simulated implementation.

A call that fails raises `Fault` with a sentence; the loop turns it into an event.
"""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from station.rules.now import Now
from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Tape


class Fault(Exception):  # noqa: N818 - a fault of the equipment, as its people call it
    """A device or a file did not do what was asked; the message is a Vietnamese sentence."""


@frozen
class Heard:
    """What truly came out of the player for the tape that is on.

    `position` in ms of the tape (its lead included): no further than libVLC counts, nor than time allows.
    `sounding` while the output takes the audio; it is known about 300 ms after the start. `ended` once the tape ran
    out, about 70 ms after its last sample. `lost` in ms of audio that the output is known to have thrown away while
    the rest was heard. `fault` is empty, or a sentence that says why nothing is heard any more.

    `level` is what is sent now, in dB of full scale (None when unknown). `feed` is empty, or a sentence that says
    what is wrong with the source that should be heard now. `proof` is what a capture of the output showed so far.
    """

    position: int
    sounding: bool
    ended: bool
    lost: int = 0
    fault: str = ""
    level: float | None = None
    feed: str = ""
    proof: Proof = UNVERIFIED


class Clock(Protocol):
    """Where `Now` comes from."""

    def now(self) -> Now:
        """Read both clocks."""


class Player(Protocol):
    """One output, carrying one tape at a time."""

    @property
    def simulated(self) -> bool:
        """Whether nothing is truly heard: there is no sound device."""

    @property
    def device(self) -> str:
        """The device, as a person names it in the middle of a sentence."""

    def load(self, tape: Tape, offset: int) -> None:
        """Look for the device, verify the tape and make it ready, so that `play` is exact.

        `offset` in ms of the tape, as `Heard.position` counts: what was heard of a tape resumes it, faded in. It
        returns at once; what then proves wrong is a `fault` of `heard`.
        """

    def play(self, at: int) -> None:
        """Start what was loaded: its first sample leaves the device at mono ms `at`, or now if that is past."""

    def stop(self) -> None:
        """Fall silent within 100 ms, faded where the device can, and let go of the tape; harmless when idle."""

    def heard(self) -> Heard:
        """What has been heard of the loaded tape, as far as is known; it never waits."""

    def missing(self) -> str:
        """Look for the device: why it cannot be used now, as a sentence, or nothing. It may take a second."""

    def close(self) -> None:
        """Let go of the output."""


class Amplifiers(Protocol):
    """The amplifiers' relay switches, by zone."""

    @property
    def simulated(self) -> bool:
        """Whether no real pin is driven."""

    @property
    def faults(self) -> Mapping[str, str]:
        """The zones that cannot be switched now, each with a Vietnamese sentence that says why."""

    def switch(self, zone: str, on: bool) -> None:  # noqa: FBT001 - a switch is on or off
        """Switch one zone's amplifier; off never fails for a zone that could not be opened."""

    def close(self) -> None:
        """Switch all off and leave the lines driven off."""
