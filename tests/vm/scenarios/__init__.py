"""What is tried on the emulated Pi, each by its name; a scenario gives its figures in a sentence, or fails."""

from collections.abc import Callable

from tests.vm.scenarios import airing, arm, cupboard, installing, power_cuts, time_and_link

SCENARIOS: dict[str, Callable[[], str]] = {
    "install": installing.install,
    "boot": installing.boot,
    "on-air": airing.on_air,
    "low-level": airing.low_level_board,
    "killed": airing.killed,
    "hung": airing.hung,
    "upgrade": installing.upgrade,
    "failed-upgrade": installing.failed_upgrade,
    "watchdog": cupboard.watchdog,
    "power": cupboard.power,
    "power-cuts-replayed": power_cuts.replayed,
    "power-cuts": power_cuts.real,
    "restore": cupboard.restore,
    "clock": time_and_link.clock,
    "bad-link": time_and_link.bad_link,
    "stick": cupboard.stick,
    "memory": cupboard.memory,
    "idle-writes": cupboard.idle_writes,
    "arm64": arm.arm64,
    "pi-3b": arm.pi_3b,
}
