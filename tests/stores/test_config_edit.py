"""Editing station.toml as text: one value changes, and every comment around it stays."""

import pytest

from station.rules.trouble import Refused
from station.stores.config import Config, read_config_text
from station.stores.config_edit import config_setting, config_words, edited_config
from station.stores.schedule_edit import Setting
from station.stores.written import Unreadable, parse_toml
from web.pages.settings import PARTS, TABLES

TEXT = """\
# Đài Hương Sơn
name          = "Đài cũ"   # tên trên trang
allowed_hours = ["05:00-21:00"]

[audio]
loudness = -16  # LUFS

# Loa đầu làng
[zones.thon-bac]
title = "Thôn Bắc"
pin   = 17      # dây xanh

[speech]
voice = "bac"

[zones.cho]
title = "Chợ"
"""


def changed(text: str, **settings: str) -> str:
    return edited_config(text, [config_setting(key.replace("__", "."), it) for key, it in settings.items()], "tệp")


def differing(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_one_value_changes_and_all_else_stays():
    gone, come = differing(TEXT, edited_config(TEXT, [config_setting("zones.thon-bac.pin", "27")], "tệp"))
    assert (gone, come) == (["pin   = 17      # dây xanh"], ["pin   = 27      # dây xanh"])
    assert differing(TEXT, changed(TEXT, audio__loudness="-18,5"))[1] == ["loudness = -18.5  # LUFS"]
    assert differing(TEXT, changed(TEXT, name="Đài mới"))[1] == ['name          = "Đài mới"   # tên trên trang']


def test_new_keys_tables_and_zones_find_their_place():
    text = changed(TEXT, weekend_hours="06:00-11:00\n14:00-20:00", limits__sessions="3", audio__high_pass="200")
    text = edited_config(text, [config_setting("zones.thon-nam.title", "Thôn Nam")], "tệp")
    text = edited_config(text, [config_setting("zones.thon-nam.active_high", "false")], "tệp")
    config = read_config_text(text, "tệp")
    assert [str(it) for it in config.weekend_hours or ()] == ["06:00–11:00", "14:00–20:00"]
    assert (config.limits.sessions, config.audio.high_pass) == (3, 200)
    assert (config.zones["thon-nam"].title, config.zones["thon-nam"].active_high) == ("Thôn Nam", False)
    assert differing(TEXT, text)[0] == []


def test_levels_are_written_anew_in_whichever_way_they_stood():
    for before in (TEXT, "level = []\n" + TEXT, TEXT + '[[level]]\nhours = "00:00-05:00"\ngain = -3\n'):
        text = changed(before, level="00:00-06:00 -6\n21:00-24:00 -10 normal")
        assert config_words(parse_toml(text, ""), "level") == "00:00-06:00 -6\n21:00-24:00 -10 normal"
        config = read_config_text(text, "tệp")
        assert [(str(it.hours), it.gain, len(it.priority)) for it in config.level] == [
            ("00:00–06:00", -6, 2),
            ("21:00–24:00", -10, 1),
        ]
        assert "# dây xanh" in text
        assert "level" not in parse_toml(changed(text, level=""), "")


def test_a_zone_is_taken_away_whole():
    text = edited_config(TEXT, [config_setting("zones.cho", "")], "tệp")
    assert list(read_config_text(text, "tệp").zones) == ["thon-bac"]
    assert "# Loa đầu làng" in text


def test_an_empty_file_grows():
    text = edited_config("", [config_setting("zones.dinh.title", "Đình"), config_setting("name", "Đài")], "tệp")
    config = read_config_text(text, "tệp")
    assert (config.name, list(config.zones)) == ("Đài", ["dinh"])


def test_what_may_not_be_edited_is_refused_and_what_is_wrong_is_told_by_the_one_reader():
    for key in ("practice", "trust_clock", "zones", "panel.led", "zones.thon-bac.owner", "a b"):
        with pytest.raises(Refused, match="Không sửa được khoá"):
            config_setting(key, "x")
    text = changed(TEXT, audio__loudness="to")
    with pytest.raises(Unreadable, match=r"audio\.loudness: “to” không đúng loại"):
        read_config_text(text, "tệp")


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_usual_that_a_form_shows_is_the_usual(part):
    for field in part.fields:
        setting = config_setting(field.key, field.usual)
        text = edited_config("", [setting], "tệp") if setting != Setting(field.key, None) else ""
        assert read_config_text(text, "tệp") == Config(), field.key


def test_the_usual_of_a_zone_is_the_usual():
    _, part = TABLES["cum-loa"]
    bare = '[zones.x]\ntitle = "X"\n'
    written = [config_setting(f"zones.x.{it.key}", it.usual) for it in part.fields if it.usual]
    assert len(written) >= 6
    assert read_config_text(edited_config(bare, written, "tệp"), "") == read_config_text(bare, "")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('[zones.xa]\ntitle = "Xa"\npi = "xa.local"\n', "không nói chân nào"),
        ('[zones.xa]\ntitle = "Xa"\npi = "thôn xa"\npin = 17\n', "không phải là tên máy"),
        ('[audio]\ndevice = "snapcast:cổng"\n', "không phải là ngõ ra âm thanh"),
    ],
)
def test_what_is_wrong_with_other_machines_is_told(written: str, told: str):
    with pytest.raises(Unreadable, match=told):
        read_config_text(written, "tệp")


def test_a_pin_may_be_used_once_at_each_machine():
    zones = "".join(
        f'[zones.{name}]\ntitle = "{name}"\npi = "{pi}"\npin = 17\n'
        for name, pi in (("xa", "xa.local"), ("gan", "xa.local:8726"))
    )
    config = read_config_text(f'{zones}[zones.day]\ntitle = "Đây"\npin = 17\n[audio]\ndevice = "snapcast"\n', "tệp")
    assert [zone.pi for zone in config.zones.values()] == ["xa.local", "xa.local:8726", ""]
    with pytest.raises(Unreadable, match="17 được dùng hai lần"):
        read_config_text(zones.replace(":8726", ""), "tệp")
