"""`station schedule` and `station timetable --diff`, as a person at the keyboard meets them."""

import json
import shutil
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.cli import main
from station.control.messages import Answer, LookAgain
from station.control.server import ControlServer
from station.desk import schedules as desk
from station.rules.trouble import Refused
from station.stores.home import open_home, places
from station.stores.schedule_edit import Setting
from station.stores.schedule_shelf import digest

EXAMPLES = sorted((Path(__file__).parents[2] / "schedules").glob("*.toml"))
CONFIG = """\
name = "Đài thử"
allowed_hours = ["05:00-21:00"]
[zones.bac]
title = "Thôn Bắc"
[zones.dong]
title = "Thôn Đông"
"""
LONG = "Xin mời bà con nghe. " * 60  # about a minute and a half when it is read
MARKET = ("add", "cho-phien", "--title", "Chợ phiên", "--at", "08:00", "--days", "daily", "--say", LONG)


class Keyboard:
    """A station's home with the example schedules, and its command line."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.schedules = home / "schedules"
        shutil.copytree(EXAMPLES[0].parent, self.schedules)
        (home / "station.toml").write_text(CONFIG)

    def types(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(self.home), *arguments])

    def schedule(self, *arguments: str) -> str:
        """What `station schedule …` prints, when all is well."""
        result = self.types("schedule", *arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def json(self, *arguments: str) -> Any:
        result = self.types(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def refuses(self, *arguments: str) -> str:
        """The sentence with which a command is refused; no file changes."""
        before = self.files()
        result = self.types(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert self.files() == before
        return result.stderr

    def text(self, name: str) -> str:
        return (self.schedules / f"{name}.toml").read_text()

    def files(self) -> dict[str, bytes]:
        return {it.name: it.read_bytes() for it in self.schedules.iterdir() if it.is_file()}

    def audit(self) -> list[tuple[str, str]]:
        with sqlite3.connect(self.home / "station.db") as database:
            return database.execute("select deed, subject from audit order by id").fetchall()


@pytest.fixture
def keyboard(tmp_path: Path) -> Keyboard:
    return Keyboard(tmp_path)


def test_the_list_says_when_each_airs_and_what_is_wrong(keyboard):
    (keyboard.schedules / "hong.toml").write_text(
        'title = "Hỏng"\nzones = ["bca"]\n[[air]]\ndays="mon"\nat="05:00"\n'
    )
    listed = keyboard.schedule("list")
    assert "ban-tin-sang  “Bản tin sáng”  05:00 mon-sat, trừ 2027-02-05..2027-02-09" in listed
    assert "LỖI hong.toml" in listed
    told = {it["name"]: it for it in keyboard.json("schedule", "list")}
    assert told["nhac-trua"]["airs"] == ["11:00 sat, sun"]
    assert told["hong"]["troubles"] and not told["nhac-trua"]["troubles"]


def test_a_file_is_shown_as_it_is_written(keyboard):
    assert keyboard.schedule("show", "ban-tin-sang") == keyboard.text("ban-tin-sang")


def test_a_schedule_of_the_province_is_for_reading_only(keyboard):
    folder = keyboard.schedules / "province"
    folder.mkdir()
    shutil.copy(EXAMPLES[0], folder / "thoi-su.toml")
    assert keyboard.schedule("show", "province/thoi-su") == EXAMPLES[0].read_text()
    for order in (("edit", "province/thoi-su", "--at", "05:00"), ("disable", "province/thoi-su")):
        assert "chỉ để xem" in keyboard.types("schedule", *order).stderr
    assert (folder / "thoi-su.toml").read_text() == EXAMPLES[0].read_text()


def test_a_new_schedule_is_readable_aloud_and_keeps_the_order_asked_for(keyboard):
    said = ("--play", "nhac-hieu", "--say", "Kính chào.", "--newest", "news", "--within", "36h", "--limit", "5m")
    when = ("--at", "06:30", "--days", "mon,thu", "--except", "2026-12-24", "--zones", "bac")
    keyboard.schedule("add", "cho-phien", "--title", "Chợ phiên", *when, *said, "--play", "loi-ket")
    assert keyboard.text("cho-phien") == (
        'title = "Chợ phiên"\nzones = ["bac"]\n\n'
        '[[air]]\ndays   = ["mon", "thu"]\nat     = "06:30"\nexcept = "2026-12-24"\n\n'
        '[[rundown]]\nplay = "nhac-hieu"\n\n[[rundown]]\nsay = "Kính chào."\n\n'
        '[[rundown]]\nnewest = "news"\nwithin = "36h"\nlimit  = "5m"\n\n[[rundown]]\nplay = "loi-ket"\n'
    )


def test_an_edit_changes_what_was_asked_and_leaves_the_last_good_version(keyboard):
    before = keyboard.text("ban-tin-sang")
    keyboard.schedule("edit", "ban-tin-sang", "--at", "05:15", "--zones", "bac,dong", "--set", "rundown.3.limit=9m")
    after = before.replace('"05:00"', '"05:15"').replace('["all"]', '["bac", "dong"]').replace('"12m"', '"9m"')
    assert keyboard.text("ban-tin-sang") == after
    assert (keyboard.schedules / "ban-tin-sang.toml.last-good").read_text() == before
    assert keyboard.audit() == [("sửa lịch", 'ban-tin-sang zones=["bac", "dong"] air.at=05:15 rundown.3.limit=9m')]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("edit", "ban-tin-sang", "--days", "mon-sta"), ("ban-tin-sang.toml", "air thứ 1.days", "mon-sat")),
        (("edit", "ban-tin-sang", "--at", "25:00"), ("air thứ 1.at", "05:00")),
        (("edit", "ban-tin-sang", "--priority", "norml"), ("priority", "normal")),
        (("edit", "ban-tin-sang", "--zones", "bca"), ("zones", "bac")),
        (("edit", "ban-tin-sang", "--set", "titel=x"), ("titel", "title")),
        (("edit", "ban-tin-sang", "--set", "enabled=không"), ("enabled", "true hoặc false")),
        (("edit", "ban-tin-sang", "--set", "air.3.at=05:00"), ("thứ 3", "1 bảng")),
        (("edit", "ban-tin-sang", "--title", ""), ("Thiếu khoá “title”",)),
        (("edit", "ban-tin-sag", "--at", "05:00"), ("ban-tin-sang",)),
        (("edit", "province/ban-tin", "--at", "05:00"), ("tỉnh", "chỉ để xem")),
        (("remove", "province/ban-tin"), ("tỉnh",)),
        (("disable", "../station"), ("Không có lịch phát",)),
        (("add", "Chợ phiên", *MARKET[2:]), ("cho-phien",)),
        (("add", "ban-tin-sang", *MARKET[2:]), ("Đã có",)),
        (("add", "cho", *MARKET[2:-2], "--newest", "newz", "--within", "3h"), ("rundown thứ 1.newest", "news")),
        (("add", "cho", *MARKET[2:-2], "--newest", "news"), ("rundown thứ 1", "within")),
        (("show", "khong-co"), ("Không có lịch phát",)),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_mend(keyboard, arguments, told):
    said = keyboard.refuses("schedule", *arguments)
    for words in told:
        assert words in said


def test_a_refusal_says_what_check_says(keyboard):
    refused = keyboard.refuses("schedule", "edit", "nhac-trua", "--days", "mon-sta")
    file = keyboard.schedules / "nhac-trua.toml"
    file.write_text(file.read_text().replace('["sat", "sun"]', '"mon-sta"'))
    checked = keyboard.types("check").stderr.replace(" Các lịch khác vẫn phát bình thường.", "")
    assert refused.strip() in checked


@pytest.mark.parametrize("arguments", [("edit", "nhac-trua"), ("edit", "nhac-trua", "--set", "at"), MARKET[:-2]])
def test_an_order_that_says_too_little_is_wrong_usage(keyboard, arguments):
    assert keyboard.types("schedule", *arguments).exit_code == 2


def test_a_disabled_schedule_airs_nothing_and_nobody_complains(keyboard):
    keyboard.schedule("add", "dem", "--title", "Đêm", "--at", "23:00", "--days", "daily", "--play", "chua-co")
    assert "dem" in keyboard.types("check").stderr
    keyboard.schedule("disable", "dem")
    assert "dem" not in keyboard.types("check").stderr
    assert not [it for it in keyboard.json("timetable") if it["schedule"] == "dem"]
    assert "(đã tắt)" in keyboard.schedule("list")
    keyboard.schedule("enable", "dem")
    assert [it for it in keyboard.json("timetable") if it["schedule"] == "dem"]
    assert keyboard.text("dem").startswith('title = "Đêm"\nenabled = true\n')


def test_what_already_is_so_is_not_written_again(keyboard):
    before = keyboard.files()
    assert "vẫn như cũ" in keyboard.schedule("enable", "ban-tin-sang")
    assert "vẫn như cũ" in keyboard.schedule("edit", "ban-tin-sang", "--at", "05:00")
    assert (keyboard.files(), keyboard.audit()) == (before, [])


def test_a_broken_file_can_be_mended_and_its_last_good_version_stays(keyboard):
    keyboard.schedule("edit", "nhac-trua", "--at", "11:15")
    file = keyboard.schedules / "nhac-trua.toml"
    good = (keyboard.schedules / "nhac-trua.toml.last-good").read_text()
    file.write_text(file.read_text().replace("11:15", "11:75"))
    keyboard.schedule("edit", "nhac-trua", "--at", "11:30")
    assert '"11:30"' in keyboard.text("nhac-trua")
    assert (keyboard.schedules / "nhac-trua.toml.last-good").read_text() == good


def test_what_is_removed_is_kept_beside(keyboard):
    before = keyboard.text("nhac-trua")
    assert "nhac-trua.toml.removed" in keyboard.schedule("remove", "nhac-trua")
    assert not (keyboard.schedules / "nhac-trua.toml").exists()
    assert (keyboard.schedules / "nhac-trua.toml.removed").read_text() == before


@pytest.mark.parametrize(
    "arguments",
    [MARKET, ("edit", "nhac-trua", "--at", "12:00"), ("remove", "nhac-trua"), ("disable", "nhac-trua")],
)
def test_a_preview_shows_what_saving_then_shows_and_saves_nothing(keyboard, arguments):
    before = keyboard.files()
    previewed = keyboard.json("schedule", *arguments, "--preview")
    assert previewed
    assert (keyboard.files(), keyboard.audit()) == (before, [])
    assert keyboard.json("schedule", *arguments) == previewed


def test_a_proposed_file_shows_its_effect_on_other_schedules(keyboard, tmp_path):
    keyboard.schedule(*MARKET)
    proposed = tmp_path / "hop-dan.toml"
    proposed.write_text(
        'title = "Họp dân"\npriority = "priority"\n'
        '[[air]]\ndays = "2027-03-01"\nat = "08:01"\n[[rundown]]\nsay = "Họp."\n'
    )
    window = ("timetable", "--from", "2027-03-01", "--days", "1", "--diff", str(proposed))
    changes = keyboard.json(*window)
    assert [(it["change"], (it["after"])["schedule"], it["after"]["state"]) for it in changes] == [
        ("changed", "cho-phien", "dropped"),
        ("added", "hop-dan", "planned"),
    ]
    lines = keyboard.types(*window).stdout.splitlines()
    assert [line[0] for line in lines] == ["~", "+"]
    assert "Họp dân" in lines[0] and "Chợ phiên" in lines[0]
    assert "hop-dan.toml" not in keyboard.files()


def test_a_proposed_file_that_is_wrong_is_refused(keyboard, tmp_path):
    proposed = tmp_path / "nhac-trua.toml"
    proposed.write_text(keyboard.text("nhac-trua").replace('"11:00"', '"11"'))
    assert "air thứ 1.at" in keyboard.refuses("timetable", "--diff", str(proposed))


def test_a_change_far_ahead_is_shown_too(keyboard):
    keyboard.schedule("add", "xa", "--title", "Xa", "--at", "08:00", "--days", "daily", "--say", "A.")
    keyboard.schedule("disable", "xa")
    told = keyboard.json("schedule", "edit", "ban-tin-sang", "--except", "", "--preview")
    assert {it["after"]["start"][:10] for it in told} <= {f"2027-02-0{day}" for day in range(5, 10)}


def test_an_edit_of_what_another_changed_meanwhile_is_refused(keyboard):
    home = open_home(places(keyboard.home))
    seen = digest(desk.schedule_text(home, "nhac-trua"))
    mine = desk.draft_edit(home, "nhac-trua", [Setting("title", "Nhạc")], based_on=seen)
    keyboard.schedule("edit", "nhac-trua", "--at", "11:15")
    changed = keyboard.files()
    with pytest.raises(Refused, match='thêm “at   = "11:15"”'):
        desk.save(home, mine, by="Lan", now=0)
    with pytest.raises(Refused, match='bỏ “at   = "11:00"”'):
        desk.draft_edit(home, "nhac-trua", [Setting("title", "Nhạc")], based_on=seen)
    assert keyboard.files() == changed


def test_the_running_player_is_told(keyboard):
    asked = []
    (keyboard.home / "run").mkdir()
    server = ControlServer(keyboard.home / "run" / "station.sock", lambda it: asked.append(it) or Answer(done=True))
    try:
        keyboard.schedule("edit", "nhac-trua", "--at", "12:00")
    finally:
        server.close()
    assert asked == [LookAgain()]


def test_a_rundown_is_put_in_another_order_with_its_comments(keyboard: Keyboard):
    before = keyboard.text("ban-tin-chieu")
    assert "Xem trước" in keyboard.schedule("arrange", "ban-tin-chieu", "2", "1", "--preview")
    assert keyboard.text("ban-tin-chieu") == before
    assert "Đã sửa lịch" in keyboard.schedule("arrange", "ban-tin-chieu", "3", "1", "6")
    after = keyboard.text("ban-tin-chieu")
    assert after.startswith(before.partition("[[rundown]]")[0])
    assert [next(iter(it)) for it in tomllib.loads(after)["rundown"]] == ["newest", "play", "play"]
    assert ("sửa lịch", "ban-tin-chieu rundown: 3 1 6") in keyboard.audit()
    assert "Tệp này có 3 bảng [[rundown]]." in keyboard.refuses("schedule", "arrange", "ban-tin-chieu", "1", "4")
