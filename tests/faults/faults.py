"""What is done to a station on air, each at a random instant; it is mended as far as the world would mend it."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from tests.faults.supervisor import START_S, Supervisor
from tests.rig.icecast import Icecast
from tests.rig.server import SINK, TRUTHFUL, SoundServer
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

_DAMAGES = 20  # places of a tape
_DAMAGED = 480  # bytes each, 5 ms


@frozen
class World:
    """The station under test and what may be broken around it; `tape` is the file of the broadcast that is on."""

    player: Supervisor
    server: SoundServer
    icecast: Icecast
    tape: Path


@frozen
class Fault:
    """One deed; two at once never break the same part."""

    breaks: str
    deed: Callable[[World, random.Random], None]

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return self.deed.__name__.replace("_", " ")


def kill_the_player(world: World, _chance: random.Random) -> None:
    """As when memory runs out, or Python crashes."""
    _signal(world.player.pid, signal.SIGKILL)


def restart_the_player(world: World, _chance: random.Random) -> None:
    """As when a person or an update restarts it."""
    _signal(world.player.pid, signal.SIGTERM)


def freeze_the_player(world: World, _chance: random.Random) -> None:
    """It hangs: the watchdog must end it."""
    frozen = world.player.pid
    _signal(frozen, signal.SIGSTOP)
    wait_until(lambda: world.player.pid != frozen, START_S + 10)


def hold_up_the_player(world: World, chance: random.Random) -> None:
    """The machine is too busy for it, for a while that the watchdog allows."""
    _hold_up([world.player.pid], chance)


def kill_the_deck(world: World, _chance: random.Random) -> None:
    """libVLC crashes."""
    for deck in _decks(world):
        _signal(deck, signal.SIGKILL)


def freeze_the_deck(world: World, _chance: random.Random) -> None:
    """libVLC hangs."""
    for deck in _decks(world):
        _signal(deck, signal.SIGSTOP)


def hold_up_the_deck(world: World, chance: random.Random) -> None:
    """The machine is too busy for it, for a while."""
    _hold_up(list(_decks(world)), chance)


def unplug_the_sink(world: World, chance: random.Random) -> None:
    """The sound card is pulled, and plugged in again."""
    modules = world.server.control("list", "short", "modules").splitlines()
    module = next(line.split()[0] for line in modules if f"sink_name={SINK}" in line)
    world.server.control("unload-module", module)
    _pass(chance)
    sink = ("module-null-sink", f"sink_name={SINK}", "rate=48000", "channels=2", "format=s16le", TRUTHFUL)
    world.server.control("load-module", *sink)


def kill_the_sound_server(world: World, chance: random.Random) -> None:
    """It dies, and is started again."""
    world.server.stop()
    _pass(chance)
    world.server.start()


def truncate_the_tape(world: World, chance: random.Random) -> None:
    """The card loses the end of a file."""
    with suppress(FileNotFoundError):
        os.truncate(world.tape, chance.randrange(world.tape.stat().st_size))


def delete_the_tape(world: World, _chance: random.Random) -> None:
    """The card loses a file."""
    world.tape.unlink(missing_ok=True)


def corrupt_the_tape(world: World, chance: random.Random) -> None:
    """The card loses what was in a file, here and there."""
    with suppress(FileNotFoundError), world.tape.open("r+b") as file:
        size = world.tape.stat().st_size
        for _ in range(_DAMAGES):
            file.seek(chance.randrange(size))
            file.write(chance.randbytes(_DAMAGED)[: max(0, size - file.tell())])


def kill_the_stream(world: World, chance: random.Random) -> None:
    """The other station's server dies, and is started again."""
    world.icecast.stop()
    _pass(chance)
    world.icecast.start()


def freeze_the_stream(world: World, chance: random.Random) -> None:
    """The network stalls: connections stay, nothing comes."""
    world.icecast.freeze()
    _pass(chance)
    world.icecast.thaw()


def starve_the_stream(world: World, chance: random.Random) -> None:
    """The other station sends nothing, then again."""
    world.icecast.starve()
    _pass(chance)
    world.icecast.feed()


FAULTS = (
    Fault("player", kill_the_player),
    Fault("player", restart_the_player),
    Fault("player", freeze_the_player),
    Fault("player", hold_up_the_player),
    Fault("deck", kill_the_deck),
    Fault("deck", freeze_the_deck),
    Fault("deck", hold_up_the_deck),
    Fault("sound", unplug_the_sink),
    Fault("sound", kill_the_sound_server),
    Fault("tape", truncate_the_tape),
    Fault("tape", delete_the_tape),
    Fault("tape", corrupt_the_tape),
)
STREAM_FAULTS = (
    Fault("stream", kill_the_stream),
    Fault("stream", freeze_the_stream),
    Fault("stream", starve_the_stream),
)


def _hold_up(processes: list[int], chance: random.Random) -> None:
    for process in processes:
        _signal(process, signal.SIGSTOP)
    _pass(chance)
    for process in processes:
        _signal(process, signal.SIGCONT)


def _signal(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def _decks(world: World) -> Iterator[int]:
    player = world.player.pid
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == player and b"station.air.deck" in command and b"--probe" not in command:
            yield int(path.name)


def _pass(chance: random.Random) -> None:
    wait_until_wall(wall_ms() + 1e3 * chance.uniform(0.2, 3))
