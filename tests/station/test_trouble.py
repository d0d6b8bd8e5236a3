"""Bad input and missing equipment: told in words, and harmless."""

import json
import socket
from pathlib import Path

import pytest

from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation, speech


@pytest.fixture
def station(tmp_path: Path):
    with RunningStation(tmp_path, device="none") as running:
        yield running


def add(station: RunningStation, tmp_path: Path, title: str = "Tin") -> None:
    done = station.command(
        "add", str(speech(tmp_path / "tin.mp3", "Xin chào bà con.")), "--title", title, "--approve"
    )
    assert done.returncode == 0, done.stderr


def test_only_the_broken_schedule_is_refused_and_its_file_key_and_mend_are_named(station, tmp_path):
    add(station, tmp_path)
    station.schedule("tot", 6, 'play = "tin"')
    (station.schedules / "hong.toml").write_text(
        'title = "Hỏng"\n[[air]]\ndays = "mon-sta"\nat = "05:00"\n[[rundown]]\nplay = "tin"\n'
    )
    station.start()
    told = station.command("check")
    assert told.returncode == 1
    assert "hong.toml, air thứ 1.days" in told.stderr
    assert "mon-sat" in told.stderr
    (fault,) = [fault for fault in station.status()["faults"] if fault["where"].startswith("hong.toml")]
    assert fault["still"] and fault["mend"]
    assert "hong.toml" in station.log
    station.aired("tot")


def test_a_schedule_written_while_the_player_runs_airs_and_a_mended_one_too(station, tmp_path):
    add(station, tmp_path)
    station.start()
    (station.schedules / "moi.toml").write_text("title = ")
    wait_until(lambda: station.status()["faults"], 15)
    station.schedule("moi", 9, 'play = "tin"')
    station.aired("moi")
    assert station.status()["faults"] == []


def test_a_broken_config_leaves_the_last_good_one_in_force(station):
    assert station.command("check").returncode == 0
    (station.home / "station.toml").write_text(CONFIG.replace("warm_up", "warmup", 1))
    told = station.command("check")
    assert told.returncode == 1
    assert "station.toml, zones.bac: Không có khoá “warmup”" in told.stderr
    assert "Có phải “warm_up” không?" in told.stderr
    station.start()
    assert [zone["name"] for zone in station.status()["zones"]] == ["bac", "dong"]
    assert station.status()["faults"]


def test_pins_that_cannot_be_opened_are_a_fault_and_never_a_simulation(tmp_path):
    config = CONFIG.replace('title = "Thôn Bắc"', 'title = "Thôn Bắc"\npin = 17')
    with RunningStation(tmp_path, config, device="none") as station:
        add(station, tmp_path)
        station.start()
        bac, dong = station.status()["zones"]
        assert bac["fault"] and not bac["simulated"]
        assert not dong["fault"] and dong["simulated"]
        refused = station.command("play", "tin", "--zones", "bac")
        assert refused.returncode == 1
        assert station.results() == [("phat-ngay/tin", "failed")]
        assert station.command("play", "tin", "--zones", "bac,dong").returncode == 0
        station.aired("phat-ngay/tin")
        assert "Thôn Bắc" in station.json("log")[-1]["reason"]


def test_a_named_sound_device_that_is_missing_is_a_failure_with_a_reason(tmp_path):
    with RunningStation(tmp_path, device="alsa:plughw:CARD=Khong,DEV=0") as station:
        add(station, tmp_path)
        station.start()
        refused = station.command("play", "tin")
        assert refused.returncode == 1
        (record,) = station.json("log")
        assert record["result"] == "failed"
        assert record["actual_start"] is None
        assert not any(zone["on"] for zone in station.status()["zones"])


def test_without_any_sound_device_the_player_runs_in_real_time_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    with RunningStation(tmp_path) as station:
        add(station, tmp_path)
        station.start()
        wait_until(lambda: station.status()["sound"]["simulated"])
        wait_until(lambda: "không có tiếng" in station.log)
        assert station.command("play", "tin").returncode == 0
        station.aired("phat-ngay/tin")


