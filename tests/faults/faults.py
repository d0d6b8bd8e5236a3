"""What is done to a station on air, each at a random instant."""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from tests.faults.supervisor import Supervisor
from tests.rig.server import SINK, TRUTHFUL, SoundServer
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms


@frozen
class World:
    """The station under test and what may be broken around it."""

    home: Path
    player: Supervisor
    server: SoundServer
    chance: random.Random


Fault = Callable[[World], None]


def kill_the_player(world: World) -> None:
    """As when memory runs out, or Python crashes."""
    os.kill(world.player.pid, signal.SIGKILL)


def restart_the_player(world: World) -> None:
    """As when a person or an update restarts it."""
    os.kill(world.player.pid, signal.SIGTERM)


def freeze_the_player(world: World) -> None:
    """It hangs: the watchdog must end it."""
    hangs = world.player.hangs
    os.kill(world.player.pid, signal.SIGSTOP)
    wait_until(lambda: world.player.hangs > hangs, 30)


def kill_the_deck(world: World) -> None:
    """libVLC crashes."""
    _signal_deck(world, signal.SIGKILL)


def freeze_the_deck(world: World) -> None:
    """libVLC hangs."""
    _signal_deck(world, signal.SIGSTOP)


def pull_the_sound_card(world: World) -> None:
    """It is unplugged, and plugged in again a little later."""
    modules = world.server.control("list", "short", "modules").splitlines()
    module = next(line.split()[0] for line in modules if f"sink_name={SINK}" in line)
    world.server.control("unload-module", module)
    _wait(world, 0.2, 2)
    sink = ("module-null-sink", f"sink_name={SINK}", "rate=48000", "channels=2", "format=s16le", TRUTHFUL)
    world.server.control("load-module", *sink)


def kill_the_sound_server(world: World) -> None:
    """It dies, and is started again a little later."""
    world.server.stop()
    _wait(world, 0.2, 2)
    world.server.start()


def truncate_the_tape(world: World) -> None:
    """The card loses the end of a file."""
    for tape in (world.home / "tapes").glob("*.wav"):
        os.truncate(tape, world.chance.randrange(tape.stat().st_size))


def lose_the_tape(world: World) -> None:
    """The card loses a file."""
    for tape in (world.home / "tapes").glob("*.wav"):
        tape.unlink()


FAULTS: tuple[Fault, ...] = (
    kill_the_player,
    restart_the_player,
    freeze_the_player,
    kill_the_deck,
    freeze_the_deck,
    pull_the_sound_card,
    kill_the_sound_server,
    truncate_the_tape,
    lose_the_tape,
)


def _signal_deck(world: World, number: signal.Signals) -> None:
    for deck in _children(world.player.pid, "station.air.deck"):
        os.kill(deck, number)


def _children(parent: int, named: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stat = (path / "stat").read_text().rpartition(")")[2].split()
            command = (path / "cmdline").read_text()
        except OSError:
            continue
        if int(stat[1]) == parent and named in command:
            found.append(int(path.name))
    return found


def _wait(world: World, least: float, most: float) -> None:
    wait_until_wall(wall_ms() + 1e3 * world.chance.uniform(least, most))
