"""What levelling made of a recipe."""

from attrs import field, frozen

from station.rules.findings import Finding
from station.rules.recipe import Recipe


@frozen
class Levelled:
    """A levelled file: `length` in ms, rounded up; `loudness` in LUFS; `peak` in dBTP.

    `recipe` is what of the originals is heard, its ends and its silences known; `bars` its waveform, 0 to 255 each.
    """

    length: int
    loudness: float
    peak: float
    recipe: Recipe
    findings: tuple[Finding, ...] = ()
    bars: bytes = field(default=b"", repr=False)
