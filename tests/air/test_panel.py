"""The panel: a lamp and push buttons, on gpiozero's own simulated pins and on a Raspberry Pi's stand-in."""

from threading import Event

import pytest
from gpiozero.pins.mock import MockFactory

from station.air.panel import Panel, PanelLight, PanelPins
from tests.rig.pi import Pi
from tests.rig.waiting import wait_until

LAMP, STOP, EMERGENCY, LIVE = 5, 6, 13, 19
PINS = PanelPins(led=LAMP, stop_button=STOP, emergency_button=EMERGENCY, live_button=LIVE)


class Beside:
    """A panel, and what its buttons asked for."""

    def __init__(self, factory: MockFactory | None = None) -> None:
        self.asked: list[str] = []
        self.live = Event()
        self.panel = Panel(
            PINS,
            on_stop=lambda: self.asked.append("stop"),
            on_emergency=lambda: self.asked.append("emergency"),
            on_live=self._speak,
            factory=factory,
        )

    def _speak(self) -> None:
        self.asked.append("live")
        self.live.wait(10)  # as the order does, until it is on air


@pytest.fixture
def factory():
    made = MockFactory()
    yield made
    made.close()


def press(factory: MockFactory, pin: int) -> None:
    factory.pin(f"GPIO{pin}").drive_low()


def release(factory: MockFactory, pin: int) -> None:
    factory.pin(f"GPIO{pin}").drive_high()


def test_the_lamp_is_steady_when_ready_slow_on_air_and_fast_when_something_is_wrong(factory):
    panel = Beside(factory).panel
    lamp = factory.pin(f"GPIO{LAMP}")
    assert not lamp.state
    panel.show(PanelLight.READY)
    assert lamp.state
    for light, seconds in ((PanelLight.ON_AIR, 1.0), (PanelLight.FAULT, 0.2)):
        panel.show(light)
        lamp.clear_states()
        panel.show(light)  # told at every turn of the loop, it must not begin anew
        wait_until(lambda: len(lamp.states) >= 3, 5)
        assert lamp.states[2].timestamp == pytest.approx(seconds, abs=0.15), "light and dark are as long"
    panel.show(PanelLight.READY)
    assert lamp.state
    panel.close()


def test_stop_is_asked_for_at_once_even_while_live_waits_to_be_on_air(factory):
    beside = Beside(factory)
    press(factory, LIVE)
    wait_until(lambda: beside.asked == ["live"])
    press(factory, STOP)
    wait_until(lambda: beside.asked == ["live", "stop"], 1)
    beside.live.set()
    beside.panel.close()


def test_emergency_is_asked_for_once_it_was_held_and_not_by_a_push(factory):
    beside = Beside(factory)
    press(factory, EMERGENCY)
    release(factory, EMERGENCY)
    press(factory, STOP)
    wait_until(lambda: beside.asked == ["stop"])
    press(factory, EMERGENCY)
    with pytest.raises(TimeoutError):
        wait_until(lambda: "emergency" in beside.asked, 2.7)
    wait_until(lambda: beside.asked == ["stop", "emergency"], 1)
    release(factory, EMERGENCY)
    beside.panel.close()


def test_a_button_whose_deed_fails_works_again(factory, caplog):
    asked = []

    def fail() -> None:
        asked.append("stop")
        raise OSError("the card is full")

    panel = Panel(PINS, on_stop=fail, on_emergency=fail, on_live=fail, factory=factory)
    for times in (1, 2):
        press(factory, STOP)
        wait_until(lambda times=times: len(asked) == times)
        release(factory, STOP)
    wait_until(lambda: caplog.text.count("OSError: the card is full") == 2)
    panel.close()


def test_a_machine_without_pins_says_what_of_its_panel_does_not_work_and_goes_on():
    panel = Beside().panel
    told = [str(it) for it in panel.troubles]
    assert len(told) == 4
    assert "Nút dừng phát ở chân GPIO 6 không dùng được" in told[1]
    panel.show(PanelLight.FAULT)
    panel.close()


def test_on_a_pi_buttons_are_pulled_up_debounced_and_let_go_of(pi: Pi):
    beside = Beside()
    assert ("claim input", STOP, pi.SET_PULL_UP) in pi.calls
    assert ("debounce", STOP, 30_000) in pi.calls
    assert pi.lines[LAMP] == 0
    pi.drive(STOP, 0)
    wait_until(lambda: beside.asked == ["stop"])
    pi.drive(STOP, 1)
    beside.panel.show(PanelLight.READY)
    assert pi.lines[LAMP] == 1
    beside.panel.close()
    pi.drive(STOP, 0)
    assert beside.asked == ["stop"]
    assert pi.calls[-1][0] == "claim input", "the lamp is dark after the end"


def test_a_lamp_that_fails_ends_nothing(pi: Pi):
    panel = Beside().panel
    pi.refusal = "I/O error"
    panel.show(PanelLight.READY)
    panel.show(PanelLight.FAULT)
    assert [it.what for it in panel.troubles] == ["Đèn báo không dùng được (I/O error)."]
