"""Days: each rule against a count that knows nothing of it, and the two calendars against each other."""

import datetime as dt
import random

import pytest
from attrs import evolve
from dateutil import rrule
from holidays.countries.vietnam import Vietnam
from hypothesis import given
from hypothesis import strategies as st

from station.rules.days import WEEKDAYS, Calendar, read_days
from station.rules.lunar import lunar, lunar_name
from station.rules.now import DAY
from station.rules.public_holidays import NAMES
from station.rules.rundown import Play
from station.rules.schedule import Airing, Schedule
from station.rules.timetable import timetable
from station.rules.trouble import Refused
from tests.rules.stations import MONDAY, at, segment, station

dates = st.dates(dt.date(1976, 1, 1), dt.date(2099, 12, 31))


def days_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=count) for count in range((dt.date(year + 1, 1, 1) - first).days)]


def falls(written, year: int) -> list[dt.date]:
    days = read_days(written)
    return [day for day in days_of(year) if days.falls_on(day)]


@given(
    st.sampled_from(WEEKDAYS),
    st.sampled_from(["first", "second", "third", "fourth", "last"]),
    st.integers(1976, 2099),
)
def test_a_weekday_of_the_month_is_what_counting_gives(weekday, ordinal, year):
    index = WEEKDAYS.index(weekday)
    expected = []
    for month in range(1, 13):
        those = [day for day in days_of(year) if day.month == month and day.weekday() == index]
        expected.append(
            those[-1] if ordinal == "last" else those[["first", "second", "third", "fourth"].index(ordinal)]
        )
    assert falls(f"{ordinal} {weekday}", year) == expected


# Tết as the government's own calendars printed it; in 2007, 2030 and 2053 China's is a day later.
TET = {
    2007: dt.date(2007, 2, 17),
    2024: dt.date(2024, 2, 10),
    2025: dt.date(2025, 1, 29),
    2026: dt.date(2026, 2, 17),
    2027: dt.date(2027, 2, 6),
    2030: dt.date(2030, 2, 2),
    2053: dt.date(2053, 2, 18),
}


@pytest.mark.parametrize(("year", "day"), TET.items())
def test_tet_is_on_its_day(year, day):
    assert falls("lunar 1/1", year) == [day]


def test_the_two_calendars_agree_from_1976_to_2099():
    """lunar-vn computes each day; the holidays package has tables of its own for Tết and the Hùng Kings' day."""
    for year in range(1976, 2100):
        told = Vietnam(years=year, language="en_US", observed=False)
        tet = [day for day, name in told.items() if "Lunar New Year" in name.split("; ")]
        kings = [day for day, name in told.items() if NAMES["gio-to"] in name]
        assert falls("lunar 1/1", year) == tet, year
        if kings:  # a public holiday since 2007
            assert falls("lunar 10/3", year) == kings, year


@pytest.mark.parametrize(("year", "month"), [(2025, 6), (2028, 5), (2031, 3), (2033, 11)])
def test_leap_months_are_where_the_calendar_has_them(year, month):
    leap = {it.month for day in days_of(year) if (it := lunar(day)) and it.leap}
    assert leap == {month}
    days = [*days_of(year), *days_of(year + 1)]  # the leap eleventh month of 2033 is full in the next year
    (full_moon,) = [day for day in days if read_days(f"lunar 15/{month} leap").falls_on(day)]
    assert not read_days(f"lunar 15/{month}").falls_on(full_moon)
    assert read_days("lunar 15").falls_on(full_moon)


@given(dates)
def test_a_lunar_month_counts_its_days_from_one_without_a_gap(day):
    today, tomorrow = lunar(day), lunar(day + dt.timedelta(days=1))
    assert today is not None and tomorrow is not None
    assert tomorrow.day == (1 if today.last else today.day + 1)
    assert today.last == (today.day == 30 or (today.day == 29 and tomorrow.day == 1))


@given(st.integers(1977, 2098))
def test_new_year_s_eve_is_the_day_before_tet_in_every_year(year):
    (tet,) = falls("lunar 1/1", year)
    assert tet - dt.timedelta(days=1) in falls("lunar 30/12", year)
    assert 12 <= len(falls("lunar 15", year)) <= 13


