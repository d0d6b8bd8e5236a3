"""What people write: every mistake is told with file, key and mend, and never a traceback."""

import datetime as dt
import random
import re
import tomllib
from pathlib import Path

import attrs
import pytest

from station.rules.days import NEVER, read_days
from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Kind, Newest
from station.rules.schedule import Clash, Late, Schedule, Yield
from station.stores.config import SILENT, read_config
from station.stores.known import Known
from station.stores.schedule_files import read_schedules

EXAMPLES = Path(__file__).parents[2] / "schedules"
KNOWN = Known({"bac", "dong"}, {"vov1"}, {"ban-doc"})
GOOD = (EXAMPLES / "ban-tin-sang.toml").read_text()


def troubles(folder: Path, written: str | bytes) -> list[str]:
    file = folder / "thu.toml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    return [str(it) for it in read_schedules(folder, KNOWN).troubles]


def test_the_examples_are_right():
    files = read_schedules(EXAMPLES, KNOWN)
    assert files.troubles == ()
    assert len(files.schedules) == 3
    morning = next(it for it in files.schedules if it.name == "ban-tin-sang")
    assert morning.air[0].at == 5 * HOUR
    assert Newest(Kind.NEWS, 36 * HOUR, 12 * MINUTE) in morning.rundown


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('"mon-sat"', '"mon-sta"', ("air thứ 1.days", "mon-sat")),
        ('"05:00"', '"25:00"', ("air thứ 1.at", "05:00")),
        ('"05:00"', "5", ("air thứ 1.at", "05:00")),
        ('"normal"', '"norml"', ("priority", "normal")),
        ('["all"]', '["bca"]', ("zones", "bac")),
        ('["all"]', "[]", ("zones", "ít nhất một mục")),
        ('"36h"', '"36x"', ("rundown thứ 3.within", "36h")),
        ('"36h"', '"99999999999999999999h"', ("rundown thứ 3.within", "36h")),
        ('"36h"', '"87601h"', ("rundown thứ 3.within", "quá dài")),
        ('"news"', '"newz"', ("rundown thứ 3.newest", "news")),
        ("play =", "plya =", ("rundown thứ 1", "play")),
        ("title    =", "titel    =", ("titel", "title")),
        ('"Bản tin sáng"', "3", ("title", "chữ")),
        ("[[rundown]]\nplay", "[rundown]\nplay", ()),
        ('days   = "mon-sat"', "days = [1]", ("air thứ 1.days",)),
        ('title    = "Bản tin sáng"', 'title = "Bản', ("TOML",)),
    ],
)
def test_each_mistake_is_told_with_its_file_key_and_mend(tmp_path, wrong, right, told):
    assert wrong in GOOD
    said = " ".join(troubles(tmp_path, GOOD.replace(wrong, right, 1)))
    assert "thu.toml" in said
    for words in told:
        assert words in said


def test_a_file_that_is_no_text_is_told(tmp_path):
    assert "UTF-8" in troubles(tmp_path, b"\xff\xfe\x00title")[0]


RICH = """\
title = "Bản tin sáng"
priority = "priority"
zones = ["bac", "dong"]
late = "start within 10m"
clash = "move within 20m"
enabled = true

[[air]]
days = ["mon-sat", "lunar 15/7", "last fri"]
at = "05:00"
except = ["tet", "2026-04-30"]
from = "2026-01-01"
until = "2026-12-31"
every = 2
hard_end = "05:45"

[[rundown]]
play = "nhac-hieu"
for = "30s"

[[rundown]]
newest = "news"
within = "36h"
limit = "12m"

[[rundown]]
say = "Xin cảm ơn bà con."
"""


def test_ten_thousand_mutations_never_raise_and_never_change_the_meaning_silently(tmp_path):
    chance = random.Random(20261123)
    letters = '"=[]#\n,.-:0159abcxyz ớ'
    taken = 0
    for _ in range(10_000):
        mutated = list(RICH)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(mutated))
            mutated[place : place + chance.randint(0, 3)] = chance.choice(["", chance.choice(letters)])
        written = "".join(mutated)
        (tmp_path / "thu.toml").write_text(written)
        files = read_schedules(tmp_path, KNOWN)
        assert bool(files.troubles) != bool(files.schedules)
        for schedule in files.schedules:
            taken += 1
            assert as_read(schedule) == as_written(tomllib.loads(written))
    assert taken > 500, "many a mutation only changes a name or a remark"


def as_read(schedule: Schedule) -> tuple:
    """What a schedule means, as far as it can be said without the reader's own words."""
    air = [(it.at, it.since, it.until, it.every, it.hard_end, it.days, it.skip) for it in schedule.air]
    items = [tuple(attrs.astuple(it)) for it in schedule.rundown]
    zones = set(schedule.zones)
    return (
        schedule.title,
        schedule.priority.value,
        zones,
        schedule.late,
        schedule.clash,
        schedule.enabled,
        air,
        items,
    )


