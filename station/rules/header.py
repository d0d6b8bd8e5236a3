"""The Raspberry Pi's 40-pin header: where each GPIO is, what it does at power on, and which suit a relay.

GPIO go by their Broadcom numbers. Sources are in docs/wiring.md: BCM2835 ARM Peripherals, page 102, for the pulls;
the add-on board design guide for 0 and 1.
"""

from collections.abc import Collection, Iterator

# Pin 1 first, then 2 beside it, and so on down the header.
HEADER: tuple[str | int, ...] = (
    *("3,3 V", "5 V", 2, "5 V", 3, "GND", 4, 14, "GND", 15, 17, 18, 27, "GND", 22, 23, "3,3 V", 24, 10, "GND"),
    *(9, 25, 11, 8, "GND", 7, 0, 1, 5, "GND", 6, 12, 13, "GND", 19, 16, 26, 20, "GND", 21),
)
HIGH_AT_BOOT = range(9)
SPARED = {0: "mã bo mạch", 1: "mã bo mạch", 2: "I²C", 3: "I²C, bật máy", 14: "UART phát", 15: "UART thu"}
I2S = range(18, 22)  # a sound card on the header takes them
RELAYS = (17, 27, 16, 26, 12, 13, 10, 9)  # low at power on, and with no other duty; the plainest first
_MORE_RELAYS = (22, 23, 24, 25, 11)  # as good, where lamp, buttons and feedback leave them free


def pin(gpio: int) -> int:
    """Its number in the header, from 1."""
    return HEADER.index(gpio) + 1


def drawback(gpio: int, *, active_high: bool) -> str:
    """Why a relay that goes on by that level should not hang there; empty when nothing speaks against it."""
    if gpio in SPARED:
        return SPARED[gpio]
    if active_high and gpio in HIGH_AT_BOOT:
        return "mức cao lúc có điện"
    return ""


def free_for_relays(taken: Collection[int]) -> Iterator[int]:
    """Those to give to relays, the best first, without what is `taken`."""
    return (gpio for gpio in (*RELAYS, *_MORE_RELAYS) if gpio not in taken)