def test_holidays_have_their_days():
    tet = falls("tet", 2026)
    assert tet[0] <= dt.date(2026, 2, 16) and dt.date(2026, 2, 20) in tet
    assert len(tet) >= 5
    assert falls("thong-nhat", 2026) == [dt.date(2026, 4, 30)]
    assert falls("lao-dong", 2027) == [dt.date(2027, 5, 1)], "the day itself, not the day off in its place"
    assert dt.date(2027, 5, 3) in falls("holiday", 2027)
    assert set(falls("quoc-khanh", 2026)) == {dt.date(2026, 9, 1), dt.date(2026, 9, 2)}
    for name in NAMES:
        assert set(falls(name, 2026)) <= set(falls("holiday", 2026))


def test_on_a_swapped_day_another_weekday_s_order_holds():
    saturday = dt.date(2026, 8, 22)
    swapped = Calendar(((saturday, 0),))
    assert read_days("mon-fri").falls_on(saturday, swapped)
    assert not read_days("sat").falls_on(saturday, swapped)
    assert read_days("2026-08-22").falls_on(saturday, swapped)
    assert not read_days("mon-fri").falls_on(saturday)


def airs(airing: Airing, first: dt.date, days: int, calendar: Calendar | None = None) -> set[dt.date]:
    the_station = evolve(station(), calendar=calendar) if calendar else station()
    begin = at("00:00", first)
    schedule = Schedule("tin", "Tin", (evolve(airing, at=6 * DAY // 24),), (Play("moi"),))
    found = timetable([schedule], the_station, [segment("moi")], begin, begin + days * DAY)
    return {first + dt.timedelta(days=(it.start - begin) // DAY) for it in found}


@given(
    st.dates(dt.date(2025, 12, 1), dt.date(2026, 2, 1)),
    st.integers(1, 6),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
)
def test_every_n_th_week_is_what_dateutil_counts(since, every, weekdays):
    airing = Airing(read_days(sorted(weekdays)), 0, since=since, every=every)
    rule = rrule.rrule(
        rrule.WEEKLY,
        interval=every,
        dtstart=dt.datetime.combine(since, dt.time()),
        until=dt.datetime.combine(dt.date(2026, 6, 30), dt.time()),
        byweekday=[WEEKDAYS.index(it) for it in weekdays],
        wkst=rrule.MO,
    )
    first = dt.date(2025, 11, 20)
    assert airs(airing, first, (dt.date(2026, 7, 1) - first).days) == {it.date() for it in rule}


def test_a_schedule_is_valid_from_its_first_to_its_last_day():
    airing = Airing(read_days("daily"), 0, since=dt.date(2026, 11, 24), until=dt.date(2026, 11, 26))
    assert airs(airing, MONDAY, 7) == {dt.date(2026, 11, day) for day in (24, 25, 26)}


def test_exceptions_may_be_any_days():
    airing = Airing(
        read_days("daily"), 0, skip=read_days(["tet", "lunar 15", "last fri", "2027-02-20..2027-02-22"])
    )
    aired = airs(airing, dt.date(2027, 2, 1), 28)
    expected = {
        day
        for day in days_of(2027)
        if day.month == 2
        and not any(read_days(it).falls_on(day) for it in ("tet", "lunar 15", "last fri"))
        and not 20 <= day.day <= 22
    }
    assert aired == expected


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("lunr 15", "lunar 15"),
        ("tett", "tet"),
        ("last fry", "last fri"),
        ("fist mon", "first mon"),
        ("lunar 31", "từ 1 đến 30"),
        ("lunar 15/13", "tháng từ 1 đến 12"),
        ("holliday", "holiday"),
    ],
)
def test_a_wrong_word_is_refused_with_the_nearest_right_one(written, mend):
    with pytest.raises(Refused) as refused:
        read_days(written)
    assert mend in str(refused.value)


def test_a_word_that_was_mistyped_is_never_another_word_by_chance():
    chance = random.Random(20261123)
    words = [
        "daily",
        "mon-sat",
        "last fri",
        "lunar 15",
        "lunar 15/7 leap",
        "tet",
        "2026-09-02",
        "2026-04-28..2026-05-02",
    ]
    for _ in range(2000):
        word = list(chance.choice(words))
        place = chance.randrange(len(word))
        word[place : place + chance.randint(0, 2)] = chance.choice("abcxyz/-. ớ")
        written = "".join(word)
        try:
            read = read_days(written)
        except Refused:
            continue
        assert read == read_days(" ".join(written.lower().split()))


def test_the_calendar_on_the_wall():
    assert lunar_name(MONDAY) == "15 tháng Mười âm lịch"
    assert lunar_name(dt.date(2025, 8, 8)) == "15 tháng Sáu nhuận âm lịch"
    assert lunar_name(dt.date(1850, 1, 1)) == ""
