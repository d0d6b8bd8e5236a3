"""Amplifiers: simulated, on a machine without pins, and on a Raspberry Pi whose lgpio library is a stub."""

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from gpiozero.pins.local import LocalPiFactory

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.air.ports import Amplifiers, Fault

RASPBERRY_PI_3B = 0xA02082
PIN, FAR_PIN = 17, 27


class StubPi(ModuleType):
    """The lgpio library on a Pi: remembers each call, knows each line's level, and refuses what it is told to."""

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE, SET_PULL_NONE = 3, 1, 2, 128
    OUTPUT = 1 << 1

    class error(Exception):  # noqa: N801, N818 - lgpio's own name
        pass

    def __init__(self) -> None:
        super().__init__("lgpio")
        self.calls: list[tuple[Any, ...]] = []
        self.levels: dict[int, int] = {}
        self.refusal = ""

    def gpiochip_open(self, chip: int) -> int:
        self._note("open chip", chip)
        return 0

    def gpio_claim_output(self, _handle: int, gpio: int, level: int = 0) -> None:
        self._note("claim output", gpio, level)
        self.levels[gpio] = level

    def gpio_write(self, _handle: int, gpio: int, level: int) -> None:
        self._note("write", gpio, int(level))
        self.levels[gpio] = int(level)

    def gpio_get_mode(self, _handle: int, gpio: int) -> int:
        return self.OUTPUT if gpio in self.levels else 0

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args: self._note(name, *args)

    def _note(self, *call: Any) -> None:
        if self.refusal:
            raise self.error(self.refusal)
        self.calls.append(call)


@pytest.fixture
def pi(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubPi]:
    stub = StubPi()
    monkeypatch.setitem(sys.modules, "lgpio", stub)
    monkeypatch.setattr(LocalPiFactory, "pins", {})
    monkeypatch.setattr(LocalPiFactory, "_get_revision", lambda _: RASPBERRY_PI_3B)
    _forget_pin_modules()
    yield stub
    _forget_pin_modules()


def _forget_pin_modules() -> None:
    for name in ("gpiozero.pins.lgpio", "station.air.steady_pin"):
        sys.modules.pop(name, None)


def test_a_zone_without_a_pin_is_simulated() -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông"), ZonePin("Thôn Đoài", active_high=False)])

    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đông", on=False)

    assert amplifiers.simulated
    assert not amplifiers.faults
    amplifiers.close()


def test_a_relay_is_off_from_the_first_moment_and_stays_driven_off(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN, active_high=False)])
    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.close()

    assert pi.calls == [("open chip", 0), ("claim output", PIN, 1), ("write", PIN, 0), ("write", PIN, 1)]


def test_an_active_high_relay_goes_the_other_way(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN)])
    amplifiers.switch("Thôn Đông", on=True)
    assert pi.levels == {PIN: 1}
    amplifiers.close()
    assert pi.levels == {PIN: 0}


def test_an_amplifier_that_is_left_on_goes_off_at_the_end(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài", FAR_PIN)])
    amplifiers.switch("Thôn Đoài", on=True)
    amplifiers.close()
    assert pi.levels == {PIN: 0, FAR_PIN: 0}


def test_a_machine_without_pins_has_a_fault_and_never_simulates() -> None:
    amplifiers: Amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài")])

    assert not amplifiers.simulated
    assert list(amplifiers.faults) == ["Thôn Đông"]
    with pytest.raises(Fault, match=r"Thôn Đông.*GPIO 17"):
        amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đông", on=False)
    amplifiers.switch("Thôn Đoài", on=True)


def test_a_pin_is_tried_again_each_time(pi: StubPi) -> None:
    pi.refusal = "GPIO busy"
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN)])
    for _ in range(2):
        with pytest.raises(Fault, match="GPIO busy"):
            amplifiers.switch("Thôn Đông", on=True)

    pi.refusal = ""
    amplifiers.switch("Thôn Đông", on=True)

    assert not amplifiers.faults
    assert pi.levels == {PIN: 1}


def test_a_pin_that_is_not_on_the_header_is_told_by_its_number(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", 99), ZonePin("Thôn Đoài", PIN)])
    assert "GPIO 99" in amplifiers.faults["Thôn Đông"]
    amplifiers.switch("Thôn Đoài", on=True)
    assert pi.levels == {PIN: 1}


def test_two_zones_cannot_have_one_pin(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài", PIN)])
    assert list(amplifiers.faults) == ["Thôn Đoài"]
    assert pi.levels == {PIN: 0}


def test_an_amplifier_that_does_not_go_off_is_a_fault(pi: StubPi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN)])
    amplifiers.switch("Thôn Đông", on=True)
    pi.refusal = "I/O error"
    with pytest.raises(Fault, match="I/O error"):
        amplifiers.switch("Thôn Đông", on=False)
    amplifiers.close()
    assert "Thôn Đông" in amplifiers.faults
