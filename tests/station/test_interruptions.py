"""What interrupts a broadcast, and what becomes of it: emergencies, stop, mute, and a player that is killed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from station.control.client import ask
from station.control.messages import Stop
from station.rules.rundown import JOIN
from tests.rig.amplifiers import wrong
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

IN_PLACE = 150  # ms, on a busy machine; measured: under 7
pytestmark = pytest.mark.sound

NEVER = CONFIG.replace('["00:00-24:00"]', "[]")


@pytest.fixture
def station(tmp_path: Path, recorder: Recorder, request: pytest.FixtureRequest) -> Iterator[RunningStation]:  # noqa: ARG001 - its sound server is what the player plays to
    with RunningStation(tmp_path, getattr(request, "param", CONFIG)) as running:
        yield running


def programme(station: RunningStation, schedule: str) -> Recording:
    """What a broadcast's tape holds, from its first sample at 0 ms."""
    wait_until(lambda: list((station.home / "tapes").glob(f"{schedule}-*.json")), 15)
    (tape,) = (station.home / "tapes").glob(f"{schedule}-*.wav")
    return Recording(np.fromfile(tape, "<i2", offset=44)[500 * PER_MS : -500 * PER_MS], 0)


def place(heard: Recording, of: Recording) -> float:
    """At which ms of a programme begins what was heard."""
    return of.find(heard.samples).start


def assert_attention(heard: Recording, start: float) -> None:
    """Two tones in turn, half a second each."""
    tones = [heard.between(start + at + 100, start + at + 400).pitch() for at in range(0, 6_000, 500)]
    assert tones == pytest.approx([960, 770] * 6, abs=15)


def record(station: RunningStation, schedule: str) -> dict:
    """The one record of a schedule."""
    (found,) = [it for it in station.json("log") if it["schedule"] == schedule]
    return found


def heard_for(station: RunningStation, seconds: float) -> bool:
    """Whether so much of what is on air was heard."""
    on_air = station.on_air()
    return on_air is not None and on_air["position"] > seconds


def silent(station: RunningStation) -> bool:
    status = station.status()
    return not status["on_air"] and not any(zone["on"] for zone in status["zones"])


def kill(station: RunningStation) -> float:
    """End the player as a power cut would; gives the wall ms."""
    station.kill()
    return wall_ms()


def stop(station: RunningStation) -> float:
    """Order silence by the socket, as page, button and command do; gives the wall ms of the order."""
    ordered = wall_ms()
    assert ask(station.home / "run" / "station.sock", Stop("Bà Lan")).done
    return ordered


def assert_silenced(heard: Recording, ordered: float) -> None:
    """Silent soon after the order, faded and not cut."""
    end = heard.between(ordered - 2_000, ordered + 2_000).intervals()[-1].end
    print(f"silent {end - ordered:.0f} ms after the order")
    assert 0 < end - ordered < 150, "100 ms on a machine with time for it"
    steps = np.abs(np.diff(heard.between(end - 500, end + 10).samples.astype(float)))
    print(f"last steps {np.max(steps[-15 * PER_MS :]) / np.max(steps):.3f}")
    assert np.max(steps[-15 * PER_MS :]) < 0.3 * np.max(steps), "no click"


def test_an_emergency_interrupts_what_may_join_and_ends_what_may_not(station, recorder):
    station.add_noise(24_000)
    joins = station.schedule("dai", 9, 'play = "nen"', 'late = "join"')
    station.schedule("ngan", 42, 'play = "nen"')
    station.start()
    tape = programme(station, "dai")

    wait_until_wall(joins + 2_000)
    told = station.command("emergency", "--say", "Vỡ đê rồi.", "--repeat", "2")
    assert told.returncode == 0, told.stderr
    assert "Đang phát “Khẩn cấp: Vỡ đê rồi.”" in told.stdout
    wait_until(lambda: silent(station), 40)
    over = wall_ms()

    wait_until(lambda: heard_for(station, 1), 20)
    assert station.command("emergency", "nen").returncode == 0
    wait_until_wall(wall_ms() + 1_000)
    ordered = stop(station)
    wait_until(lambda: silent(station))
    wait_until(lambda: recorder.heard_until(ordered + 2_500))

    heard = recorder.recording
    assert list(wrong(heard, station.switchings())) == []

    first, urgent, *_, back = heard.between(0, over).intervals(100)
    assert abs(first.start - joins) < 50
    assert_attention(heard, urgent.start)
    sound = heard.between(back.start + 200, back.start + 1_200)
    assert place(sound, tape) == pytest.approx(sound.start - joins, abs=IN_PLACE), "it goes on where the clock is"
    assert abs(back.end - joins - 24_000) < 100, "and ends when it should"
    joined = record(station, "dai")
    assert joined["result"] == "aired"
    assert "Nhường giờ cho “Khẩn cấp: Vỡ đê rồi.”" in joined["reason"]
    assert "Phát tiếp" in joined["reason"]

    assert_silenced(heard, ordered)
    assert heard.between(ordered + 200, heard.end).intervals() == [], "neither comes back"
    dropped = record(station, "ngan")
    assert dropped["result"] == "cut"
    assert "Nhường giờ cho “Khẩn cấp: nen”" in dropped["reason"]
    urgent_results = [it["result"] for it in station.json("log") if it["schedule"] == "khan-cap"]
    assert urgent_results == ["aired", "cut"]


