"""`python -m tests.bench.loaded`: what precedence is worth when others want the processor too.

It times starts with busy processes beside the station, once as its unit lets it (station/air/precedence.py) and
once without. What stands in for sound card and microphone comes before both, as hardware does: root may do that.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.contenders import Ground
from tests.bench.own import OwnStation
from tests.bench.studio import SHORT, Asked, Studio, make_clips, record_until, say
from tests.rig.recorder import Recorder
from tests.rig.server import SoundServer

_HARDWARE = 40  # above whatever the station takes
_BATCH = 10  # starts on one sound server
_LATE = 15  # ms
_ORDINARY = ("chrt", "--other", "0")
_WITHOUT = ("prlimit", "--rtprio=0", "setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "--")


class Preceding(OwnStation):
    """The station as its unit starts it."""

    name = "with precedence"
    lead = 45  # tapes are rendered behind all other work
    before: tuple[str, ...] = _ORDINARY

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._station.before = self.before


class Ordinary(Preceding):
    """The station where nobody lets it."""

    name = "without"
    before = (*_ORDINARY, *_WITHOUT)


def main() -> None:
    """Measure both and print the rows of a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.loaded", description=__doc__)
    parser.add_argument("--batches", type=int, default=4, help="how many times ten starts of each are timed (4)")
    parser.add_argument("--load", type=int, default=8, help="how many processes only compute meanwhile (8)")
    asked = parser.parse_args()
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_HARDWARE))
    with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder)) as server:
        os.environ.update(server.environment)
        studio = Studio(server, Path(folder), make_clips(Path(folder)), Asked(_BATCH, 0, 0))
        heard: dict[type[Preceding], list[tuple[float, float] | None]] = {Preceding: [], Ordinary: []}
        for _ in range(asked.batches):  # in turn, so that whatever else the machine does is shared
            for make, all_of_it in heard.items():
                server.stop()
                server.start()
                _as_hardware(server.pid)
                all_of_it.extend(_batch(studio, make, asked.load))
    for make, all_of_it in heard.items():
        print(make.name, _told(all_of_it))


def _told(heard: list[tuple[float, float] | None]) -> str:
    errors = [abs(it[0]) for it in heard if it]
    if not errors:
        return f"none of {len(heard)} was heard"
    silences = [it[1] for it in heard if it]
    late = sum(it > _LATE for it in errors)
    return (
        f"start error: median {statistics.median(errors):.1f}, worst {max(errors):.1f} ms, "
        f"more than {_LATE} ms: {late} of {len(heard)}, not heard: {len(heard) - len(errors)}; "
        f"silence within a clip: median {statistics.median(silences):.1f}, worst {max(silences):.1f} ms"
    )


def _as_hardware(server: int) -> None:
    """Let every thread of the sound server come before whatever the station takes: it resets what it inherits."""
    for thread in Path(f"/proc/{server}/task").iterdir():
        os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(_HARDWARE))


def _batch(studio: Studio, make: type[Preceding], load: int) -> list[tuple[float, float] | None]:
    """Of each start how late it was heard, and the longest silence in its clip; None if it was not heard."""
    with studio.enter(make) as contender, Recorder(studio.server) as recorder, _busy(load):
        instants = contender.arrange(_BATCH)
        heard = record_until(recorder, instants[-1] + 3 * SHORT)
    clips = [(due, heard.between(due - 500, due + 3 * SHORT)) for due in instants]
    measured = [
        (clip.first_sound() - due, clip.longest_silence()) if clip.intervals() else None for due, clip in clips
    ]
    say("   " + " ".join(f"{it[0]:.1f}/{it[1]:.0f}" if it else "not heard" for it in measured))
    return measured


@contextmanager
def _busy(count: int) -> Iterator[None]:
    """So many processes that only compute, as any program may."""
    command = [*_ORDINARY, sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
