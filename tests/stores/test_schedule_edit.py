"""An edit changes the value that was asked for: what the file means elsewhere, and how it looks, stays."""

import random
import re
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.trouble import Refused
from station.stores.schedule_edit import Setting, edited, new_text, setting

EXAMPLES = sorted((Path(__file__).parents[2] / "schedules").glob("*.toml"))
FILE = "thu.toml"

examples = st.sampled_from([path.read_text() for path in EXAMPLES])
sentences = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
words = st.sampled_from(["daily", "mon-sat", "sun", "2026-09-02"])
day_lists = st.lists(words, min_size=1, max_size=3).map(tuple)
settings_of_one_key = st.one_of(
    st.builds(Setting, st.just("title"), sentences),
    st.builds(Setting, st.just("priority"), st.sampled_from(["normal", "priority", None])),
    st.builds(Setting, st.just("zones"), st.sampled_from([("bac",), ("bac", "dong"), None])),
    st.builds(Setting, st.just("enabled"), st.sampled_from([True, False, None])),
    st.builds(Setting, st.just("air.1.at"), st.times().map(lambda it: f"{it:%H:%M}")),
    st.builds(Setting, st.just("air.1.days"), words | day_lists),
    st.builds(Setting, st.just("air.1.except"), words | day_lists | st.none()),
    st.builds(Setting, st.just("rundown.1.limit"), st.sampled_from(["5m", None])),
)


def by_counting(data: dict, change: Setting) -> dict:
    """What a setting means, told without the editor."""
    data = deepcopy(data)
    *table, key = change.key.split(".")
    place = data[table[0]][int(table[1]) - 1] if table else data
    place.pop(key, None)
    if change.value is not None:
        place[key] = list(change.value) if isinstance(change.value, tuple) else change.value
    return data


def annotated(text: str, chance: random.Random) -> str:
    """The same file with remarks wherever a person may write them."""
    lines = []
    for number, line in enumerate(text.splitlines()):
        if chance.random() < 0.3:
            lines.append(f"  # dòng ghi chú {number}")
        remark = f"   # chú thích {number}" if chance.random() < 0.3 and line and "#" not in line else ""
        lines.append(line + remark)
    return "\n".join(lines) + "\n# hết"


def remarks(text: str) -> list[str]:
    return re.findall(r"\s*# (?:dòng ghi chú|chú thích|hết).*", text)


@given(examples, st.lists(settings_of_one_key, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_edits_mean_what_was_asked_and_nothing_else(example, changes, chance):
    text = annotated(example, chance)
    asked = tomllib.loads(text)
    for change in changes:
        asked = by_counting(asked, change)
    after = edited(text, changes, FILE)
    assert tomllib.loads(after) == asked
    if all(change.value is not None for change in changes):
        assert remarks(after) == remarks(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("title", "Tin mới", r'title( *)= "Tin mới"'),
        ("air.1.at", "05:15", r'at( *)= "05:15"'),
        ("air.1.days", "sun", r'days( *)= "sun"'),
        ("air.at", "05:15", r'at( *)= "05:15"'),
    ],
)
def test_only_the_line_of_the_value_changes_and_only_in_its_value(path, key, value, line):
    before = path.read_text()
    after = edited(before, [Setting(key, value)], FILE)
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert len(changed) == 1
    old, new = changed[0]
    assert re.match(line, new)
    assert old.partition("= ")[0] == new.partition("= ")[0]
    assert old.partition("#")[1:] == new.partition("#")[1:]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("key", ["enabled", "air.1.except", "rundown.2.limit"])
def test_a_key_comes_and_goes_in_a_line_of_its_own(path, key):
    before = edited(path.read_text(), [Setting(key, None)], FILE) if "rundown.2" not in key else path.read_text()
    if key == "rundown.2.limit" and len(tomllib.loads(before)["rundown"]) < 2:
        with pytest.raises(Refused, match="thứ 2"):
            edited(before, [Setting(key, "5m")], FILE)
        return
    value = False if key == "enabled" else "2026-09-02"
    after = edited(before, [Setting(key, value)], FILE)
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert set(before.splitlines()) <= set(after.splitlines())
    assert edited(after, [Setting(key, None)], FILE) == before


def test_a_new_key_is_aligned_and_stays_above_what_leads_to_the_next_table():
    text = (
        'title    = "A"\npriority = "normal"\n\n'
        '[[air]]\ndays = "daily"\nat   = "05:00"\n\n# khung\n[[rundown]]\nsay = "B"'
    )
    asked = [Setting("enabled", value=False), Setting("air.1.except", "sun"), Setting("rundown.1.limit", "1m")]
    assert edited(text, asked, FILE) == (
        'title    = "A"\npriority = "normal"\nenabled  = false\n\n'
        '[[air]]\ndays = "daily"\nat   = "05:00"\nexcept = "sun"\n\n# khung\n[[rundown]]\nsay = "B"\nlimit = "1m"\n'
    )


def test_a_file_with_windows_line_ends_keeps_them():
    text = 'title = "A"\r\n[[air]]\r\nat = "05:00"\r\n'
    after = edited(text, [Setting("air.at", "06:00"), Setting("enabled", value=False)], FILE)
    assert after == 'title = "A"\r\nenabled = false\r\n[[air]]\r\nat = "06:00"\r\n'


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ('title = "A"', "air.1.at", "0 bảng"),
        ("air = 5", "air.1.at", "0 bảng"),
        ('[[air]]\nat = "1"\n[[air]]\nat = "2"', "air.at", "air.2.at"),
        ('[[air]]\nat = "1"', "air.0.at", "thứ 0"),
        ('[[air]]\nat = "1"', "air.1.at.x", "Không hiểu"),
        ('[[air]]\nat = "1"\n[[rundown]]\nsay = "a"\n[[air]]\nat = "2"', "air.2.at", "sửa bằng tay"),
    ],
)
def test_what_cannot_be_edited_is_refused(text, key, told):
    with pytest.raises(Refused, match=told):
        edited(text, [Setting(key, "05:00")], FILE)


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("title", "Tin, và nhạc", "Tin, và nhạc"),
        ("zones", "bac", ("bac",)),
        ("zones", "bac, dong", ("bac", "dong")),
        ("air.1.days", "mon-sat", "mon-sat"),
        ("air.1.days", "mon,thu", ("mon", "thu")),
        ("except", "", None),
        ("enabled", "true", True),
        ("enabled", "không", "không"),
    ],
)
def test_words_become_the_value_that_a_file_holds(key, written, value):
    assert setting(key, written).value == value


@given(sentences, day_lists, sentences)
def test_a_new_file_means_its_fields(title, days, said):
    fields = {"title": title, "air": [{"days": list(days), "at": "05:00"}], "rundown": [{"say": said}]}
    assert tomllib.loads(new_text(fields)) == fields
