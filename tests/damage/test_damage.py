"""A damaged database is set aside and made anew, at the start and in use; nothing acknowledged is lost by that."""

import errno
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from station.stores.database import muted_zones
from station.stores.home import open_home, places
from station.stores.opening import notices, open_database
from station.stores.rebuilt import Base
from station.stores.redo import RedoLog
from tests.damage.damages import DAMAGES, PAGE, Damage, spoil_the_newest_copy, zero_pages
from tests.damage.kept import fill, lost, rows, seals_hold
from tests.rig.waiting import wait_until
from tests.running import RunningStation


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("filled") / "home").places.home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "home")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, device="none") as station:
        station.add_noise(4_000)
        yield station


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda it: it.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_spoilt_the_station_starts_and_nothing_is_lost(home: Path, damage: Damage, seed: int) -> None:
    before = rows(home)
    damage.deed(home, random.Random(seed))
    opened = open_home(places(home), thorough=True)
    assert list(lost(before, rows(home), home / "library", doubtful=damage.hits_log)) == []
    assert damage.hits_log or seals_hold(opened)
    assert len(opened.library.segments()) >= len(before["segment"])


def test_a_broken_one_is_kept_and_what_was_done_is_told_until_it_was_seen(home: Path) -> None:
    spoilt = bytearray((home / "station.db").read_bytes())
    spoilt[PAGE : 2 * PAGE] = bytes(PAGE)
    (home / "station.db").write_bytes(spoilt)
    open_home(places(home), thorough=True)
    (aside,) = home.glob("station.db.broken-*")
    assert aside.read_bytes() == spoilt
    (told,) = notices(home).all()
    assert (told.aside, told.base, told.whole, told.seen) == (aside.name, Base.COPY, True, False)
    open_home(places(home), thorough=True)
    assert len(notices(home).all()) == 1


def test_by_doubtful_knowledge_nothing_is_approved_and_nobody_stays_signed_in(home: Path) -> None:
    before = rows(home)
    for path in (home / "redo").iterdir():
        path.unlink()
    with (home / "station.db").open("r+b") as file:
        file.seek(20 * PAGE)
        file.write(bytes(3 * PAGE))
    open_home(places(home), thorough=True)
    after = rows(home)
    assert {it["state"] for it in after["segment"]} <= {"draft", "received"}
    assert after["session"] == after["setup_code"] == after["person"] == []
    assert {it["original"] for it in after["segment"]} >= {it["original"] for it in before["segment"]}


def test_what_was_taken_back_since_the_last_copy_is_not_approved_again(home: Path) -> None:
    """With its log gone: the broken database still says so."""
    approved = next(it for it in rows(home)["segment"] if it["state"] == "approved")
    opened = open_home(places(home))
    with opened.engine.begin() as connection:
        opened.library.reject(connection, approved["id"], "Sai.")
    opened.engine.dispose()
    newest = max((home / "redo").glob("*.jsonl"), key=lambda it: int(it.stem))
    os.truncate(newest, 0)
    with (home / "station.db").open("r+b") as file:
        file.seek(file.seek(0, os.SEEK_END) - PAGE)
        file.write(bytes(PAGE))
    again = open_home(places(home), thorough=True)
    assert not notices(home).all()[0].whole
    assert again.library.find(approved["id"]).state != "approved"


def test_two_that_start_together_make_one_new_database(home: Path) -> None:
    zero_pages(home, random.Random(3))
    child = os.fork()
    if not child:
        os._exit(0 if open_home(places(home), thorough=True) else 1)
    open_home(places(home), thorough=True)
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(home.glob("station.db.broken-*"))) == len(notices(home).all()) == 1


