"""Amplifiers against the sound: when each had power, and whether that was right."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from attrs import frozen

from tests.rig.recording import Recording

Switching = tuple[float, str, bool]  # wall ms, zone, on

_LOG = 20  # ms by which the log's own clock may differ from the recording's
_PAUSE = 200  # ms of silence between two sounds
_TAIL = 1_500  # ms: a tape's own silence at its end, until that is noticed on a busy machine


@frozen
class On:
    """A zone's amplifier had power from `since` to `until` (wall ms)."""

    zone: str
    since: float
    until: float


def powered(switchings: Collection[Switching], end: float) -> list[On]:
    """When which amplifier was on; what is still on at `end` (wall ms) is so until then."""
    found = []
    for zone in sorted({zone for _, zone, _ in switchings}):
        own = sorted((at, on) for at, named, on in switchings if named == zone)
        found += [On(zone, at, until) for (at, on), (until, _) in pairwise([*own, (end, False)]) if on]
    return found


def wrong(
    recording: Recording, switchings: Collection[Switching], *, warm_up: float = 1_000, linger: float = 1_000
) -> Iterator[str]:
    """Every sound without a warm amplifier, and every amplifier that was on for longer than its linger."""
    ons = powered(switchings, recording.end)
    for sound in recording.intervals(_PAUSE):
        if not any(it.since <= sound.start - warm_up + _LOG and it.until >= sound.end - _LOG for it in ons):
            yield f"sound from {sound.start:.0f} to {sound.end:.0f} without an amplifier that was warm all the time"
    for on in ons:
        heard = recording.between(on.since, on.until).intervals(_PAUSE)
        quiet = on.until - (heard[-1].end if heard else on.since)
        if quiet > linger + _TAIL:
            yield f"{on.zone} stayed on for {quiet:.0f} ms of silence"
