"""The campaign: one station on air, broken again and again at random instants, broadcast after broadcast."""

import datetime as dt
import os
import random
import sqlite3
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define, field

from tests.faults.ears import Ears
from tests.faults.faults import FAULTS, STREAM_FAULTS, Fault, World
from tests.faults.judge import STREAM, Story, Stroke, judge, quiet_power, resumptions
from tests.faults.supervisor import Supervisor
from tests.rig.amplifiers import Switching
from tests.rig.icecast import Icecast
from tests.rig.recording import Samples
from tests.rig.server import SoundServer
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

LENGTH = 28_000  # ms of each broadcast
STROKES = 4  # each broadcast
AHEAD = 11  # s from writing a schedule to its start: the player looks at the files every 5 s
SETTLED = 25  # s after the last stroke by which the record is closed and all is off

_STREAMS = """\
[streams.ban]
title = "Đài bạn"
address = "{address}"
"""
_BEFORE, _AFTER = 4_000, 2_500  # ms around a broadcast in which its first and its last stroke may fall
_SELDOM, _SOMETIMES = 0.2, 0.35


@define
class Campaign:
    """What was done and what was found; `heard_again` in ms and `quiet` are the longest waits that were seen."""

    folder: Path
    chance: random.Random
    done: Counter[str] = field(factory=Counter)
    results: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)
    heard_again: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    quiet: float = 0.0
    broadcasts: int = 0
    _past: list[Stroke] = field(factory=list)

    def run(self, faults: int) -> None:
        """Break the station so often."""
        with SoundServer(self.folder) as server, Icecast(f"sine=frequency={STREAM}") as icecast:
            os.environ.update(server.environment)
            config = CONFIG + _STREAMS.format(address=icecast.address)
            station = RunningStation(self.folder, config, device="pulse:rig")
            station.add_noise(LENGTH)
            with Supervisor(station.home, self.folder / "player.log") as player:
                while self.done.total() < faults:
                    world = World(player, server, icecast, tape=Path())
                    self._broadcast(world, station)
            self.wrong += [f"amplifiers-off failed: {told}" for told in player.left_on]

    def _broadcast(self, world: World, station: RunningStation) -> None:
        name = f"loi-{self.broadcasts}"
        self.broadcasts += 1
        joins, rebroadcast = self.chance.random() < 2 / 3, self.chance.random() < 1 / 3
        item = 'rebroadcast = "ban"\nfor = "28s"\nfallback = "nen"' if rebroadcast else 'play = "nen"'
        start = station.schedule(name, AHEAD, item, 'late = "join"' if joins else "")
        with Ears(world.server) as ears:
            world, tape = _with_tape(world, station.home, name)
            strokes = self._strike(world, ears, start, FAULTS + STREAM_FAULTS * rebroadcast)
            wait_until_wall(start + LENGTH)
            with suppress(TimeoutError):  # the judge says what is not as it should be
                wait_until(lambda: _settled(station, world.player, name), SETTLED, every=0.2)
        story = Story(
            joins=joins,
            rebroadcast=rebroadcast,
            start=start,
            end=start + LENGTH,
            tape=tape,
            strokes=[*(it for it in self._past if it.until > start - 20_000), *strokes],
            recordings=ears.recordings,
            switchings=_switchings(station, world.player),
            records=_records(station.home, name),
            over=wall_ms(),
        )
        self._past = strokes
        left = [f"process {number} was left behind" for number in _children(self.folder)]
        self._tell(name, story, [*judge(story), *left])

    def _strike(self, world: World, ears: Ears, start: float, faults: tuple[Fault, ...]) -> list[Stroke]:
        """Break something at each of some random instants."""
        strokes = []
        for at in self._instants():
            chosen = self._chosen(faults)
            chances = [random.Random(self.chance.random()) for _ in chosen]
            wait_until_wall(start + at)
            since = wall_ms()
            with ThreadPoolExecutor() as hands:
                for deed in [hands.submit(it.deed, world, how) for it, how in zip(chosen, chances, strict=True)]:
                    deed.result()
            strokes.append(Stroke(tuple(it.name for it in chosen), since, wall_ms()))
            self.done.update(it.name for it in chosen)
            ears.attend()
        return strokes

    def _instants(self) -> list[float]:
        """Ms after the start; now and then one before it, or just after the end."""
        middle = sorted(self.chance.uniform(1_000, LENGTH) for _ in range(STROKES))
        if self.chance.random() < _SOMETIMES:
            middle[0] = self.chance.uniform(-_BEFORE, 1_000)
        if self.chance.random() < _SELDOM:
            middle[-1] = LENGTH + self.chance.uniform(0, _AFTER)
        return middle

    def _chosen(self, faults: tuple[Fault, ...]) -> list[Fault]:
        """One fault, or two at once that break different parts."""
        first = self.chance.choice(faults)
        others = [it for it in faults if it.breaks != first.breaks]
        return [first, self.chance.choice(others)] if self.chance.random() < _SELDOM else [first]

    def _tell(self, name: str, story: Story, found: list[str]) -> None:
        result = story.records[0]["result"] if story.records else "no record"
        kind = f"{'rebroadcast' if story.rebroadcast else 'tape'}, {'join' if story.joins else 'skip'}"
        done = ", ".join(f"{' and '.join(it.names)} {it.since - story.start:.0f}" for it in story.strokes)
        self.results[f"{kind}: {result}"] += 1
        self.wrong += [f"{name} ({kind}; {done}): {it}" for it in found]
        self.quiet = max(self.quiet, *(until - since for since, until in quiet_power(story)), 0.0)
        for fault, wait in resumptions(story):
            self.heard_again[fault].append(wait)
        _say(f"{self.done.total()} faults, {name} ({kind}; {done}): {result}")
        for it in found:
            _say(f"  WRONG: {it}")
        _say(f"  {story.records[0]['reason']}") if story.records and found else None


