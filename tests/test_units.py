"""What systemd is told: units that it accepts, that leave little open, and that keep what the program promises."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from station.air.precedence import Precedence
from station.notify import FEED_EVERY
from web import pulse

SYSTEMD = Path(__file__).resolve().parents[1] / "systemd"
SERVICES = sorted(SYSTEMD.glob("*.service"))
UNITS = sorted(it for it in SYSTEMD.iterdir() if it.suffix in {".service", ".timer", ".slice", ".path", ".mount"})
FILES = [*UNITS, SYSTEMD / "journald.conf", SYSTEMD / "watchdog.conf"]
EXPOSURE = 29  # tenths; by systemd-analyze(1) an "OK" ends at 3.5 and a "MEDIUM" begins at 5.0
SMALLEST = 512  # MiB; what the smallest Pi has
CHIP = 16  # s; what a Raspberry Pi's watchdog counts to (drivers/watchdog/bcm2835_wdt.c)

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")


def named(unit: Path) -> str:
    return unit.name


def settings(file: str) -> dict[str, list[str]]:
    """Each setting of a unit, as often as it is there."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", (SYSTEMD / file).read_text(), re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


def number(file: str, key: str) -> int:
    """A setting's number, in the unit that it is in."""
    (value,) = settings(file)[key]
    return int(re.sub(r"(min|ms|s|M|G)$", "", value))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All units in one folder. The program is not at its place in a checkout; all else is as it stands."""
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        runnable = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (folder / unit.name).write_text(runnable)
    return folder


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_systemd_accepts_the_unit(unit: Path, installed: Path) -> None:
    command = ["systemd-analyze", "verify", installed / unit.name]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (verdict.returncode, verdict.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_little_is_left_open_to_whoever_gets_into_the_service(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={EXPOSURE}", unit]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize("file", FILES, ids=named)
def test_every_setting_says_why(file: Path) -> None:
    """No setting begins a paragraph: a comment does, and speaks for what follows it."""
    paragraphs = file.read_text().strip().split("\n\n")
    begins = [next(line for line in it.splitlines() if not line.startswith("[")) for it in paragraphs]
    assert [line for line in begins if not line.startswith(("#", "Description="))] == []


@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_who_runs_for_good_never_gives_up(unit: Path) -> None:
    told = settings(unit.name)
    if told["Type"] != ["oneshot"]:
        assert (told["Restart"], told["StartLimitIntervalSec"]) == (["always"], ["0"])


@pytest.mark.parametrize("unit", ["station.service", "station-satellite.service"])
def test_who_drives_amplifiers_has_them_switched_off_however_it_ends(unit: str) -> None:
    told = settings(unit)
    (off,) = told["ExecStopPost"]
    assert re.fullmatch(r"/opt/station/current/\S+/python -m station.air.off", off)
    assert told["Type"] == ["notify"]
    assert 1000 * number(unit, "WatchdogSec") > 2 * FEED_EVERY
    assert "char-gpiochip rw" in told["DeviceAllow"]


def test_a_turn_of_the_player_s_loop_may_take_a_while() -> None:
    assert 1000 * number("station.service", "WatchdogSec") >= 4 * FEED_EVERY


def test_a_page_that_is_merely_slow_is_not_taken_for_one_that_hangs() -> None:
    assert settings("station-web.service")["Type"] == ["notify"]
    assert number("station-web.service", "WatchdogSec") >= 2 * (pulse.EVERY_S + pulse.PATIENCE_S)


def test_the_page_goes_before_the_player_when_memory_runs_out() -> None:
    player, page = settings("station.service"), settings("station-web.service")
    assert int(player["OOMScoreAdjust"][0]) < 0 < int(page["OOMScoreAdjust"][0])
    assert number("station-web.service", "MemoryMax") <= SMALLEST // 2
    assert (
        number("station-web.service", "LimitDATA") < SMALLEST
    )  # for kernels that keep no account of a service's memory
    assert "MemoryMax" not in player
    assert player["OOMPolicy"] == page["OOMPolicy"] == ["continue"], "a child that goes takes nobody with it"


@pytest.mark.parametrize("unit", ["station.service", "station-satellite.service"])
def test_precedence_is_allowed_and_bounded(unit: str) -> None:
    told = settings(unit)
    assert number(unit, "LimitRTPRIO") == max(Precedence)
    assert "LimitRTTIME" in told
    assert "RestrictRealtime" not in told


@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_whether_the_clock_is_right_can_be_asked(unit: Path) -> None:
    """By the call that sets it: who is refused cannot know, and who is killed for it never runs."""
    told = settings(unit.name)
    if "/python -m station" in told["ExecStart"][0] or "/bin/station " in told["ExecStart"][0]:
        assert "ProtectClock" not in told
        filters = told.get("SystemCallFilter", [])
        assert not filters or any("clock_adjtime" in it for it in filters if not it.startswith("~"))
        assert not filters or told["SystemCallErrorNumber"] == ["EPERM"]


def test_each_timer_has_its_service() -> None:
    assert [it.name for it in SYSTEMD.glob("*.timer") if not it.with_suffix(".service").exists()] == []


def test_the_journal_does_not_wear_the_card() -> None:
    told = settings("journald.conf")
    assert told["Storage"] == ["volatile"]
    assert {"RuntimeMaxUse", "RateLimitIntervalSec", "RateLimitBurst"} <= told.keys()


def test_the_machine_s_watchdog_fits_the_chip() -> None:
    assert number("watchdog.conf", "RuntimeWatchdogSec") < CHIP
    assert "RebootWatchdogSec" in settings("watchdog.conf")
