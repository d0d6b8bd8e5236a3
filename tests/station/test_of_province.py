"""The player airs what the province sent as it arrives, and the log says whose it was."""

import datetime as dt
from pathlib import Path

from station.province.shelf import let_go
from station.stores.home import open_home, places
from tests.province.offers import sent
from tests.rig.waiting import wait_until, wall_ms
from tests.running import HANOI, RunningStation

SCHEDULE = """\
title = "Tin tỉnh"
late = "join"
[[air]]
days = "daily"
at = "{at}"
[[rundown]]
play = "tin"
"""


def test_a_schedule_and_its_segment_air_as_soon_as_they_are_here_and_are_gone_when_withdrawn(
    tmp_path: Path,
) -> None:
    with RunningStation(tmp_path, device="none").start() as station:
        home, now = open_home(places(station.home)), int(wall_ms())
        begins = dt.datetime.fromtimestamp(now / 1000 + 8, HANOI)
        words = "Xin chào bà con."
        sent(home, words.encode(), "tinh/tin.txt", published=now, title="Tin")
        schedule = SCHEDULE.format(at=f"{begins:%H:%M:%S}").encode()
        made = sent(home, schedule, "tinh/sang.toml", published=now)
        wait_until(lambda: ("province/sang", "aired") in station.results(), 60, every=0.5)
        (record,) = station.json("log")
        assert (record["origin"], record["title"], record["reason"]) == ("province", "Tin tỉnh", "")
        coming = station.json("timetable", "--days", "2")
        assert {(it["schedule"], it["origin"]) for it in coming} == {("province/sang", "province")}
        let_go(home, made.path, now)
        wait_until(lambda: not station.json("timetable", "--days", "2"), 10, every=0.5)
        assert station.command("schedule", "show", "province/sang").returncode == 1
        (kept,) = station.json("segments")
        assert (kept["name"], kept["origin"], kept["state"]) == ("province/tin", "province", "approved")
        assert station.command("remove", "province/tin").returncode == 1
        month = station.json("report", "--month", f"{begins:%Y-%m}")
        assert month["origins"]["province"]["broadcasts"] == 1
        assert [it["schedule"] for it in station.json("log")] == ["province/sang"]
