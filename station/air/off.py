"""Every amplifier off, for when the player cannot do it any more: `python -m station.air.off`, as the unit runs it.

It needs no database and no page and, if a player has run since the machine started, not even a right configuration:
that player noted beside its socket which lines it drives. Other lines may stand in `station.toml` by now.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.durable import write_whole
from station.stores.places import Places, places

if TYPE_CHECKING:
    from station.stores.config import ZoneConfig

_NOTE = "amplifiers.json"


def note_lines(run: Path, zones: Iterable[ZonePin]) -> None:
    """Note the lines that the player drives from now on; with no note, the configuration is what is known."""
    (run / _NOTE).unlink(missing_ok=True)
    with suppress(OSError):
        write_whole(run / _NOTE, json.dumps([attrs.asdict(zone) for zone in zones]).encode())


def switch_off(where: Places) -> tuple[str, ...]:
    """Switch every amplifier off, each by itself, and leave its line so; gives a sentence for each that is not."""
    zones, wrong = _lines(where)
    amplifiers = GpioAmplifiers(zones)
    amplifiers.close()
    return (*wrong, *amplifiers.faults.values())


def _lines(where: Places) -> tuple[list[ZonePin], tuple[str, ...]]:
    try:
        return [ZonePin(**zone) for zone in json.loads((where.run / _NOTE).read_bytes())], ()
    except (OSError, ValueError, TypeError):
        from station.stores.config import LAST_GOOD, read_config  # noqa: PLC0415 - rarely needed, and heavy

        loaded = read_config(where.config, where.home / LAST_GOOD, must_exist=where.config_named)
        unknown = loaded.troubles if not loaded.config.zones else ()
        return own_lines(loaded.config.zones), tuple(map(str, unknown))


def own_lines(zones: "Mapping[str, ZoneConfig]") -> list[ZonePin]:
    """The lines of this machine: a satellite's are off when it hears nothing more."""
    return [zone_pin(name, zone) for name, zone in zones.items() if not zone.pi]


def zone_pin(name: str, zone: "ZoneConfig") -> ZonePin:
    """Where `station.toml` says that a zone's relay hangs."""
    return ZonePin(name, zone.pin, zone.active_high, zone.feedback, zone.feedback_high)


if __name__ == "__main__":
    sys.exit("\n".join(switch_off(places())) or 0)
