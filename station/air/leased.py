"""Amplifiers that are held on by a lease: whoever wants them on says so again and again, or they go off."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from attrs import frozen

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.air.off import note_lines
from station.air.ports import Clock, Fault
from station.rules.now import SECOND
from station.stores.places import Places

LEASE = 3 * SECOND


@frozen
class Wish:
    """The lines of a satellite's zones, for how many ms each may be on at most, and which are to be on."""

    lines: tuple[ZonePin, ...]
    longest: Mapping[str, int]
    on: frozenset[str]


class LeasedAmplifiers:
    """Switches as it is told, and off what was not wished for anew within the lease, or was on for too long.

    All may be called from any thread; `tend` several times a second.
    """

    def __init__(self, where: Places, clock: Clock) -> None:
        self._where = where
        self._clock = clock
        self._lock = Lock()
        self._lines: tuple[ZonePin, ...] = ()
        self._longest: Mapping[str, int] = {}
        self._amplifiers = GpioAmplifiers(())
        self._on_since: dict[str, int] = {}
        self._spent: set[str] = set()
        self._up: dict[str, bool] = {}
        self._renewed_at: int | None = None

    def hold(self, wish: Wish) -> dict[str, Any]:
        """Do as wished, for as long as the lease; tells what is on, what is wrong, and what says that it is up."""
        with self._lock:
            if wish.lines != self._lines:
                self._rewire(wish.lines)
            self._longest = wish.longest
            self._renewed_at = self._clock.now().mono
            self._spent &= wish.on
            self._switch_off_spent()
            for line in self._lines:
                self._switch(line.name, on=line.name in wish.on - self._spent)
            return {"on": sorted(self._on_since), "faults": self._faults(), "up": dict(self._up)}

    def tend(self) -> None:
        """Switch off whatever may not be on any more."""
        with self._lock:
            self._switch_off_spent()
            now = self._clock.now().mono
            if self._renewed_at is not None and now - self._renewed_at >= LEASE:
                self._switch_all_off()
                self._renewed_at = None

    def close(self) -> None:
        """Switch all off; the lines stay driven off."""
        with self._lock:
            self._amplifiers.close()
            self._on_since.clear()

    def _rewire(self, lines: tuple[ZonePin, ...]) -> None:
        """Let go of the lines so far, off, and drive these; what switches off in an emergency is told of them."""
        self._amplifiers.close()
        self._on_since.clear()
        self._up.clear()
        note_lines(self._where.run, lines)
        self._lines, self._amplifiers = lines, GpioAmplifiers(lines)
        self._amplifiers.watch(self._hear)

    def _hear(self, zone: str, up: bool) -> None:  # noqa: FBT001 - an amplifier is up or not
        self._up[zone] = up

    def _switch(self, zone: str, *, on: bool) -> None:
        if on == (zone in self._on_since):
            return
        try:
            self._amplifiers.switch(zone, on)
        except Fault:
            return  # the amplifiers tell
        if on:
            self._on_since[zone] = self._clock.now().mono
        else:
            del self._on_since[zone]

    def _switch_off_spent(self) -> None:
        now = self._clock.now().mono
        for zone, since in [*self._on_since.items()]:
            if now - since >= self._longest[zone]:
                self._spent.add(zone)
                self._switch(zone, on=False)

    def _switch_all_off(self) -> None:
        for zone in [*self._on_since]:
            self._switch(zone, on=False)

    def _faults(self) -> dict[str, str]:
        spent = dict.fromkeys(self._spent, "Đã bật quá thời gian cho phép nên tự tắt.")
        return {**spent, **self._amplifiers.faults}