def test_one_that_is_damaged_in_use_is_made_anew_at_the_next_try(home: Path) -> None:
    opened = open_home(places(home))
    count = len(opened.library.segments())
    with (home / "station.db").open("r+b") as file:
        file.write(bytes(8 * PAGE))
    failed = 0
    for _ in range(3):
        try:
            assert len(opened.library.segments()) == count
            break
        except Exception:  # noqa: BLE001 - whichever it is, it is told to whoever asked
            failed += 1
    assert failed < 3
    with opened.engine.begin() as connection:
        opened.muted.set(connection, "dong", muted=True, who="Lan", now=1)
    assert "dong" in open_home(places(home)).muted.all()


def test_one_that_lost_what_it_acknowledged_is_brought_up_to_its_log(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    engine = open_database(path)
    early = path.read_bytes()
    for zone in "abc":
        with engine.begin() as connection:
            connection.execute(insert(muted_zones).values(zone=zone, who="Lan", since=1))
    engine.dispose()
    path.write_bytes(early)
    with open_database(path).connect() as connection:
        assert set(connection.execute(select(muted_zones.c.zone)).scalars()) == {"a", "b", "c"}


def test_what_was_in_the_log_and_never_committed_is_not_done(tmp_path: Path) -> None:
    """A power cut between the line and the commit: whoever asked was told nothing."""
    path = tmp_path / "station.db"
    engine = open_database(path)
    early = path.read_bytes()
    with engine.begin() as connection:
        connection.execute(insert(muted_zones).values(zone="a", who="Lan", since=1))
    engine.dispose()
    path.write_bytes(early)
    open_database(path).dispose()
    path.unlink()
    with open_database(path).connect() as connection:
        assert connection.execute(select(muted_zones)).all() == []


def test_what_is_rolled_back_is_not_in_the_log(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "station.db")
    with engine.connect() as connection:
        connection.execute(insert(muted_zones).values(zone="a", who="Lan", since=1))
        connection.rollback()
    assert RedoLog(tmp_path / "redo").entries(0) == ()


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    engine = open_database(path)

    def mute(zone: str) -> None:
        with engine.begin() as connection:
            connection.execute(insert(muted_zones).values(zone=zone, who="Lan", since=1))

    mute("a")
    with (tmp_path / "redo" / "0.jsonl").open("ab") as log:
        log.write(b'deadbeef {"n": 2, "ro')
    mute("b")
    path.unlink()
    with open_database(path).connect() as connection:
        assert set(connection.execute(select(muted_zones.c.zone)).scalars()) == {"a", "b"}


def test_a_full_card_is_told_as_sqlite_tells_it_and_nothing_is_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(tmp_path / "station.db")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, engine.connect() as connection:
        connection.execute(insert(muted_zones).values(zone="a", who="Lan", since=1))
        patched.setattr("station.stores.redo.os.write", full)
        with pytest.raises(OperationalError, match="full"):
            connection.commit()
    with engine.connect() as connection:
        assert connection.execute(select(muted_zones)).all() == []
    assert RedoLog(tmp_path / "redo").entries(0) == ()


def test_the_player_airs_though_its_database_and_the_newest_copy_are_spoilt(station: RunningStation) -> None:
    spoil_the_newest_copy(station.home, random.Random(1))
    station.schedule("chieu", 12, 'play = "nen"')
    station.start()
    station.aired("chieu")
    assert any(it["where"] == "Cơ sở dữ liệu" for it in station.status()["faults"])
    assert station.json("database")[0]["whole"]
    station.command("database", "--seen")
    assert "Cơ sở dữ liệu" not in station.command("check").stderr


def test_the_player_goes_on_when_its_database_is_spoilt_on_air(station: RunningStation) -> None:
    station.start()
    station.schedule("chieu", 12, 'play = "nen"')
    wait_until(station.on_air, 40)
    with (station.home / "station.db").open("r+b") as file:
        file.write(bytes(12 * PAGE))
    station.aired("chieu")
    assert station.alive
    assert station.json("database")[0]["whole"]
    with closing(sqlite3.connect(station.home / "station.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
