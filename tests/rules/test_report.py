"""The month's figures: they add up, nothing is counted twice or outside its day, and what is unknown is said."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.hours import instant
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.report import Month, month_of, read_month, report
from station.rules.trouble import Refused
from station.stores.asrun import AsRun
from tests.rules.stations import HANOI
from tests.web.records import as_run

NOVEMBER = Month(dt.date(2026, 11, 1))
BEGIN, END = (instant(it, 0, HANOI) for it in (NOVEMBER.first, NOVEMBER.after.first))


def on(day: int, clock: int, length: int = 10 * MINUTE, **more) -> AsRun:
    start = BEGIN + (day - 1) * DAY + clock
    return as_run(start, start + length, **more)


records = st.builds(
    lambda start, length, origin, zones, result: as_run(
        start,
        start + length,
        origin=origin,
        zones=tuple(sorted(zones)),
        result=result,
        actual_end=start + length if result in {"aired", "cut"} else None,
        actual_start=start if result in {"aired", "cut", None} else None,
    ),
    st.integers(BEGIN - DAY, END + DAY),
    st.integers(0, 30 * HOUR),
    st.sampled_from([*Origin]),
    st.sets(st.sampled_from(["bac", "dong", "tay"])),
    st.sampled_from(["aired", "cut", "missed", "failed", None]),
)


@given(st.lists(records))
def test_the_hours_of_the_days_are_those_of_the_origins_and_of_the_urgencies(found: list[AsRun]):
    made = report(found, NOVEMBER, HANOI)
    days = Counter[str]()
    for hours in made.hours.values():
        days.update(hours)
    assert {name: it.length for name, it in made.origins.items()} == {name: it for name, it in days.items() if it}
    assert made.length == sum(it.length for it in made.priorities.values()) == days.total()
    inside = [
        min(it.actual_end, END) - max(it.actual_start, BEGIN) for it in found if it.actual_start and it.actual_end
    ]
    assert made.length == sum(it for it in inside if it > 0)


@given(st.lists(records))
def test_each_that_was_planned_in_the_month_has_one_result_and_no_day_is_longer_than_all_that_sounded(
    found: list[AsRun],
):
    made = report(found, NOVEMBER, HANOI)
    assert made.broadcasts == sum(BEGIN <= it.planned_start < END for it in found)
    assert list(made.hours) == [*NOVEMBER.days]
    assert all(0 <= sum(hours.values()) <= DAY * max(1, len(found)) for hours in made.hours.values())
    for name, share in made.zones.items():
        assert share.length <= made.length
        assert share.broadcasts <= sum(name in it.zones for it in found)


def test_a_record_across_midnight_is_split_between_its_days():
    made = report([on(3, 23 * HOUR + 50 * MINUTE, 30 * MINUTE)], NOVEMBER, HANOI)
    sounded = {day.day: hours for day, hours in made.hours.items() if hours}
    assert sounded == {3: {"commune": 10 * MINUTE}, 4: {"commune": 20 * MINUTE}}
    assert made.origins["commune"].broadcasts == 1


def test_what_sounds_over_the_end_of_a_month_counts_in_each_for_its_part_and_is_planned_in_one():
    over = on(30, 23 * HOUR + 50 * MINUTE, 30 * MINUTE)
    this, after = (report([over], it, HANOI) for it in (NOVEMBER, NOVEMBER.after))
    assert (this.length, this.broadcasts) == (10 * MINUTE, 1)
    assert (after.length, after.broadcasts) == (20 * MINUTE, 0)


def test_a_broadcast_in_two_zones_counts_in_both_and_once_in_all():
    made = report([on(2, 5 * HOUR, zones=("bac", "dong")), on(2, 6 * HOUR, zones=("bac",))], NOVEMBER, HANOI)
    assert made.length == 20 * MINUTE
    assert {name: (it.broadcasts, it.length) for name, it in made.zones.items()} == {
        "bac": (2, 20 * MINUTE),
        "dong": (1, 10 * MINUTE),
    }


def test_faults_and_interruptions_are_listed_in_order_with_what_was_simply_aired_left_out():
    nothing = {"actual_start": None, "actual_end": None}
    made = report(
        [
            on(9, HOUR, title="Lỗi", result="failed", reason="Không có card.", **nothing),
            on(2, HOUR, title="Yên"),
            on(3, HOUR, title="Ngắt rồi nối lại", reason="05:02:00 Mất tiếng."),
            on(4, HOUR, title="Đang phát", result=None, actual_end=None),
            on(1, HOUR, title="Lỡ", result="missed", reason="Máy không chạy.", **nothing),
        ],
        NOVEMBER,
        HANOI,
    )
    assert [it.title for it in made.troubles] == ["Lỡ", "Ngắt rồi nối lại", "Lỗi"]
    assert made.results == {"aired": 2, None: 1, "failed": 1, "missed": 1}
    assert made.faults == {dt.date(2026, 11, 1): 1, dt.date(2026, 11, 9): 1}


def test_what_sounded_for_an_unknown_time_is_said_and_not_guessed():
    made = report([on(2, HOUR, result="cut", actual_end=None, reason="Mất điện.")], NOVEMBER, HANOI)
    assert (made.untimed, made.length) == (1, 0)


def test_orders_by_hand_and_proofs_are_counted():
    made = report(
        [on(2, HOUR, trigger="hand", proof="heard"), on(2, 2 * HOUR, proof="silent"), on(3, HOUR, result=None)],
        NOVEMBER,
        HANOI,
    )
    assert made.by_hand == 1
    assert made.proofs == {"heard": 1, "silent": 1}


@given(st.dates(dt.date(2000, 2, 1), dt.date(2099, 11, 30)))
def test_months_follow_one_another(day: dt.date):
    month = month_of(day)
    assert day in month.days
    assert month.after.before == month == month.before.after
    assert read_month(str(month)) == month


@pytest.mark.parametrize("written", ["2026", "2026-13", "2026-1", "1999-12", "2100-01", "9999-12", "thang 11", ""])
def test_what_is_no_month_is_refused_in_a_sentence(written: str):
    with pytest.raises(Refused, match="không phải là tháng"):
        read_month(written)
