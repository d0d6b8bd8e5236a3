"""A day's report: the same bytes for the same day, others for any other, and strangers' bytes never an accident."""

import datetime as dt
import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.rules.day_report import (
    MOST_BYTES,
    DayReport,
    NoReport,
    bounds,
    digest,
    faults_of_day,
    from_json,
    is_sealed,
    to_json,
)
from station.rules.now import HOUR
from station.rules.trouble import Fault, Trouble
from tests.rules.reports import OF_RECORD, OF_REPORT, OF_SEGMENT, OF_TROUBLE, healths, reports
from tests.rules.stations import HANOI
from tests.web.records import as_run

END = bounds(dt.date(2026, 11, 26), HANOI)[1]


@given(reports)
@settings(max_examples=50)
def test_a_report_is_read_as_it_was_written(report: DayReport) -> None:
    assert from_json(to_json(report)) == report
    assert to_json(from_json(to_json(report))) == to_json(report)
    assert json.loads(to_json(report))["digest"] == digest(report)


@given(reports, st.data())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_the_digest_changes_exactly_if_the_content_does(report: DayReport, data: st.DataObject) -> None:
    """One value is another one, anywhere."""
    other = _changed(report, data)
    assert (digest(other) == digest(report)) == (evolve(other, health=None) == evolve(report, health=None))


@given(reports, st.none() | healths)
@settings(max_examples=50)
def test_health_is_told_and_not_part_of_the_digest(report: DayReport, health) -> None:
    assert digest(evolve(report, health=health)) == digest(report)
    assert from_json(to_json(evolve(report, health=health))).health == health


def _changed(report: DayReport, data: st.DataObject) -> DayReport:
    def one_other(value: Any, of: dict[str, st.SearchStrategy[Any]]) -> Any:
        name = data.draw(st.sampled_from(sorted(of)))
        return evolve(value, **{name: data.draw(of[name])})

    def in_one_of(values: tuple[Any, ...], change) -> tuple[Any, ...]:
        if not values:
            return values
        number = data.draw(st.integers(0, len(values) - 1))
        return (*values[:number], change(values[number]), *values[number + 1 :])

    match data.draw(st.sampled_from(["report", "record", "segment", "fault", "order"])):
        case "report":
            return one_other(report, OF_REPORT)
        case "record":
            change = lambda it: evolve(it, record=one_other(it.record, OF_RECORD))  # noqa: E731
            return evolve(report, records=in_one_of(report.records, change))
        case "segment":
            inner = lambda it: one_other(it, OF_SEGMENT)  # noqa: E731
            change = lambda it: evolve(it, segments=in_one_of(it.segments, inner))  # noqa: E731
            return evolve(report, records=in_one_of(report.records, change))
        case "fault":
            change = lambda it: evolve(it, trouble=one_other(it.trouble, OF_TROUBLE))  # noqa: E731
            return evolve(report, faults=in_one_of(report.faults, change))
    return evolve(report, records=report.records[::-1])


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(reports, junk, st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_no_report_is_refused_whatever_it_is(report: DayReport, wrong: Any, data: st.DataObject) -> None:
    told = json.loads(to_json(report))
    place: Any = told
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = wrong
    try:
        read = from_json(json.dumps(told).encode())
    except NoReport:
        return
    to_json(read).decode()  # whatever is taken can be written again


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Wi-Fi</title>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"null",
        b"[]",
        b"NaN",
        b"9" * 5_000,
        b" " * (MOST_BYTES + 1),
    ],
)
def test_rubbish_is_refused(body: bytes) -> None:
    with pytest.raises(NoReport):
        from_json(body)


def test_what_a_later_version_adds_does_not_matter() -> None:
    report = DayReport("24169", "Đài", False, dt.date(2026, 11, 26), "Asia/Ho_Chi_Minh", {}, (), (), False)
    told = json.loads(to_json(report))
    assert from_json(json.dumps({**told, "more": [1]}).encode()) == report


@pytest.mark.parametrize(
    ("result", "beat", "sealed"),
    [
        ("aired", END + 6 * HOUR, True),
        ("aired", END + 6 * HOUR - 1, False),
        (None, END + 6 * HOUR, False),
        ("aired", None, False),
    ],
)
def test_a_day_is_sealed_once_nothing_of_it_can_change(result: str | None, beat: int | None, sealed: bool) -> None:
    assert is_sealed(END, [as_run(END - 2 * HOUR, END - HOUR, result=result)], beat) is sealed


def test_a_day_does_not_tell_what_came_after_it() -> None:
    wrong = Trouble("Âm thanh", "Không thấy card âm thanh.")
    before, after, open_still = (Fault(wrong, END - HOUR, it) for it in (END - 1, END, None))
    assert faults_of_day([before, after, open_still], END) == (before, open_still, open_still)
