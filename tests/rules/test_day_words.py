"""Words for days one by one, and put together again; and what a calendar calls the days off."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.day_words import shortest, single_words
from station.rules.days import WEEKDAYS, read_days
from station.rules.public_holidays import ANY, holiday_name, is_holiday

WORDS = (*WEEKDAYS, "daily", "mon-sat", "fri-mon", "2026-09-02", "lunar 15", "tet", "first mon")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("daily", WEEKDAYS),
        ("fri-mon", ("fri", "sat", "sun", "mon")),
        (["Mon", "tet", "mon"], ("mon", "tet")),
        ("2026-04-28..2026-05-02", ("2026-04-28..2026-05-02",)),
        ("nonsense", ("nonsense",)),
    ],
)
def test_a_range_is_its_days(written, words):
    assert single_words(written) == words


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (WEEKDAYS, "daily"),
        (("tue", "mon", "wed"), "mon-wed"),
        (("mon", "wed"), ("mon", "wed")),
        (("sat", "sun"), ("sat", "sun")),
        (("mon", "tue", "wed", "fri", "sun"), ("mon-wed", "fri", "sun")),
        (("tet",), "tet"),
        (("tet", "mon"), ("mon", "tet")),
        ((), ()),
    ],
)
def test_days_that_follow_each_other_are_a_range(words, written):
    assert shortest(words) == written


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
)
def test_the_same_days_whichever_way_they_are_written(words, day):
    found = shortest(single_words(words))
    assert read_days(found).falls_on(day) == read_days(words).falls_on(day)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2027-02-04", "28 Tết"),
        ("2027-02-05", "Giao thừa"),
        ("2027-02-06", "Mùng 1 Tết"),
        ("2027-04-16", "Giỗ Tổ Hùng Vương"),
        ("2026-08-31", "Nghỉ bù"),
        ("2027-05-03", "Nghỉ bù"),
        ("2026-09-01", "Quốc khánh"),
        ("2026-11-25", ""),
    ],
)
def test_days_off_have_the_names_of_a_wall_calendar(day, name):
    assert holiday_name(dt.date.fromisoformat(day)) == name


@given(st.dates(dt.date(2020, 1, 1), dt.date(2050, 12, 31)))
def test_every_day_off_has_a_name_and_no_other_day(day):
    assert bool(holiday_name(day)) == is_holiday(day, ANY)
