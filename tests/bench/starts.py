"""From the scheduled instant to the first audible sample."""

import statistics

import numpy as np

from tests.bench.contenders import Maker
from tests.bench.studio import SHORT, Figure, Studio, record_until, say
from tests.rig.recorder import Recorder

_BATCH = 10  # starts on one sound server


def starts(studio: Studio, make: Maker) -> list[Figure]:
    """Starts in batches, each with a sound server of its own.

    A null sink renders every 5 ms; where a whole second falls in that is chance, and lasts as long as the server.
    """
    errors: list[float] = []
    while rest := studio.asked.starts - len(errors):
        studio.server.stop()
        studio.server.start()
        errors += _batch(studio, make, min(rest, _BATCH))
    return _told(errors)


def _batch(studio: Studio, make: Maker, count: int) -> list[float]:
    with studio.enter(make) as contender, Recorder(studio.server) as recorder:
        instants = contender.arrange(count)
        heard = record_until(recorder, instants[-1] + 2 * SHORT)
    errors = [heard.between(due - 500, due + SHORT).first_sound() - due for due in instants]
    say(f"   {' '.join(f'{it:.1f}' for it in errors)}")
    return errors


def _told(errors: list[float]) -> list[Figure]:
    sizes = [abs(it) for it in errors]
    return [
        Figure(f"start error, median of {len(errors)}, ms", statistics.median(sizes)),
        Figure("start error, 99th percentile, ms", float(np.percentile(sizes, 99))),
        Figure("start error, worst, ms", max(sizes)),
        Figure("start error, mean with its sign, ms", statistics.mean(errors)),
    ]
