"""From the order to be silent to the last audible sample."""

import statistics

from tests.bench.contenders import Contender, Maker
from tests.bench.studio import Figure, Studio, record_until
from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until, wall_ms

_WITHIN = 3_000  # ms
_PLAYED = 1_000  # ms before the order


def stops(studio: Studio, make: Maker) -> list[Figure]:
    """Stop the long clip again and again."""
    with studio.enter(make) as contender, Recorder(studio.server) as recorder:
        lasted = [_stop(contender, recorder) for _ in range(studio.asked.stops)]
    return [
        Figure(f"stop to silence, median of {len(lasted)}, ms", statistics.median(lasted), ".0f"),
        Figure("stop to silence, worst, ms", max(lasted), ".0f"),
    ]


def _stop(contender: Contender, recorder: Recorder) -> float:
    begun = wall_ms()
    contender.play_long()
    wait_until(lambda: recorder.recording.between(begun, wall_ms()).intervals(), timeout=60, every=0.2)
    record_until(recorder, wall_ms() + _PLAYED)
    ordered = wall_ms()
    contender.order_stop()
    after = record_until(recorder, ordered + _WITHIN).between(ordered, ordered + _WITHIN).intervals()
    return after[-1].end - ordered if after else 0.0
