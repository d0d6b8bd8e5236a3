"""Amplifiers: simulated, on a machine without pins, and on a Raspberry Pi whose lgpio library is a stand-in."""

import pytest

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.air.ports import Amplifiers, Fault
from tests.rig.pi import Pi

PIN, FAR_PIN, UP = 17, 27, 22


def test_a_zone_without_a_pin_is_simulated() -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông"), ZonePin("Thôn Đoài", active_high=False)])

    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đông", on=False)

    assert amplifiers.simulated
    assert not amplifiers.faults
    amplifiers.close()


@pytest.mark.parametrize("active_high", [True, False])
def test_a_line_is_claimed_once_at_its_off_level_and_stays_driven_off(pi: Pi, active_high: bool) -> None:
    on, off = (1, 0) if active_high else (0, 1)
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN, active_high=active_high)])
    assert pi.calls == [("open chip", 0), ("claim output", PIN, off)]
    amplifiers.switch("Thôn Đông", on=False)
    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đông", on=False)
    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.close()
    writes = [("write", PIN, level) for level in (off, on, off, on, off)]
    assert pi.calls[2:] == writes, "never an input, never claimed anew, never let go of"


def test_an_amplifier_that_is_left_on_goes_off_at_the_end(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài", FAR_PIN)])
    amplifiers.switch("Thôn Đoài", on=True)
    amplifiers.close()
    assert pi.lines == {PIN: 0, FAR_PIN: 0}


def test_a_machine_without_pins_has_a_fault_and_never_simulates() -> None:
    amplifiers: Amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài")])

    assert not amplifiers.simulated
    assert list(amplifiers.faults) == ["Thôn Đông"]
    with pytest.raises(Fault, match=r"Thôn Đông.*GPIO 17"):
        amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đông", on=False)
    amplifiers.switch("Thôn Đoài", on=True)


def test_a_pin_is_tried_again_each_time(pi: Pi) -> None:
    pi.refusal = "GPIO busy"
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN)])
    for _ in range(2):
        with pytest.raises(Fault, match="GPIO busy"):
            amplifiers.switch("Thôn Đông", on=True)

    pi.refusal = ""
    amplifiers.switch("Thôn Đông", on=True)

    assert not amplifiers.faults
    assert pi.lines == {PIN: 1}


def test_a_pin_that_is_not_on_the_header_is_told_by_its_number(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", 99), ZonePin("Thôn Đoài", PIN)])
    assert "GPIO 99" in amplifiers.faults["Thôn Đông"]
    amplifiers.switch("Thôn Đoài", on=True)
    assert pi.lines == {PIN: 1}


def test_two_zones_cannot_have_one_pin(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài", PIN)])
    assert list(amplifiers.faults) == ["Thôn Đoài"]
    assert pi.lines == {PIN: 0}


def test_an_amplifier_that_does_not_go_off_is_a_fault(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN)])
    amplifiers.switch("Thôn Đông", on=True)
    pi.refusal = "I/O error"
    with pytest.raises(Fault, match="I/O error"):
        amplifiers.switch("Thôn Đông", on=False)
    amplifiers.close()
    assert "Thôn Đông" in amplifiers.faults


def test_one_line_that_fails_at_the_end_leaves_no_other_on(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN), ZonePin("Thôn Đoài", FAR_PIN)])
    amplifiers.switch("Thôn Đông", on=True)
    amplifiers.switch("Thôn Đoài", on=True)
    pi.refused = {PIN}
    amplifiers.close()
    assert pi.lines == {PIN: 1, FAR_PIN: 0}


@pytest.mark.parametrize("high", [True, False])
def test_an_amplifier_says_that_it_is_up_and_no_more(pi: Pi, high: bool) -> None:
    said: list[tuple[str, bool]] = []
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN, feedback=UP, feedback_high=high), ZonePin("Thôn Đoài")])
    amplifiers.watch(lambda zone, up: said.append((zone, up)))
    assert said == [("Thôn Đông", False)], "a line that nothing drives is pulled to “not up”"
    pi.drive(UP, int(high))
    pi.drive(UP, int(not high))
    assert said[1:] == [("Thôn Đông", True), ("Thôn Đông", False)]
    amplifiers.close()
    pi.drive(UP, int(high))
    assert len(said) == 3, "after the end nobody is called"


def test_a_feedback_that_cannot_be_read_is_a_fault_that_stays_and_the_amplifier_is_switched(pi: Pi) -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", PIN, feedback=UP)])
    pi.refused = {UP}
    amplifiers.watch(lambda *_: None)
    amplifiers.switch("Thôn Đông", on=True)
    assert pi.lines[PIN] == 1
    assert "báo về" in amplifiers.faults["Thôn Đông"]
    assert "GPIO 22" in amplifiers.faults["Thôn Đông"]


def test_a_simulated_amplifier_says_nothing() -> None:
    amplifiers = GpioAmplifiers([ZonePin("Thôn Đông", feedback=UP)])
    amplifiers.watch(lambda *_: pytest.fail("nobody said that"))
    assert not amplifiers.faults
