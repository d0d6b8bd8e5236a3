"""The Raspberry Pi's header drawn: what each pin is used for, and what speaks against a relay on it."""

from collections.abc import Mapping

from attrs import frozen

from station.rules.header import HEADER, RELAYS, drawback


@frozen
class Place:
    """A pin: its number in the header, its GPIO if it is one, and what is said of it."""

    number: int
    name: str
    gpio: int | None = None
    use: str = ""
    against: str = ""
    advised: bool = False


def draw_header(uses: Mapping[int, str], *, active_high: bool = True) -> tuple[Place, ...]:
    """All 40 from pin 1 on, with the `uses` of GPIO in words, for a relay that goes on by that level."""
    return tuple(
        Place(
            number,
            f"GPIO{it}",
            it,
            uses.get(it, ""),
            drawback(it, active_high=active_high),
            advised=it in RELAYS,
        )
        if isinstance(it, int)
        else Place(number, it)
        for number, it in enumerate(HEADER, 1)
    )