@pytest.mark.parametrize("station", [NEVER], indirect=True)
def test_an_emergency_from_a_file_sounds_at_any_hour_louder_and_the_later_one_wins(station, recorder, tmp_path):
    station.start()
    file = write_tape(tmp_path / "loi keu goi.wav", noise(2_500), silence=0).path
    assert station.command("emergency", file, "--repeat", "3", "--zones", "bac").returncode == 0
    (segment,) = station.json("segments")
    assert (segment["name"], segment["state"]) == ("loi-keu-goi", "approved")
    wait_until(lambda: station.on_air()["number"] == 4, 20)
    wait_until_wall(wall_ms() + 1_000)
    assert station.command("emergency", "--say", "Cháy rừng.").returncode == 0
    wait_until_wall(wall_ms() + 500)
    ordered = stop(station)
    wait_until(lambda: silent(station))
    wait_until(lambda: recorder.heard_until(ordered + 2_500))

    heard = recorder.recording
    assert list(wrong(heard, station.switchings())) == []
    first, second = heard.intervals(300)
    assert_attention(heard, first.start)
    assert_silenced(heard, ordered)
    message = first.start + 6_000 - JOIN
    once, again = (heard.between(message + at, message + at + 2_000) for at in (200, 2_700 - JOIN))
    assert place(again, Recording(once.samples, 0)) == pytest.approx(0, abs=1)
    louder = heard.between(message, first.end).loudness()
    assert louder == pytest.approx(-16 + 3, abs=1)
    assert heard.between(second.start + 100, second.start + 400).pitch() == pytest.approx(960, abs=15)
    overtaken, latest = station.json("log")
    assert (overtaken["result"], overtaken["zones"]) == ("cut", ["bac"])
    assert "khẩn cấp mới" in overtaken["reason"]
    assert latest["result"] == "cut"
    assert "Bà Lan" in latest["reason"]


def test_killed_in_the_middle_it_goes_on_by_the_clock_or_not_at_all_and_stop_is_for_good(station, recorder):
    station.add_noise(24_000)
    assert station.command("mute", "dong").returncode == 0
    station.schedule("ngan", 9, 'play = "nen"\nfor = "8s"')
    joins = station.schedule("dai", 23, 'play = "nen"', 'late = "join"')
    station.start()
    tape = programme(station, "dai")
    killed = []
    wait_until(lambda: heard_for(station, 1), 15)
    killed.append(kill(station))
    station.start()

    wait_until_wall(joins + 2_000)
    killed.append(kill(station))
    station.start()
    wait_until(station.on_air, 15)
    unmuted = wall_ms()
    assert station.command("unmute", "dong").returncode == 0
    wait_until(lambda: all(zone["on"] for zone in station.status()["zones"]))
    wait_until_wall(wall_ms() + 2_000)
    ordered = stop(station)
    wait_until(lambda: silent(station))
    wait_until(lambda: recorder.heard_until(joins + 24_000), 20)

    heard = recorder.recording
    off = [(at + 500, zone, False) for at in killed for zone in ("bac", "dong")]  # as systemd has it done
    switchings = station.switchings()
    assert list(wrong(heard, [*switchings, *off])) == []
    assert min(at for at, zone, on in switchings if zone == "dong" and on) > unmuted
    assert heard.between(killed[0] + 200, joins - 50).intervals() == [], "skipped, it does not come back"
    skipped = record(station, "ngan")
    assert skipped["result"] == "cut"
    assert "đột ngột" in skipped["reason"]

    back = heard.between(killed[1] + 200, heard.end).intervals()[0]
    print(f"sounds again {back.start - killed[1]:.0f} ms after the kill")
    sound = heard.between(back.start + 200, back.start + 1_200)
    assert place(sound, tape) == pytest.approx(sound.start - joins, abs=IN_PLACE), "it goes on where the clock is"
    assert_silenced(heard, ordered)
    assert heard.between(ordered + 200, heard.end).intervals() == [], "stopped, it does not come back"
    joined = record(station, "dai")
    assert joined["result"] == "cut"
    for told in ("Đang tắt riêng nên không phát: Thôn Đông", "được phát lại", "đột ngột", "Phát tiếp", "Bà Lan"):
        assert told in joined["reason"]
