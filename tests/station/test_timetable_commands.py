"""The timetable from the command line: rehearsed, ordered by the commune, bent by swapped days, overridden."""

from pathlib import Path

import pytest

from tests.running import CONFIG, RunningStation, speech

SCHEDULE = 'title = "Tin sáng"\n[[air]]\ndays = "{days}"\nat = "05:00"\n[[rundown]]\nsay = "Xin chào bà con."\n'


@pytest.fixture
def station(tmp_path: Path):
    with RunningStation(tmp_path, CONFIG.replace("00:00-24:00", "05:00-21:00"), device="none") as running:
        yield running


def write(station: RunningStation, name: str, days: str = "daily", more: str = "") -> None:
    (station.schedules / f"{name}.toml").write_text(more + SCHEDULE.format(days=days))


def test_a_rehearsal_is_the_real_step_with_its_actions(station):
    write(station, "sang")
    taken = station.json("rehearse", "--from", "2026-11-23", "--days", "2")
    kinds = [it["action"] for it in taken]
    assert kinds.count("play-tape") == 2
    assert next(it["at"] for it in taken if it["action"] == "play-tape") == "2026-11-23T04:59:58+07:00"
    closed = [it for it in taken if it["action"] == "close-record"]
    assert {it["result"] for it in closed} == {"aired"}
    told = station.command("rehearse", "--from", "2026-11-23").stdout
    assert "Bật tăng âm Thôn Bắc" in told


def test_swapped_days_bend_the_week_and_a_broken_file_is_told(station):
    write(station, "sang", "mon-fri")
    saturday = ("timetable", "--from", "2026-08-22")
    assert station.json(*saturday) == []
    (station.home / "swap-days.toml").write_text('[[swap]]\nday = "2026-08-22"\nlike = "mon"\nnote = "làm bù"\n')
    assert [it["start"] for it in station.json(*saturday)] == ["2026-08-22T05:00:00+07:00"]
    (station.home / "swap-days.toml").write_text('[[swap]]\nday = "2026-08-22"\nlike = "mob"\n')
    told = station.command("check").stderr
    assert "swap-days.toml, swap thứ 1.like" in told
    assert "“mon”" in told


def test_the_commune_says_whose_priority_bulletin_goes_first(station):
    assert "tỉnh phát trước" in station.command("order").stdout
    assert station.command("order", "commune", "--on", "2026-11-24").returncode == 0
    assert station.json("order") == {"first": "province", "on": {"2026-11-24": "commune"}}
    (station.home / "order.toml").write_text('first = "communne"\n')
    broken = station.command("order")
    assert broken.returncode == 1
    assert "Có phải “commune” không?" in broken.stderr
    assert "order.toml" in station.command("check").stderr
    assert station.command("order", "xa").returncode == 2


def test_a_clash_is_told_with_its_reason(station):
    write(station, "mot", more='priority = "priority"\n')
    write(station, "hai", more='clash = "move within 20m"\n')
    first, second = station.json("timetable", "--from", "2026-11-24")
    assert (first["schedule"], first["state"]) == ("mot", "planned")
    assert (second["schedule"], second["state"]) == ("hai", "moved")
    assert "nhường giờ" in second["reason"]


def test_an_override_needs_a_reason_and_is_in_the_log_with_its_name(tmp_path):
    config = CONFIG.replace('["00:00-24:00"]', "[]")
    with RunningStation(tmp_path, config, device="none") as station:
        station.command("add", str(speech(tmp_path / "tin.mp3", "Báo động lũ.")), "--title", "Tin", "--approve")
        station.start()
        assert station.command("play", "tin").returncode == 1
        assert station.command("play", "tin", "--override", "Báo lũ").returncode == 0
        station.aired("phat-ngay/tin")
        (record,) = station.json("log")
        assert record["override"] == "Báo lũ"
        assert "dòng lệnh" in record["who"]
        assert "cho phát ngoài khung giờ: Báo lũ." in record["reason"]


def test_thirty_days_are_rehearsed_whole(station):
    write(station, "sang")
    taken = station.json("rehearse", "--from", "2026-11-01", "--days", "30")
    assert [it["action"] for it in taken].count("close-record") == 30
