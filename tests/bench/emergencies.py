"""From the order of an emergency to its first sample, the warm-up of amplifiers included."""

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
            Figure(
                title, statistics.median(_order(contender, recorder, spoken=spoken) for _ in range(_TIMES)), ".0f"
            )
            for title, spoken in (
                ("emergency by a recording to first sample, warm-up 1,000 ms included, ms", False),
                ("emergency by a text to first sample, warm-up 1,000 ms included, ms", True),
            )
        ]


def _order(contender: Contender, recorder: Recorder, *, spoken: bool) -> float:
    ordered = wall_ms()
    contender.order_emergency(spoken=spoken)
    heard = record_until(recorder, ordered + _WITHIN).between(ordered, wall_ms())
    contender.order_stop()
    record_until(recorder, wall_ms() + _AFTER)
    return heard.first_sound() - ordered
