"""What a Raspberry Pi tells of its power: by its firmware, else by the kernel's sensor, and never by waiting."""

import os
from pathlib import Path

import attrs
import pytest

from station.care import power
from station.care.power import Power, PowerWatch, decoded
from tests.rig.waiting import wait_until
from tests.running import RunningStation

FINE = Power(low=False, was_low=False, slowed=False, was_slowed=False)


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, for a `vcgencmd`."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def vcgencmd(tools: Path, does: str) -> None:
    program = tools / "vcgencmd"
    program.write_text(f'#!/bin/sh\n[ "$*" = get_throttled ] || exit 9\n{does}\n')
    program.chmod(0o755)


def sensor(folder: Path, alarm: str) -> Path:
    for name, told in (("hwmon0", "cpu_thermal"), ("hwmon1", "rpi_volt")):
        (folder / name).mkdir(parents=True)
        (folder / name / "name").write_text(told + "\n")
    (folder / "hwmon1/in0_lcrit_alarm").write_text(alarm + "\n")
    return folder


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        (0, FINE),
        (0x50005, Power(low=True, was_low=True, slowed=True, was_slowed=True)),
        (0x10000, Power(low=False, was_low=True, slowed=False, was_slowed=False)),
        (0x60002, Power(low=False, was_low=False, slowed=True, was_slowed=True)),
        (0x40000, Power(low=False, was_low=False, slowed=False, was_slowed=True)),
        (0x80008, FINE),
    ],
)
def test_the_firmwares_mask_tells_now_and_since_the_start(tools: Path, tmp_path: Path, mask: int, told: Power):
    vcgencmd(tools, f"echo throttled={mask:#x}")
    assert decoded(mask) == told
    assert PowerWatch(tmp_path / "none").look() == told


def test_what_neither_has_tells_nothing(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tools))
    assert PowerWatch(tmp_path / "none").look() is None


@pytest.mark.parametrize("does", ["exit 255", "echo VCHI initialization failed", "echo 'error=1 error_msg=\"x\"'"])
@pytest.mark.parametrize(("alarm", "low"), [("0", False), ("1", True)])
def test_a_firmware_that_does_not_answer_leaves_the_sensor_that_knows_of_now(
    tools: Path, tmp_path: Path, does: str, alarm: str, *, low: bool
):
    vcgencmd(tools, does)
    assert PowerWatch(sensor(tmp_path / "hwmon", alarm)).look() == Power(low=low)


def test_a_firmware_that_hangs_is_left_alone(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(power, "_PATIENCE_S", 0.2)
    vcgencmd(tools, "exec tail -f /dev/null")
    watch = PowerWatch(sensor(tmp_path / "hwmon", "1"))
    assert watch.look() == Power(low=True)
    vcgencmd(tools, "echo throttled=0x0")
    assert watch._child
    watch._child.wait(30)  # killed, or this never ends
    assert watch.look() == FINE


def test_while_one_hangs_no_other_is_started(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(power, "_PATIENCE_S", 0.2)
    monkeypatch.setattr("subprocess.Popen.kill", lambda _: None)  # as what waits in the kernel is not killed
    vcgencmd(tools, "exec tail -f /dev/null")
    watch = PowerWatch(tmp_path / "none")
    assert watch.look() is None
    hanging = watch._child
    vcgencmd(tools, "echo throttled=0x0")
    assert watch.look() is None
    assert hanging and watch._child is hanging
    hanging.terminate()
    hanging.wait(30)
    assert watch.look() == FINE


def test_a_player_with_weak_power_says_so(tools: Path, tmp_path: Path):
    vcgencmd(tools, "echo throttled=0x50005")
    with RunningStation(tmp_path, device="none") as station:
        station.start()
        wait_until(lambda: station.json("status")["power"], 30)
        told = station.json("status")
    assert told["power"] == attrs.asdict(decoded(0x50005))
    assert "Nguồn điện" in [it["where"] for it in told["faults"]]
    machine = station.command("machine")
    assert "Nguồn điện: đang yếu" in machine.stdout, machine.stderr
