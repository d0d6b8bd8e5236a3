"""The whole path: a schedule file and real speech, to a real sound server's sink, analysed."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation, speech

pytestmark = pytest.mark.sound

TEXT = (
    "Trạm y tế xã tổ chức tiêm phòng cho trẻ em dưới năm tuổi vào sáng thứ bảy tuần này. "
    "Đề nghị các gia đình đưa trẻ đến đúng giờ và mang theo sổ tiêm chủng."
)


@pytest.fixture
def station(tmp_path: Path, recorder: Recorder):  # noqa: ARG001 - its sound server is what the player plays to
    with RunningStation(tmp_path) as running:
        yield running


def add(station: RunningStation, tmp_path: Path, text: str = TEXT, title: str = "Lịch tiêm phòng") -> dict:
    file = speech(tmp_path / f"{title}.mp3", text)
    done = station.command("add", str(file), "--title", title, "--approve", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]


def test_a_scheduled_programme_airs_by_itself_and_the_recording_proves_it(station, recorder, tmp_path):
    segment = add(station, tmp_path)
    station.start()
    start = station.schedule("ban-tin", 14, 'play = "lich-tiem-phong"')
    wait_until(lambda: [it for it in station.status()["next"] if it["ready"]], 12)
    (tape,) = (station.home / "tapes").glob("*.wav")
    heard = np.frombuffer(tape.read_bytes()[44:], np.int16)
    programme = heard[24_000:-24_000]
    end = start + len(programme) / 48
    station.aired("ban-tin")
    wait_until(lambda: not any(zone["on"] for zone in station.status()["zones"]))
    wait_until(lambda: recorder.heard_until(end + 500))

    recording = recorder.recording.between(start - 3000, end + 400)
    found = recording.find(programme)
    assert abs(found.start - start) < 50, "the first word leaves at the scheduled instant"
    assert found.missing == 0, "every word's worth of audio is there"
    assert recording.longest_silence() < 700, "no silence but the speaker's own pauses"
    assert abs(recording.loudness() - -16) < 1

    switchings = station.switchings()
    ons = {zone: when for when, zone, on in switchings if on}
    offs = {zone: when for when, zone, on in switchings if not on}
    for zone in ("bac", "dong"):
        assert ons[zone] <= recording.first_sound() - 1000, "warm before the first sound"
        assert end <= offs[zone] <= end + 1000 + 2500, "off after its linger"

    (record,) = station.json("log")
    assert record["result"] == "aired"
    assert record["trigger"] == "schedule"
    assert record["zones"] == ["bac", "dong"]
    assert record["planned_start"] == record["actual_start"]
    assert segment["state"] == "approved"
    assert abs(segment["loudness"] - -16) < 1


def test_play_now_is_heard_and_stop_is_silence_that_stays(station, recorder, tmp_path):
    add(station, tmp_path, TEXT * 3)
    station.start()
    played = station.command("play", "lich-tiem-phong", "--zones", "bac")
    assert played.returncode == 0, played.stderr
    assert "Đang phát" in played.stdout
    zones = {zone["name"]: zone["on"] for zone in station.status()["zones"]}
    assert zones == {"bac": True, "dong": False}
    busy = station.command("play", "lich-tiem-phong")
    assert busy.returncode == 1
    assert "đang phát" in busy.stderr
    stopped = station.command("stop")
    silent = wall_ms()
    assert stopped.returncode == 0, stopped.stderr
    assert "Đã dừng" in stopped.stdout
    wait_until(lambda: not any(zone["on"] for zone in station.status()["zones"]))
    wait_until(lambda: recorder.heard_until(silent + 1000))
    assert recorder.recording.between(silent + 100, silent + 1000).intervals() == []
    assert station.results() == [("phat-ngay/lich-tiem-phong", "cut")]
    assert station.status()["on_air"] is None


def test_killed_on_air_the_log_has_the_interruption_and_amplifiers_start_off(station, tmp_path):
    add(station, tmp_path, TEXT * 3)
    station.start()
    assert station.command("play", "lich-tiem-phong").returncode == 0
    station.kill()
    station.start()
    (record,) = station.json("log")
    assert record["result"] == "cut"
    assert "đột ngột" in record["reason"]
    assert station.switchings()[-2:] != []
    assert {(zone, on) for _, zone, on in station.switchings()[-2:]} == {("bac", False), ("dong", False)}
    assert not any(zone["on"] for zone in station.status()["zones"])
    assert station.status()["on_air"] is None


def test_a_vanished_tape_is_rendered_again_and_still_airs(station, tmp_path):
    add(station, tmp_path)
    station.start()
    start = station.schedule("mat-bang", 10, 'play = "lich-tiem-phong"')
    wait_until(lambda: [it for it in station.status()["next"] if it["ready"]], 9)
    next(iter((station.home / "tapes").glob("mat-bang*.wav"))).unlink()
    station.aired("mat-bang")
    (record,) = station.json("log")
    assert "băng phát" in record["reason"].lower()
    assert dt.datetime.fromisoformat(record["actual_start"]).timestamp() * 1000 - start < 10_000


def test_an_ordered_end_falls_silent_switches_off_and_closes_the_log(station, tmp_path):
    add(station, tmp_path, TEXT * 3)
    station.start()
    assert station.command("play", "lich-tiem-phong").returncode == 0
    assert station.terminate() == 0
    assert {(zone, on) for _, zone, on in station.switchings()[-2:]} == {("bac", False), ("dong", False)}
    assert station.results() == [("phat-ngay/lich-tiem-phong", "cut")]
