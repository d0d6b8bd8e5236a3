"""On ARM of 64 bit, as a Pi is: installed by install.sh, on air, and pins in the registers of their chips.

Registers are read from outside, by qemu's own monitor: neither the kernel nor the station has a say in it.
"""

from station.rules.hours import HANOI, local
from tests.rig.waiting import wait_until, wall_ms
from tests.vm import stages
from tests.vm.image import ARM64
from tests.vm.machine import PI, Machine
from tests.vm.sound import Listening, programme_in
from tests.vm.station import HIGH, HOME, LENGTH_S, LOW

_PL061_DATA = 0x0903_03FC  # of `-M virt`: levels of its lines (ARM DDI 0190B)
_PL061_WAY = 0x0903_0400  # which of them are outputs
_SPARE = {HIGH: 4, LOW: 5}  # of its eight lines, those that qemu uses for nothing
_GPLEV0, _GPFSEL0 = 0x3F20_0034, 0x3F20_0000  # BCM2835 ARM Peripherals, chapter 6
_OUTPUT = 0b001
_ON, _OFF = ((_OUTPUT, 1), (_OUTPUT, 0)), ((_OUTPUT, 0), (_OUTPUT, 1))  # function and level of pins HIGH and LOW
_SILENT_MS = 90_000
_PATIENCE_S = 900


def arm64() -> str:
    """A station installed on ARM by install.sh airs by its schedule; both pins read from their chip's register."""
    with stages.station(ARM64) as station:
        machine = station.machine
        for usual, spare in _SPARE.items():
            machine.run(f"sed -i 's/= {usual}$/= {spare}/' {HOME}/station.toml")
        machine.run("systemctl restart station", timeout=300)
        station.wait_until_ready()
        assert _levels_of_virt(machine) == (0, 1)
        with Listening(machine) as listening:
            start = station.air_soon(late="join")
            wait_until(lambda: _levels_of_virt(machine) == (1, 0), _PATIENCE_S, every=0.5)
            record = station.wait_for_record(timeout=_PATIENCE_S)
            wait_until(lambda: _levels_of_virt(machine) == (0, 1), 60, every=0.5)
            sound = listening.end()
        assert record["result"] == "aired", record
        kernel = machine.run("uname -mr").strip()
    first, last = programme_in(sound)
    return (
        f"Linux {kernel}: sound {first - start:+.0f} ms after its minute,"
        f" {(last - first) / 1000:.2f} s of {LENGTH_S}; registers (on, on) meanwhile, (off, off) after"
    )


def pi_3b() -> str:
    """An emulated Pi 3B with a wrong clock is silent; set by hand, it airs. Pins by its chip's own registers."""
    with stages.station(ARM64, board=PI) as station:
        machine, seen = station.machine, set()
        assert not station.status()["clock"]["trusted"]
        behind = (wall_ms() - machine.wall_ms()) / 60_000

        def is_past(instant: float) -> bool:
            seen.add(_pins_of_pi(machine))
            return machine.wall_ms() > instant

        due = station.air_soon(late="join")
        wait_until(lambda: is_past(due + _SILENT_MS), _PATIENCE_S, every=0.5)
        assert seen == {_OFF}, seen
        assert not station.log()
        now = f"{local(int(wall_ms()), HANOI):%Y-%m-%d %H:%M:%S}"
        station.command(f"clock set '{now}' --by 'Người thử' --sure", timeout=300)
        wait_until(lambda: station.status()["clock"]["trusted"], _PATIENCE_S, every=1)
        station.air_soon(late="join", lead_s=120)
        wait_until(lambda: _pins_of_pi(machine) == _ON, _PATIENCE_S, every=0.5)
        record = station.wait_for_record(timeout=_PATIENCE_S)
        assert record["result"] == "aired", record
        wait_until(lambda: _pins_of_pi(machine) == _OFF, 60, every=0.5)
    return f"{behind:.0f} min behind at its start and silent; set by hand, aired; registers out and on, out and off"


def _word(machine: Machine, address: int) -> int:
    """A register of 32 bits."""
    return int(machine.monitor(f"xp /1wx {address:#x}").split()[-1], 16)


def _levels_of_virt(machine: Machine) -> tuple[int, int]:
    """Levels of both pins; fails if one is no output."""
    levels, ways = _word(machine, _PL061_DATA), _word(machine, _PL061_WAY)
    high, low = _SPARE.values()
    assert ways >> high & ways >> low & 1, bin(ways)
    return levels >> high & 1, levels >> low & 1


def _pins_of_pi(machine: Machine) -> tuple[tuple[int, int], ...]:
    """Function and level of both pins. A pin that is no output is driven by nobody, whatever its level."""
    levels = _word(machine, _GPLEV0)
    functions = [_word(machine, _GPFSEL0 + 4 * (pin // 10)) >> pin % 10 * 3 & 0b111 for pin in (HIGH, LOW)]
    return tuple(zip(functions, (levels >> HIGH & 1, levels >> LOW & 1), strict=True))
