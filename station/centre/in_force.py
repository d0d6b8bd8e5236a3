"""The alerts in force, as the province's own folder has them: its tree is its own, so no signature is asked for."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from station.centre.province_files import Province
from station.rules.alerting.alert import Alert, Status
from station.rules.alerting.cap import read_cap
from station.rules.alerting.ways import INDEX, Listed, read_index
from station.rules.offer import EVERYONE, area_group, commune_group
from station.rules.overview import InForce
from station.rules.title import clean
from station.rules.trouble import Refused


def read_in_force(tree: Path, province: Province, now: int) -> tuple[InForce, ...]:
    """The alerts of the tree in the folder `tree` that are in force at wall ms `now`, the newest first.

    What cannot be read is left out: whoever publishes is told there.
    """
    found = ((listed, _read(tree, listed)) for listed in _listed(tree) if listed.until > now)
    kept = (_in_force(listed, alert, province) for listed, alert in found if alert)
    return tuple(sorted(kept, key=lambda it: it.sent, reverse=True))


def _listed(tree: Path) -> tuple[Listed, ...]:
    try:
        return read_index((tree / INDEX).read_bytes())
    except (OSError, ValueError):
        return ()


def _read(tree: Path, listed: Listed) -> Alert | None:
    try:
        envelope = json.loads((tree / listed.path).read_bytes())
        return read_cap(b64decode(envelope["payload"]))
    except (OSError, ValueError, KeyError, TypeError, Refused):
        return None


def _in_force(listed: Listed, alert: Alert, province: Province) -> InForce:
    return InForce(
        id=alert.id,
        title=clean(alert.headline or alert.event),
        sent=alert.sent,
        until=listed.until,
        silent=alert.status is Status.TEST,
        codes=frozenset(code for group in listed.groups for code in _communes(group, province)),
    )


def _communes(group: str, province: Province) -> Iterator[str]:
    areas = {area_group(area): province.of_area(area) for area in province.areas}
    if group == EVERYONE:
        yield from province.communes
    elif group in areas:
        yield from areas[group]
    else:
        yield from (code for code in province.communes if commune_group(code) == group)
