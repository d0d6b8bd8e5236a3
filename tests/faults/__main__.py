"""`python -m tests.faults [--faults 200] [--seed 1]`: breaks a station on air at random instants, and judges it."""

import argparse
import datetime as dt
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from attrs import define, field

from tests.faults.faults import FAULTS, Fault, World
from tests.faults.judge import Switching, judge
from tests.faults.supervisor import Supervisor
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import SoundServer
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import RunningStation

LENGTH = 30_000  # ms of each broadcast
EACH = 4  # faults a broadcast
EVERY = 6_500  # ms from one fault to the next, in which the station must have come back
SETTLED = 20_000  # ms after its end at which a broadcast's record is closed


@define
class Campaign:
    """One station, one sound server, and what was found."""

    folder: Path
    chance: random.Random
    done: Counter[str] = field(factory=Counter)
    results: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)

    def run(self, faults: int) -> None:
        """Break it so often."""
        with SoundServer(self.folder) as server:
            os.environ.update(server.environment)
            station = RunningStation(self.folder, device="pulse:rig")
            clip = write_tape(self.folder / "clip.wav", noise(LENGTH), silence=0)
            station.command("add", clip.path, "--title", "clip", "--approve")
            with Supervisor(station.home, self.folder / "player.log") as player:
                world = World(station.home, player, server, self.chance)
                while self.done.total() < faults:
                    self._broadcast(world, station)

    def _broadcast(self, world: World, station: RunningStation) -> None:
        late = self.chance.choice(["join", "skip"])
        name = f"loi-{self.done.total()}"
        start = station.schedule(name, 10, 'play = "clip"', f'late = "{late}"')
        tape = self._tape(world.home, name)
        ears = Ears(world.server)
        told = []
        for number in range(EACH):
            fault = self.chance.choice(FAULTS)
            instant = start + number * EVERY + self.chance.uniform(-2_000, EVERY - 3_000)
            ears.listen_until(instant)
            told.append(f"{fault.__name__} {instant - start:.0f}")
            self._break(fault, world, ears)
            self.done[fault.__name__] += 1
        ears.listen_until(start + LENGTH + 2_000)
        wait_until(lambda: _closed(world.home, name), SETTLED / 1e3, every=0.2)
        ears.close()
        record = _record(world.home, name)
        self.results[f"{late}: {record['result'] if record else 'none'}"] += 1
        found = list(judge(record, ears.recordings, tape, start - 500, _switchings(station, world)))
        self.wrong += [f"{name} ({late}; {', '.join(told)}): {it}" for it in found]
        _say(f"{self.done.total()} faults, {name}: {record and record['result']} {found or ''}")

    def _break(self, fault: Fault, world: World, ears: "Ears") -> None:
        ears.close()
        fault(world)
        ears.open()

    def _tape(self, home: Path, name: str) -> np.ndarray:
        """The tape as it was rendered, before anything happens to it."""
        wait_until(lambda: list((home / "tapes").glob(f"{name}*.json")), 9)
        (path,) = (home / "tapes").glob(f"{name}*.wav")
        kept = shutil.copy(path, self.folder / "expected.wav")
        return np.fromfile(kept, dtype="<i2", offset=44)


class Ears:
    """Records what is heard between faults; one recording for each time that the sink was there."""

    def __init__(self, server: SoundServer) -> None:
        self._server = server
        self._recorder: Recorder | None = None
        self.recordings: list[Recording] = []
        self.open()

    def open(self) -> None:
        self._recorder = Recorder(self._server)
        self._recorder.__enter__()

    def close(self) -> None:
        if self._recorder:
            self._recorder.__exit__()
            self.recordings.append(self._recorder.recording)
            self._recorder = None

    def listen_until(self, instant: float) -> None:
        wait_until_wall(instant)


def _closed(home: Path, name: str) -> bool:
    record = _record(home, name)
    return record is not None and record["result"] is not None


def _record(home: Path, name: str) -> dict[str, str] | None:
    with sqlite3.connect(home / "station.db") as database:
        database.row_factory = sqlite3.Row
        row = database.execute("SELECT * FROM as_run WHERE schedule = ?", (name,)).fetchone()
    return dict(row) if row else None


def _switchings(station: RunningStation, world: World) -> list[Switching]:
    told = [Switching(at, zone, on) for at, zone, on in station.switchings()]
    return [*told, *(Switching(at, "", on=False) for at in world.player.switched_off)]


def _say(sentence: str) -> None:
    print(f"{dt.datetime.fromtimestamp(wall_ms() / 1e3, dt.UTC):%H:%M:%S} {sentence}", file=sys.stderr, flush=True)


def main() -> None:
    """Run the campaign, print what was done and found, and fail if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), random.Random(asked.seed))
        campaign.run(asked.faults)
    print("| what was done | times |\n| --- | ---: |")
    for name, times in sorted(campaign.done.items()):
        print(f"| {name.replace('_', ' ')} | {times} |")
    print("\n| late rule: result | broadcasts |\n| --- | ---: |")
    for name, times in sorted(campaign.results.items()):
        print(f"| {name} | {times} |")
    print("\nNothing went wrong." if not campaign.wrong else "\nWrong:\n- " + "\n- ".join(campaign.wrong))
    sys.exit(1 if campaign.wrong else 0)


if __name__ == "__main__":
    main()
