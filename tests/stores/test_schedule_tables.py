"""Arranging the tables of a schedule file: what was asked and nothing else, with the comments of each."""

import random
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.trouble import Refused
from station.stores.schedule_edit import Setting, edited
from station.stores.schedule_tables import Arrangement
from station.stores.schedule_wanted import Table, Wanted
from tests.stores.test_schedule_edit import EXAMPLES, FILE, annotated, remarks

TEXT = """\
# Bản tin.
title = "Tin"  # tên

[[air]]
days = "daily"
at   = "05:00"

# nhạc hiệu trước
[[rundown]]
play = "nhac-hieu"  # của xã

[[rundown]]
newest = "news"
within = "36h"

# rồi chào
[[rundown]]
say = "Xin chào."
"""

examples = st.sampled_from([path.read_text() for path in EXAMPLES])
new_items = st.builds(lambda text: {"say": text}, st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
new_airings = st.builds(lambda at: {"days": ["mon", "lunar 15"], "at": f"{at:%H:%M}", "every": 1}, st.times())


@given(examples, st.sampled_from(["air", "rundown"]), st.data(), st.randoms(use_true_random=False))
def test_an_arrangement_means_what_was_asked_and_nothing_else(example, key, data, chance):
    text = annotated(example, chance)
    before = tomllib.loads(text)
    kept = data.draw(
        st.permutations(range(1, len(before[key]) + 1)).flatmap(
            lambda order: st.integers(0, len(order)).map(lambda count: order[:count])
        )
    )
    new = data.draw(st.lists(new_items if key == "rundown" else new_airings, max_size=3))
    wanted = data.draw(st.permutations([*kept, *new]))
    if not wanted:
        return
    after = edited(text, [Arrangement(key, tuple(wanted))], FILE)
    asked = [before[key][it - 1] if isinstance(it, int) else it for it in wanted]
    assert tomllib.loads(after) == {**before, key: asked}
    if len(kept) == len(before[key]):
        assert sorted(map(str.strip, remarks(after))) == sorted(map(str.strip, remarks(text)))


@given(examples, st.randoms(use_true_random=False))
def test_there_and_back_is_the_same_file(example, chance):
    count = len(tomllib.loads(example)["rundown"])
    order = list(range(1, count + 1))
    chance.shuffle(order)
    back = tuple(order.index(number) + 1 for number in range(1, count + 1))
    there = edited(example, [Arrangement("rundown", tuple(order))], FILE)
    assert edited(there, [Arrangement("rundown", back)], FILE) == example


def test_each_table_moves_with_its_comments_and_the_lines_between_stay():
    after = edited(TEXT, [Arrangement("rundown", (3, 1, {"newest": "notice", "within": "72h"}))], FILE)
    assert after.partition("# rồi")[0] == TEXT.partition("# nhạc")[0]
    assert after.partition('at   = "05:00"\n')[2] == (
        '\n# rồi chào\n[[rundown]]\nsay = "Xin chào."\n\n'
        '# nhạc hiệu trước\n[[rundown]]\nplay = "nhac-hieu"  # của xã\n\n'
        '[[rundown]]\nnewest = "notice"\nwithin = "72h"\n'
    )


def test_windows_line_ends_stay():
    text = TEXT.replace("\n", "\r\n")
    after = edited(text, [Arrangement("rundown", (2, {"say": "A"}))], FILE)
    assert "\n" not in after.replace("\r\n", "")


def test_another_hour_stands_before_the_rundown():
    after = edited(TEXT, [Arrangement("air", (1, {"days": "sun", "at": "07:00"}))], FILE)
    assert after.index('at   = "07:00"') < after.index("[[rundown]]")
    assert tomllib.loads(after)["air"][1] == {"days": "sun", "at": "07:00"}


@pytest.mark.parametrize(
    ("text", "tables", "told"),
    [
        (TEXT, (), "ít nhất một"),
        (TEXT, (1, 1), "3 bảng"),
        (TEXT, (4,), "3 bảng"),
        ('title = "A"\nrundown = [{say = "a"}, {say = "b"}]\n', (2, 1), "bằng tay"),
        ('[[rundown]]\nsay = "a"\n[[air]]\nat = "1"\n[[rundown]]\nsay = "b"\n', (2,), "bằng tay"),
        ('[[rundown]]\nsay = """\n[[rundown]]\n"""\n[[rundown]]\nsay = "b"\n', (2, 1), "bằng tay"),
    ],
)
def test_what_cannot_be_arranged_is_refused(text, tables, told):
    with pytest.raises(Refused, match=told):
        edited(text, [Arrangement("rundown", tables)], FILE)


def test_only_what_differs_is_changed():
    data = tomllib.loads(TEXT)
    same = Wanted({}, [Table({}, 1)], [Table({}, number) for number in (1, 2, 3)])
    assert list(same.changes(data)) == []
    other = Wanted(
        {"title": "Tin"},
        [Table({"at": "06:00"}, 1)],
        [Table({}, 3), Table({"limit": "5m"}, 2), Table({"say": "B"})],
    )
    assert list(other.changes(data)) == [
        Setting("air.1.at", "06:00"),
        Arrangement("rundown", (3, 2, {"say": "B"})),
        Setting("rundown.2.limit", "5m"),
    ]


def test_comments_of_random_places_never_break_it():
    for seed in range(20):
        text = annotated(TEXT, random.Random(seed))
        after = edited(text, [Arrangement("rundown", (2, 3, 1))], FILE)
        assert [next(iter(it)) for it in tomllib.loads(after)["rundown"]] == ["newest", "say", "play"]
