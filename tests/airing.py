"""Records of what aired, written as the player writes them."""

from typing import Any

from station.rules.now import MINUTE, SECOND
from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Clip, Feed, Part, Programme
from station.rules.schedule import Broadcast
from station.stores.asrun import AsRunLog
from station.stores.library import StoredSegment

HEARD = Proof(compared=60_000, match=0.98, level=-0.4, late=12.0)


def clip(segment: StoredSegment) -> Clip:
    """A segment as it comes into a tape."""
    assert segment.ready and segment.length
    return Clip(segment.id, segment.title, segment.ready, segment.length)


def rebroadcast(length: int) -> Feed:
    """Another station's stream, for so long."""
    return Feed("stream:vov1", "VOV1", length)


def air(  # noqa: PLR0913 - a record has that many sides
    log: AsRunLog,
    start: int,
    *parts: Part,
    result: str = "aired",
    reason: str = "",
    late: int = 0,
    sounded: int | None = None,
    proof: Proof = UNVERIFIED,
    **more: Any,
) -> str:
    """Air `parts`, planned for wall ms `start`, `late` ms late and for `sounded` ms; gives the broadcast's key."""
    programme = Programme(parts or (rebroadcast(10 * MINUTE),))
    usual = {"schedule": "ban-tin-sang", "title": "Bản tin sáng", "zones": ("bac", "dong")}
    broadcast = Broadcast(start=start, end=start + programme.length, programme=programme, **{**usual, **more})
    log.open(broadcast, start - 2 * SECOND)
    if result in {"missed", "failed"}:
        log.close(broadcast.key, result, None, reason)
        return broadcast.key
    log.note_start(broadcast.key, start + late)
    length = programme.length if sounded is None else sounded
    log.close(broadcast.key, result, start + late + length, reason, proof)
    return broadcast.key