def test_a_damaged_segment_is_told_before_air_and_missed_with_its_reason(station, tmp_path):
    add(station, tmp_path)
    (ready,) = (station.home / "library" / "ready").glob("*.flac")
    ready.write_bytes(b"fLaC" + bytes(1000))
    assert "hỏng" in station.command("check").stderr
    station.start()
    station.schedule("sang", 8, 'play = "tin"')
    wait_until(lambda: [it for it in station.status()["next"] if "hỏng" in it["reason"]], 15)
    station.aired("sang", "missed")
    assert "hỏng" in station.json("log")[0]["reason"]
    assert station.alive


def test_outside_allowed_hours_an_order_is_refused(tmp_path):
    config = CONFIG.replace('["00:00-24:00"]', "[]")
    with RunningStation(tmp_path, config, device="none") as station:
        add(station, tmp_path)
        station.start()
        refused = station.command("play", "tin")
        assert refused.returncode == 1
        assert "khung giờ cho phép" in refused.stderr
        assert station.results() == []


def test_what_was_not_approved_cannot_air(station, tmp_path):
    assert station.command("add", str(speech(tmp_path / "nhap.mp3", "Bản nháp."))).returncode == 0
    station.start()
    refused = station.command("play", "nhap")
    assert refused.returncode == 1
    assert "chưa được duyệt" in refused.stderr


def test_files_that_are_not_audio_are_refused_with_one_sentence(station, tmp_path):
    (tmp_path / "thu.mp3").write_text("đây không phải là âm thanh")
    refused = station.command("add", str(tmp_path / "thu.mp3"))
    assert refused.returncode == 1
    assert "thu" in refused.stderr
    assert "Traceback" not in refused.stderr
    gone = station.command("add", str(tmp_path / "khong-co.mp3"))
    assert gone.returncode == 1
    assert "Không đọc được tệp" in gone.stderr


def test_with_no_player_orders_say_so(station):
    for order in (("play", "tin"), ("stop",), ("status",)):
        told = station.command(*order)
        assert told.returncode == 1
        assert "Máy phát không chạy" in told.stderr
        assert told.stdout == ""


def test_a_second_player_is_refused(station):
    station.start()
    second = station.command("run")
    assert second.returncode == 1
    assert "đã chạy rồi" in second.stderr


def test_wrong_usage_is_status_2(station):
    assert station.command("play").returncode == 2
    assert station.command("log", "--from", "hôm qua").returncode == 2
    assert station.command("khong-co").returncode == 2


@pytest.mark.parametrize(
    "line",
    [b"\n", b"xin chao\n", b"[]\n", b'{"ask": "play"}\n', b'{"ask": "stop", "who": 1, "x": 2}\n', b"\xff\x00\n"],
)
def test_nonsense_on_the_socket_is_answered_and_harmless(station, line):
    station.start()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(station.home / "run" / "station.sock"))
        connection.sendall(line)
        answer = json.loads(connection.makefile("rb").readline())
    assert not answer["done"]
    assert station.status()["on_air"] is None


def test_every_kind_can_be_named(station, tmp_path):
    file = str(speech(tmp_path / "tin.mp3", "Xin chào bà con."))
    assert station.command("add", file, "--kind", "notice").returncode == 0
    assert [it["kind"] for it in station.json("segments")] == ["notice"]
    assert station.command("add", file, "--kind", "khong-co").returncode == 2


def test_the_audio_of_a_segment_taken_in_by_a_running_player(station, tmp_path):
    station.start()
    add(station, tmp_path)
    (segment,) = station.json("segments")
    assert segment["state"] == "approved"
    assert set(segment) >= {"id", "title", "kind", "duration", "loudness", "peak", "state"}
