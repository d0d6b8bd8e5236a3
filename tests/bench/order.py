"""`python -m tests.bench.order`: from a province's order to the first sample of a commune, with text to speech.

All is real: `station province alert send`, nginx and mosquitto by TLS, and a station whose sound is recorded. The
order is the moment at which the command says that the alert is in force.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from tests.alerts.world import FLOOD, World, world
from tests.bench.studio import record_until, say
from tests.rig.recorder import Recorder
from tests.rig.server import SoundServer
from tests.rig.waiting import wait_until, wall_ms

WARM_UP = 1_000  # ms of each zone, one after the other
STAGGER = 200  # ms
_WITHIN = 15_000  # ms, on the busiest machine


def main() -> None:
    """Give orders, and print a table."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.order", description=__doc__)
    asked.add_argument("--times", type=int, default=10)
    times = asked.parse_args().times
    with (
        tempfile.TemporaryDirectory() as folder,
        SoundServer(Path(folder)) as server,
        patch.dict(os.environ, server.environment),
        Recorder(server) as recorder,
        world(Path(folder) / "world", device="default") as its,
    ):
        its.start()
        _order(its, recorder)  # what is read for the first time
        figures = []
        for number in range(times):
            say(f"{number + 1} …")
            figures.append(_order(its, recorder))
    print("| | median | worst |\n| --- | ---: | ---: |")
    for title, values in zip(_TITLES, zip(*figures, strict=True), strict=True):
        print(f"| {title} | {statistics.median(values):,.0f} | {max(values):,.0f} |")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"| largest process of all that were started and ended, MiB | {peak:.0f} | |")


_TITLES = (
    "command begun to alert in force, ms",
    "alert in force to first sample, ms",
    "the same beyond the warm-up, ms",
)


def _order(its: World, recorder: Recorder) -> tuple[float, float, float]:
    """From the command to the order, from that to the first sample, and beyond the warm-up, in ms; then silence."""
    env = {**os.environ, "STATION_PROVINCE_PASSPHRASE": "mot hai ba bon nam"}
    command = [
        sys.executable,
        "-m",
        "station",
        "province",
        "--at",
        its.work,
        "alert",
        "send",
        "--to",
        "tinh",
        *FLOOD,
    ]
    begun = wall_ms()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, bufsize=1) as child:
        assert child.stdout
        alert = child.stdout.readline().partition(":")[0]
        ordered = wall_ms()
        child.stdout.read()
    heard = record_until(recorder, ordered + _WITHIN).between(begun, wall_ms())
    sounded = heard.first_sound() - ordered
    its.does("alert", "cancel", alert)
    wait_until(lambda: _over(its), 60, every=0.5)
    record_until(recorder, wall_ms() + 4_000)  # amplifiers are off and rested
    return ordered - begun, sounded, sounded - WARM_UP - STAGGER


def _over(its: World) -> bool:
    """Whether the all-clear is over too."""
    *_, (_, last) = its.station.results()
    return its.station.status()["on_air"] is None and last == "aired"


if __name__ == "__main__":
    main()
