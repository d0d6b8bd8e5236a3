"""From the order of an emergency to its first sample.

The warm-up of amplifiers is in it: 1,000 ms, of the second zone from 200 ms on.
"""

import statistics

from tests.bench.contenders import Contender, Maker
from tests.bench.studio import Figure, Studio, record_until
from tests.rig.recorder import Recorder
from tests.rig.waiting import wall_ms

_TIMES = 5
_AFTER = 4_000  # ms that amplifiers need to be off and rested
_WITHIN = 3_000  # ms


def emergencies(studio: Studio, make: Maker) -> list[Figure]:
    """By a recording and by a text, from silence."""
    with studio.enter(make) as contender, Recorder(studio.server) as recorder:
        return [
            figure
            for by, spoken in (("a recording", False), ("a text", True))
            for figure in _figures(by, [_order(contender, recorder, spoken=spoken) for _ in range(_TIMES)])
        ]


def _figures(by: str, lasted: list[float]) -> list[Figure]:
    return [
        Figure(f"emergency by {by} to first sample, median of {_TIMES}, ms", statistics.median(lasted), ".0f"),
        Figure(f"emergency by {by}, worst, ms", max(lasted), ".0f"),
    ]


def _order(contender: Contender, recorder: Recorder, *, spoken: bool) -> float:
    ordered = wall_ms()
    contender.order_emergency(spoken=spoken)
    heard = record_until(recorder, ordered + _WITHIN).between(ordered, wall_ms())
    contender.order_stop()
    record_until(recorder, wall_ms() + _AFTER)
    return heard.first_sound() - ordered
