"""`python -m tests.bench [--starts 20]`: measures all contenders and prints one Markdown table."""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import frozen

from tests.bench.contenders import Clips, Contender, Maker, installed, mpg123, mpv
from tests.bench.liquidsoap import Liquidsoap
from tests.bench.own import OwnStation
from tests.bench.weight import Weight, weigh
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import SoundServer
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

SHORT, LONG = 1_500, 20_000  # ms
SETTLED = 2_000.0  # ms after the start of a clip at which the playing player is weighed
PEERS: tuple[tuple[str, Maker], ...] = (("mpv", mpv), ("mpg123", mpg123), ("liquidsoap", Liquidsoap))


@frozen
class Measured:
    """One contender's figures: start errors and the gap in ms."""

    name: str
    errors: tuple[float, ...]
    gap: float
    idle: Weight
    playing: Weight


def main() -> None:
    """Measure one after the other, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--starts", type=int, default=20, help="how many starts are timed (20)")
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder)) as server:
        os.environ.update(server.environment)
        clips = _make_clips(Path(folder))
        makers: list[Maker] = [OwnStation]
        for command, maker in PEERS:
            if installed(command):
                makers.append(maker)
            else:
                _say(f"{command} is not installed and is left out.")
        measured = [_measure(server, maker(clips, Path(folder)), starts) for maker in makers]
    print(_table(measured, starts))


def _make_clips(folder: Path) -> Clips:
    lengths = {"short": SHORT, "other": SHORT, "long": LONG}
    for seed, (name, length) in enumerate(lengths.items()):
        write_tape(folder / f"{name}.wav", noise(length, seed), silence=0)
    return Clips(*(folder / f"{name}.wav" for name in lengths))


def _measure(server: SoundServer, contender: Contender, starts: int) -> Measured:
    with contender:
        _say(f"{contender.name}: idle …")
        idle = weigh(contender.processes())
        _say(f"{contender.name}: {starts} starts …")
        errors = _start_errors(server, contender, starts)
        _say(f"{contender.name}: two clips …")
        gap = _gap(server, contender)
        _say(f"{contender.name}: playing …")
        wait_until_wall(contender.play_long() + SETTLED)
        playing = weigh(contender.processes())
    return Measured(contender.name, errors, gap, idle, playing)


def _start_errors(server: SoundServer, contender: Contender, starts: int) -> tuple[float, ...]:
    with Recorder(server) as recorder:
        instants = contender.arrange(starts)
        heard = _record_until(recorder, instants[-1] + 2 * SHORT)
    return tuple(heard.between(due - 500, due + 2 * SHORT).first_sound() - due for due in instants)


def _gap(server: SoundServer, contender: Contender) -> float:
    with Recorder(server) as recorder:
        due = contender.play_pair()
        heard = _record_until(recorder, due + 4 * SHORT)
    return heard.between(due - 500, heard.end).longest_silence()


def _record_until(recorder: Recorder, instant: float) -> Recording:
    wait_until(lambda: recorder.heard_until(instant), timeout=(instant - wall_ms()) / 1e3 + 10, every=0.1)
    return recorder.recording


def _table(measured: list[Measured], starts: int) -> str:
    """One row a figure, one column a contender; a peer's figure is followed by its ratio to the station's."""
    rows: tuple[tuple[str, Callable[[Measured], float], str], ...] = (
        (f"start error, median of {starts}, ms", lambda it: statistics.median(map(abs, it.errors)), ".1f"),
        ("start error, worst, ms", lambda it: max(map(abs, it.errors)), ".1f"),
        ("start error, spread (standard deviation), ms", lambda it: float(np.std(it.errors)), ".1f"),
        ("gap between two clips, ms", lambda it: it.gap, ".1f"),
        ("memory, idle, MB", lambda it: it.idle.memory, ".0f"),
        ("memory, playing, MB", lambda it: it.playing.memory, ".0f"),
        ("processor, idle, % of a core", lambda it: it.idle.processor, ".1f"),
        ("processor, playing, % of a core", lambda it: it.playing.processor, ".1f"),
    )
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}",
        "",
        f"| | {' | '.join(it.name for it in measured)} |",
        f"| --- |{' ---: |' * len(measured)}",
    ]
    for title, figure, form in rows:
        own = figure(measured[0])
        cells = [f"{own:{form}}", *(_cell(figure(it), own, form) for it in measured[1:])]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float, own: float, form: str) -> str:
    shown = f"{value:{form}}"
    return f"{shown} (×{value / own:.2g})" if own >= 0.05 else shown


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
