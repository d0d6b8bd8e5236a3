"""What people write: every mistake is told with file, key and mend, and never a traceback."""

import random
from pathlib import Path

import pytest

from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Kind, Newest
from station.stores.config import SILENT, read_config
from station.stores.schedule_files import read_schedules

EXAMPLES = Path(__file__).parents[2] / "schedules"
ZONES = {"bac": object(), "dong": object()}
GOOD = (EXAMPLES / "ban-tin-sang.toml").read_text()


def troubles(folder: Path, written: str | bytes) -> list[str]:
    file = folder / "thu.toml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    return [str(it) for it in read_schedules(folder, ZONES).troubles]


def test_the_examples_are_right():
    files = read_schedules(EXAMPLES, ZONES)
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


def test_mutated_files_never_raise_and_never_pass_unread(tmp_path):
    chance = random.Random(20261123)
    letters = '"=[]#\n,.-:0159abcxyz ớ'
    for _ in range(2_000):
        mutated = list(GOOD)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(mutated))
            mutated[place : place + chance.randint(0, 3)] = chance.choice(["", chance.choice(letters)])
        files = read_mutated(tmp_path, "".join(mutated))
        assert bool(files.troubles) != bool(files.schedules)


def read_mutated(folder: Path, written: str):
    (folder / "thu.toml").write_text(written)
    return read_schedules(folder, ZONES)


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
        ("pin = 17", 'pin = 17\n[zones.dong]\ntitle = "Đ"\npin = 17', ("chân 17",)),
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
