"""The as-run log: found again by what one remembers of it, a page at a time, with what was in each tape."""

import io
from pathlib import Path

import pytest
from sqlalchemy import Engine

from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.rundown import Clip, Kind
from station.rules.schedule import Priority, Trigger
from station.rules.step.actions import Result
from station.stores import database
from station.stores.asrun import AsRunLog
from station.stores.library import Library
from station.stores.log_search import PAGE, LogSearch
from station.stores.opening import open_database
from tests.airing import air, rebroadcast

NOON = 1_795_366_800_000


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path / "station.db")


@pytest.fixture
def log(engine: Engine) -> AsRunLog:
    return AsRunLog(engine)


@pytest.fixture
def filled(log: AsRunLog) -> AsRunLog:
    air(log, NOON, title="Bản tin sáng")
    air(log, NOON + HOUR, title="Thời sự tỉnh", origin=Origin.PROVINCE, priority=Priority.PRIORITY, zones=("bac",))
    reason = "Bị ngắt vì mất điện."
    air(log, NOON + DAY, title="Bản tin chiều", result="cut", reason=reason, sounded=MINUTE)
    by_hand = {"trigger": Trigger.HAND, "who": "Nguyễn Văn Bảy", "zones": ("bac-nam",)}
    air(log, NOON + 2 * DAY, title="Đường đê", result="missed", reason="Máy không chạy.", **by_hand)
    return log


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (LogSearch(), ["Đường đê", "Bản tin chiều", "Thời sự tỉnh", "Bản tin sáng"]),
        (LogSearch(since=NOON + DAY), ["Đường đê", "Bản tin chiều"]),
        (LogSearch(until=NOON + DAY), ["Thời sự tỉnh", "Bản tin sáng"]),
        (LogSearch(result=Result.CUT), ["Bản tin chiều"]),
        (LogSearch(origin=Origin.PROVINCE), ["Thời sự tỉnh"]),
        (LogSearch(priority=Priority.PRIORITY), ["Thời sự tỉnh"]),
        (LogSearch(zone="bac"), ["Bản tin chiều", "Thời sự tỉnh", "Bản tin sáng"]),
        (LogSearch(zone="bac-nam"), ["Đường đê"]),
        (LogSearch(zone="dong", result=Result.AIRED), ["Bản tin sáng"]),
        (LogSearch(words="duong"), ["Đường đê"]),
        (LogSearch(words="mất điện"), ["Bản tin chiều"]),
        (LogSearch(words="MAT DIEN"), ["Bản tin chiều"]),
        (LogSearch(words="bay khong"), ["Đường đê"]),
        (LogSearch(words="100%"), []),
    ],
)
def test_is_found_by_what_one_remembers(filled: AsRunLog, search: LogSearch, found: list[str]) -> None:
    assert [it.title for it in filled.all_found(search)] == found
    assert [it.title for it in filled.found(search).records] == found


def test_pages_and_the_whole_give_each_record_once_in_order(log: AsRunLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.stores.asrun._AT_A_TIME", 7)
    keys = [air(log, NOON + number // 2 * HOUR, schedule=f"s{number % 2}") for number in range(PAGE + 4)]
    keys = sorted(keys, key=lambda key: (int(key.partition("@")[2]), key), reverse=True)
    first, second = (log.found(LogSearch(page=number)) for number in range(2))
    assert (first.more, second.more) == (True, False)
    assert [it.key for it in (*first.records, *second.records)] == keys
    assert [it.key for it in log.all_found(LogSearch())] == keys


def test_whoever_takes_in_all_of_it_slowly_keeps_nobody_from_writing(log: AsRunLog) -> None:
    for number in range(3):
        air(log, NOON + number * HOUR)
    taking = log.all_found(LogSearch())
    assert next(taking)
    air(log, NOON + DAY)
    assert len(list(taking)) == 2


def test_what_was_in_the_tape_is_kept_with_its_place_and_kind(
    log: AsRunLog, engine: Engine, tmp_path: Path
) -> None:
    library = Library(engine, tmp_path / "library")
    with library.arriving(io.BytesIO(b"x"), "Tin") as arrived, engine.begin() as connection:
        kept = library.receive(connection, arrived, title="Tin", kind=Kind.NOTICE, author="Lan", now=NOON)
    key = air(
        log,
        NOON,
        rebroadcast(MINUTE),
        Clip(kept.id, "Tin", "sha-1", 2 * MINUTE),
        Clip("gone", "Cũ", "sha-2", MINUTE),
    )
    air(log, NOON + HOUR, rebroadcast(MINUTE))
    found = log.segments(NOON, NOON + DAY)
    assert list(found) == [key]
    assert [(it.segment, it.ready, it.kind, it.at, it.length) for it in found[key]] == [
        (kept.id, "sha-1", "notice", MINUTE, 2 * MINUTE),
        ("gone", "sha-2", "", 3 * MINUTE - 5, MINUTE),
    ]
    assert log.segments(NOON + 1, NOON + DAY) == {}


def test_a_log_of_an_earlier_version_is_kept_and_found(
    tmp_path: Path, engine: Engine, filled: AsRunLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(filled.all_found(LogSearch()))
    own = tuple(it for it in database._CHANGES if "as_run" in it and "plain" in it.replace("spelled", "plain"))
    monkeypatch.setattr(database, "_CHANGES", own)
    with engine.begin() as connection:
        for change in (
            "DROP INDEX as_run_searched",
            "ALTER TABLE as_run DROP COLUMN spelled",
            "ALTER TABLE as_run DROP COLUMN plain",
            "DROP TABLE as_run_segment",
            "PRAGMA user_version = 0",
        ):
            connection.exec_driver_sql(change)
    again = AsRunLog(open_database(tmp_path / "station.db"))
    assert list(again.all_found(LogSearch())) == before
    assert [it.title for it in again.all_found(LogSearch(words="mat dien"))] == ["Bản tin chiều"]
