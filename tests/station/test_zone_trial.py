"""Trying a zone, and beginning anew: a whole player, asked by the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, CONFIG, device="none") as running:
        yield running.start()


def test_a_trial_sounds_in_its_zone_alone_and_the_log_says_what_it_was(station: RunningStation):
    done = station.command("test", "bac")
    assert (done.returncode, done.stdout) == (0, "Đang phát “Thử loa: Thôn Bắc”.\n")
    assert {zone["name"]: zone["on"] for zone in station.status()["zones"]} == {"bac": True, "dong": False}
    busy = station.command("test", "dong")
    assert busy.returncode == 1
    assert "đang phát “Thử loa: Thôn Bắc”" in busy.stderr
    station.aired("thu-loa")
    (record,) = station.json("log")
    assert (record["title"], record["zones"], record["trigger"]) == ("Thử loa: Thôn Bắc", ["bac"], "hand")
    assert 4 < seconds(record) < 15
    wait_until(lambda: not any(zone["on"] for zone in station.status()["zones"]))
    assert {zone for _, zone, _ in station.switchings()} == {"bac", "dong"}
    assert [zone for _, zone, on in station.switchings() if on] == ["bac"]


def test_a_trial_is_refused_where_it_could_not_be_heard_or_may_not_be(tmp_path: Path):
    shut = CONFIG.replace("00:00-24:00", "00:00-00:01")
    with RunningStation(tmp_path, shut, device="none").start() as station:
        assert "Không có cụm loa “nam”" in station.command("test", "nam").stderr
        assert "Ngoài khung giờ cho phép" in station.command("test", "bac").stderr
        station.command("mute", "bac")
        assert "đang tắt riêng" in station.command("test", "bac").stderr
        assert station.json("log") == []
        assert station.command("test", "dong", "--override", "Thợ sửa loa").returncode == 0
        station.aired("thu-loa")
        assert "cho phát ngoài khung giờ: Thợ sửa loa" in station.json("log")[0]["reason"]


def test_a_player_begins_anew_by_its_settings_but_not_while_something_is_on_or_soon(station: RunningStation):
    station.add_noise(3_000)
    assert station.command("play", "nen").returncode == 0
    assert "đang phát “nen”" in station.command("restart").stderr
    station.aired("phat-ngay/nen")
    station.schedule("sap", 60, 'play = "nen"')
    wait_until(lambda: station.status()["next"], 20)
    assert "sắp phát “sap”" in station.command("restart").stderr
    (station.schedules / "sap.toml").unlink()
    wait_until(lambda: not station.status()["next"], 20)
    assert station.command("set", "zones.dong.title=Thôn Đoài").returncode == 0
    assert [zone["title"] for zone in station.status()["zones"]] == ["Thôn Bắc", "Thôn Đông"]
    assert "chưa áp dụng" in station.command("test", "dong").stderr, "it would be by the wiring that was"
    assert station.command("test", "bac").returncode == 0
    station.aired("thu-loa")
    pid = station.pid
    assert "khởi động lại" in station.command("restart").stdout
    wait_until(lambda: renamed(station), 30)
    assert station.pid == pid, "in its own process, where nobody else would start it again"
    assert station.alive


def test_the_player_says_where_sound_could_go(station: RunningStation, tmp_path: Path):
    first, *others = station.json("outputs")
    assert first["device"] == "default"
    assert all(it["device"] == "pulse" or it["device"].startswith("alsa:") for it in others)
    assert first["title"] in station.command("outputs").stdout
    with RunningStation(tmp_path / "other", CONFIG, device="none") as silent:
        assert "Máy phát không chạy" in silent.command("outputs").stderr


def renamed(station: RunningStation) -> bool:
    try:
        return [zone["title"] for zone in station.status()["zones"]] == ["Thôn Bắc", "Thôn Đoài"]
    except Exception:  # noqa: BLE001 - it is between its two lives
        return False


def seconds(record: dict) -> float:
    from datetime import datetime  # noqa: PLC0415

    start, end = (datetime.fromisoformat(record[key]) for key in ("actual_start", "actual_end"))
    return (end - start).total_seconds()


def test_a_player_that_is_supervised_ends_to_be_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    with RunningStation(tmp_path, CONFIG, device="none").start() as station:
        assert station.command("restart").returncode == 0
        wait_until(lambda: not station.alive, 20)
        assert station.terminate() == 0