def as_written(data: dict) -> tuple:
    """The same, read from the bare TOML by other code than the reader's."""
    zones = set(data.get("zones", ["all"]))
    air = [
        (
            clock(it["at"]),
            date(it.get("from")),
            date(it.get("until")),
            it.get("every", 1),
            clock(it["hard_end"]) if "hard_end" in it else None,
            read_days(it["days"]),
            read_days(it["except"]) if "except" in it else NEVER,
        )
        for it in data["air"]
    ]
    return (
        data["title"],
        data.get("priority", "normal"),
        set() if "all" in zones else zones,
        late(data.get("late", "skip")),
        clash(data.get("clash", "drop")),
        data.get("enabled", True),
        air,
        [item(it) for it in data["rundown"]],
    )


def clock(written: str) -> int:
    hours, minutes, *seconds = (int(part) for part in written.split(":"))
    return ((hours * 60 + minutes) * 60 + (seconds[0] if seconds else 0)) * 1000


def length(written: str) -> int:
    return sum(
        int(number) * {"h": 3_600_000, "m": 60_000, "s": 1000}[unit]
        for number, unit in re.findall(r"(\d+)(.)", written)
    )


def date(written: object) -> dt.date | None:
    return written if written is None or isinstance(written, dt.date) else dt.date.fromisoformat(str(written))


def late(written: str) -> Late:
    fixed = {"skip": Late(), "join": Late(join=True)}
    return fixed[written] if written in fixed else Late(within=length(written.rsplit(" ", 1)[1]))


def clash(written: str) -> Clash:
    fixed = {"drop": Clash(), "cut": Clash(Yield.CUT)}
    return fixed[written] if written in fixed else Clash(Yield.MOVE, length(written.rsplit(" ", 1)[1]))


def item(written: dict) -> tuple:
    if "play" in written:
        return written["play"], length(written["for"]) if "for" in written else None
    if "newest" in written:
        limit = length(written["limit"]) if "limit" in written else None
        return Kind(written["newest"]), length(written["within"]), limit, written.get("origin")
    return (written["say"],)


CONFIG = """\
name = "Hương Sơn"
allowed_hours = ["05:00-11:30", "16:30-21:00"]
[audio]
device = "default"
loudness = -16
[zones.bac]
title = "Thôn Bắc"
pin = 17
warm_up = "2s"
"""


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('"05:00-11:30"', '"11:30-05:00"', ("allowed_hours thứ 1", "24:00")),
        ("pin = 17", "pin = 40", ("zones.bac.pin", "27")),
        ("pin = 17", 'pin = "17"', ("zones.bac.pin", "số nguyên")),
        ('"2s"', '"2 giây"', ("zones.bac.warm_up", "90s")),
        ("warm_up", "warmup", ("zones.bac", "warm_up")),
        ("-16", "-5", ("audio.loudness", "-10")),
        ("[zones.bac]", "[zones.Bắc]", ()),
        ('title = "Thôn Bắc"\n', "", ("zones.bac", "title")),
        ("pin = 17", 'pin = 17\n[zones.dong]\ntitle = "Đ"\npin = 17', ("Chân 17",)),
    ],
)
def test_each_mistake_of_the_config_is_told_and_silence_follows(tmp_path, wrong, right, told):
    assert wrong in CONFIG
    file = tmp_path / "station.toml"
    file.write_text(CONFIG.replace(wrong, right, 1))
    loaded = read_config(file, tmp_path / "last-good.toml")
    assert loaded.config == SILENT
    said = " ".join(str(it) for it in loaded.troubles)
    assert "station.toml" in said
    for words in told:
        assert words in said


def test_a_good_config_is_remembered_for_the_day_it_breaks(tmp_path):
    file, last_good = tmp_path / "station.toml", tmp_path / "last-good.toml"
    file.write_text(CONFIG)
    good = read_config(file, last_good)
    assert good.troubles == ()
    file.write_text(CONFIG + "x = ")
    broken = read_config(file, last_good)
    assert broken.config == good.config
    assert "cấu hình đúng gần nhất" in str(broken.troubles[0])


def test_no_config_at_all_is_a_station_that_runs(tmp_path):
    loaded = read_config(tmp_path / "station.toml", tmp_path / "last-good.toml")
    assert loaded.troubles == ()
    assert [zone.pin for zone in loaded.config.zones.values()] == [None]
    named = read_config(tmp_path / "station.toml", tmp_path / "last-good.toml", must_exist=True)
    assert named.config == SILENT
    assert named.troubles
