"""Two stations play the same tape into two sinks: how far apart they are, at the start and as time passes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.bench.studio import record_until, say
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import RATE, SINK, TRUTHFUL, SoundServer
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation

_OTHER = "other"
_OTHER_SINK = f"module-null-sink sink_name={_OTHER} rate={RATE} channels=2 format=s16le {TRUTHFUL}"
_MINUTE = 60_000  # ms
_LEAD = 60  # s: the long tape is rendered twice
_WINDOW = 1_000  # ms of sound that are compared
_FURTHEST = 1_000  # ms apart that they are looked for
_FIRST = 2_000  # ms into the programme at which they are first compared


def together(folder: Path, minutes: float) -> str:
    """Play so many minutes, and tell."""
    apart = list(_apart(*recorded(folder, minutes), minutes))
    offsets = [offset for _, offset in apart]
    drift = np.polyfit(*np.array(apart).T, 1)[0] if len(apart) > 1 else 0.0
    return "\n".join(
        [
            f"Two stations over {minutes:g} min: {offsets[0]:.2f} ms apart at the start,",
            f"{max(map(abs, offsets)):.2f} ms at worst, drift {drift:.3f} ms/min.",
            "",
            "| minute | apart, ms |",
            "| ---: | ---: |",
            *(f"| {minute:.0f} | {offset:.2f} |" for minute, offset in apart),
        ]
    )


def recorded(folder: Path, minutes: float) -> tuple[Recording, Recording, float]:
    """What both sinks played, and the start."""
    clip = write_tape(folder / "clip.wav", noise(round(minutes * _MINUTE)), silence=0).path
    with SoundServer(folder, TRUTHFUL, _OTHER_SINK) as server, ExitStack() as held:
        os.environ.update(server.environment)
        one, two = (held.enter_context(_station(folder, clip, sink)) for sink in (SINK, _OTHER))
        say("Two stations are ready.")
        start = one.schedule("together", _LEAD, 'play = "clip"')
        shutil.copy(one.schedules / "together.toml", two.schedules)
        wait_until(lambda: ready(one) and ready(two), _LEAD)
        recorders = [held.enter_context(Recorder(server, sink=sink)) for sink in (SINK, _OTHER)]
        first, second = (record_until(it, start + minutes * _MINUTE) for it in recorders)
        return first, second, start


def _station(folder: Path, clip: str, sink: str) -> RunningStation:
    station = RunningStation(folder / sink, CONFIG, f"pulse:{sink}")
    done = station.command("add", clip, "--title", "clip", "--approve")
    assert done.returncode == 0, done.stderr
    return station.start()


def ready(station: RunningStation) -> bool:
    return any(it["ready"] for it in station.status()["next"])


def _apart(first: Recording, second: Recording, start: float, minutes: float) -> Iterator[tuple[float, float]]:
    """By the minute of the programme, how many ms the second is behind the first."""
    for at in np.arange(_FIRST, minutes * _MINUTE - _WINDOW, _MINUTE):
        window = first.between(start + at, start + at + _WINDOW)
        around = second.between(window.start - _FURTHEST, window.end + _FURTHEST)
        yield at // _MINUTE, around.find(window.samples).start - window.start
