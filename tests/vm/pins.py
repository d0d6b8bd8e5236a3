"""The header's pins as whoever holds a meter to them sees them: levels, edges with their instants, inputs driven.

Edges come from the kernel's own trace of every value and direction that is set on a line (events/gpio), so that not
even a blip of microseconds is missed. What the chip does when a line is released is not traced: read the level.
"""

import re

from attrs import frozen

from tests.rig.waiting import wait_until
from tests.vm.machine import Machine

_TRACE = "/sys/kernel/tracing"
_HEADER = "/sys/devices/platform/gpio-sim.0"
_BASE = "/sys/class/gpio/gpiochip*/base"
_LINE = re.compile(r" (\d+\.\d+): gpio_(value|direction): +(\d+) +(.*)")


@frozen
class Edge:
    """Line `pin` was told to be at `level` at wall ms `at`; level None: it became an input."""

    at: float
    pin: int
    level: int | None


class Pins:
    """The 28 lines of a machine's header."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def level(self, pin: int) -> int:
        """The level that a line has now."""
        return int(self._machine.run(f"cat {_HEADER}/gpiochip*/sim_gpio{pin}/value"))

    def drive(self, pin: int, level: int) -> None:
        """Pull a line that nobody drives to a level, as a resistor or a contact does."""
        way = "pull-up" if level else "pull-down"
        self._machine.run(f"echo {way} | tee {_HEADER}/gpiochip*/sim_gpio{pin}/pull")

    def wait_for(self, pin: int, level: int, timeout: float = 60) -> float:
        """Return when a line has that level; gives the machine's wall ms then, late by what asking takes."""
        wait_until(lambda: self.level(pin) == level, timeout, every=0.2)
        return self._machine.wall_ms()

    def watch(self) -> None:
        """Note all edges from now on."""
        self._machine.run(
            f"cd {_TRACE} && echo 0 >tracing_on && echo mono >trace_clock && echo >trace"
            " && echo 1 >events/gpio/enable && echo 1 >tracing_on"
        )

    def edges(self, *pins: int) -> list[Edge]:
        """What was set on lines since `watch`, all of them if none is named, in order."""
        script = "import time; print(time.time_ns() - time.monotonic_ns())"
        told = self._machine.run(f"cat {_BASE}; python3 -c '{script}'; cat {_TRACE}/trace")
        base, offset, trace = told.split("\n", 2)
        return [it for it in read_edges(trace, int(base), int(offset) / 1e6) if not pins or it.pin in pins]


def read_edges(trace: str, base: int, offset: float) -> list[Edge]:
    """The edges in a trace by the monotonic clock; `base` is the first line, `offset` ms lead to the wall clock."""
    edges = []
    for instant, kind, line, told in _LINE.findall(trace):
        at, pin = float(instant) * 1e3 + offset, int(line) - base
        if kind == "value" and told.startswith("set"):
            edges.append(Edge(at, pin, int(told.split()[1])))
        elif kind == "direction" and told.startswith("in"):
            edges.append(Edge(at, pin, None))
    return edges