def _with_tape(world: World, home: Path, name: str) -> tuple[World, Samples]:
    """The world with the tape of the broadcast, and what that holds before anything happens to it."""
    wait_until(lambda: list((home / "tapes").glob(f"{name}-*.json")), AHEAD)
    (path,) = (home / "tapes").glob(f"{name}-*.wav")
    whole = np.frombuffer(path.read_bytes(), "<i2", offset=44)
    return World(world.player, world.server, world.icecast, path), whole


def _settled(station: RunningStation, player: Supervisor, name: str) -> bool:
    """Whether its record is closed and no amplifier is on and no child of the player is left."""
    closed = [it["result"] is not None for it in _records(station.home, name)]
    silent = not _on(_switchings(station, player)) and not _children(station.home.parent)
    return bool(closed) and all(closed) and silent


def _records(home: Path, name: str) -> list[dict[str, Any]]:
    with sqlite3.connect(home / "station.db") as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM as_run WHERE schedule = ?", (name,))]


def _switchings(station: RunningStation, player: Supervisor) -> list[Switching]:
    """By the player's log, which has a line at each switching, and by what switched off after its death."""
    told = station.switchings()
    zones = {zone for _, zone, _ in told}
    return sorted([*told, *((at, zone, False) for at in list(player.switched_off) for zone in zones)])


def _on(switchings: list[Switching]) -> set[str]:
    return {zone for zone, on in {zone: on for _, zone, on in switchings}.items() if on}


def _children(folder: Path) -> list[int]:
    """Decks and feeds of this campaign's player that still live."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (path / "cmdline").read_text(), (path / "environ").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        plays = "station.air.deck" in command or "station.air.feed" in command
        if plays and "--probe" not in command and f"{folder}/native" in environment:
            found.append(int(path.name))
    return found


def _say(sentence: str) -> None:
    print(f"{dt.datetime.fromtimestamp(wall_ms() / 1e3, dt.UTC):%H:%M:%S} {sentence}", file=sys.stderr, flush=True)
