"""`python -m tests.bench.snapcast`: how far apart two Snapcast clients sound, and two stations by the clock."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt

from station.control.client import ask
from station.control.messages import Stop
from tests.bench.studio import Figure, record_until, say
from tests.bench.table import Column, table
from tests.bench.together import ready, recorded
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording, Samples
from tests.rig.server import SINK, TRUTHFUL, SoundServer
from tests.rig.snapcast import OTHER, OTHER_SINK, Snapcast
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

_MINUTE = 60_000  # ms
_LEAD = 60  # s until a tape is rendered
_WINDOW = 1_000  # ms that are compared
_FURTHEST = 400  # ms apart that they are looked for
_ALIKE = 0.5  # correlation from which on the same is heard in both
_STOP_AFTER = 4_000  # ms of a short programme
_AIM = 5  # ms


def main() -> None:
    """Measure both, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.snapcast", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="of the programme (5)")
    parser.add_argument("--starts", type=int, default=20, help="programmes whose start and stop are timed (20)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        columns = [_snapcast(Path(folder, "one"), asked.minutes, asked.starts)]
        say("Now two stations by the clock alone.")
        columns.append(_by_clock(Path(folder, "two"), asked.minutes))
    print(table(columns))


def _snapcast(folder: Path, minutes: float, starts: int) -> Column:
    folder.mkdir()
    clip = write_tape(folder / "clip.wav", _soft(round(minutes * _MINUTE)), silence=0).path
    short = write_tape(folder / "short.wav", noise(2 * _STOP_AFTER, 2), silence=0).path
    with SoundServer(folder, TRUTHFUL, OTHER_SINK) as sound, ExitStack() as held:
        os.environ.update(sound.environment)
        snapcast = held.enter_context(Snapcast(folder / "snapcast", sound))
        for sink in (SINK, OTHER):
            snapcast.join(sink)
        station = held.enter_context(RunningStation(folder, device=snapcast.device))
        for file, title in ((clip, "clip"), (short, "short")):
            assert station.command("add", file, "--title", title, "--approve").returncode == 0
        station.start()
        say("One station and two clients are ready.")
        begins, stops = _begun_and_stopped(station, sound, starts)
        start = station.schedule("together", _LEAD, 'play = "clip"')
        wait_until(lambda: ready(station), _LEAD)
        recorders = [held.enter_context(Recorder(sound, sink=sink)) for sink in (SINK, OTHER)]
        first, second = (record_until(it, start + minutes * _MINUTE) for it in recorders)
    figures = [
        *_figures(first, second, start, minutes),
        *_spread("start error of both", np.abs(begins)),
        *_spread("stop to silence of both", np.array(stops)),
    ]
    return Column("two Snapcast clients", {it.title: it for it in figures})


def _soft(length: int) -> Samples:
    """Noise without high sounds: it stays like itself when a client leaves out or doubles single samples."""
    smoothed = np.convolve(noise(length), np.hanning(PER_MS), "same")
    return np.round(smoothed * (8_000 / np.abs(smoothed).max())).astype(np.int16)


def _begun_and_stopped(station: RunningStation, sound: SoundServer, starts: int) -> tuple[list[float], list[float]]:
    """By how many ms both clients were off the instant, and how long each then still sounded after a stop."""
    begins, stops = [], []
    for number in range(starts):
        start = station.schedule(f"short-{number}", 8, 'play = "short"')
        with Recorder(sound) as one, Recorder(sound, sink=OTHER) as other:
            wait_until(lambda at=start: wall_ms() > at + _STOP_AFTER, _LEAD)
            ordered_at = wall_ms()
            ask(station.home / "run" / "station.sock", Stop("bench"))
            for recorder in (one, other):
                heard = record_until(recorder, ordered_at + 2_000).between(start - 1_000, ordered_at + 2_000)
                begins.append(heard.first_sound() - start)
                stops.append(heard.intervals()[-1].end - ordered_at)
        say(f"   start {begins[-1]:.1f} ms, stop {stops[-1]:.0f} ms")
    return begins, stops


def _by_clock(folder: Path, minutes: float) -> Column:
    folder.mkdir()
    figures = _figures(*recorded(folder, minutes), minutes)
    return Column("two stations by clock", {it.title: it for it in figures})


def _figures(first: Recording, second: Recording, start: float, minutes: float) -> list[Figure]:
    found = [*_apart(first, second, start, minutes)]
    apart = np.abs([offset for offset in found if offset is not None])
    return [
        *_spread("apart, seconds of the programme", apart),
        Figure(f"within {_AIM} ms, % of these", 100 * float(np.mean(apart <= _AIM))),
        Figure("seconds not heard alike", found.count(None), ".0f"),
    ]


def _spread(title: str, values: "npt.NDArray[np.float64]") -> list[Figure]:
    return [
        Figure(f"{title}, {words}, ms", float(np.percentile(values, percent)), ".2f")
        for percent, words in ((50, "median"), (99, "99th percentile"), (100, "worst"))
    ]


def _apart(first: Recording, second: Recording, start: float, minutes: float) -> Iterator[float | None]:
    """By how many ms the second is behind the first in each second; None where they do not sound alike."""
    for at in np.arange(_WINDOW, minutes * _MINUTE - 2 * _WINDOW, _WINDOW):
        window = first.between(start + at, start + at + _WINDOW)
        found = second.between(window.start - _FURTHEST, window.end + _FURTHEST).find(window.samples)
        same = second.between(found.start, found.start + _WINDOW).samples[: len(window.samples)]
        mine = window.samples[: len(same)]
        alike = float(np.corrcoef(mine, same)[0, 1]) if mine.std() and same.std() else 0.0
        yield found.start - window.start if alike >= _ALIKE else None


if __name__ == "__main__":
    main()
