"""A power cut between any two steps leaves the old segment or the new one: never none, never one nobody signed."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from station.desk.segments import take_in_waiting
from station.province.shelf import let_go, present, take
from station.rules.approval import State
from station.stores.home import Home, open_home, places
from tests.province.offers import NOW, files, heard, level_quickly, offer, part, sent
from tests.running import CONFIG

KILLED = 9
STEPS = {"os.link", "os.rename", "os.remove", "os.truncate", "os.chmod"}  # what Python tells of; fsync it does not
OLD, NEW = offer(b"old"), offer(b"new", title="Mới")
SCHEDULE_OLD, SCHEDULE_NEW = b'title = "a"\n', b'title = "b"\n'


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A station where the old segment is heard."""
    level_quickly(monkeypatch)
    home = open_home(places(tmp_path / "home"))
    home.places.config.write_text(CONFIG.replace("{device}", "none"))
    sent(home, b"old")
    list(take_in_waiting(home))
    home.engine.dispose()
    return home.places.home


def killed_everywhere(station: Path, deed: Callable[[Home], Any]) -> Iterator[Home]:
    """The station as each cut leaves it: before the first step of a deed, the second … until it is done."""
    for steps in count(1):
        copy = station.with_name(f"{station.name}-{steps}")
        shutil.copytree(station, copy)
        child = os.fork()
        if not child:
            _do(copy, deed, steps)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in {0, KILLED}
        yield open_home(places(copy))
        shutil.rmtree(copy)
        if code == 0:
            assert steps > 10, "it was never killed"
            return


def _do(copy: Path, deed: Callable[[Home], Any], steps: int) -> None:
    """Do it in this child, which ends at one of its steps, or with its last one."""
    left, begun = steps, False

    def step() -> None:
        nonlocal left
        left -= begun
        if not left:
            os._exit(KILLED)

    try:
        home = open_home(places(copy))
        event.listen(home.engine, "connect", lambda connection, _: connection.set_trace_callback(lambda _: step()))
        home.engine.dispose()
        sys.addaudithook(lambda name, _: step() if name in STEPS else None)
        synced = os.fsync

        def fsync(descriptor: int) -> None:
            step()
            synced(descriptor)

        os.fsync, begun = fsync, True
        deed(home)
        begun = False
    except BaseException:  # noqa: BLE001 - pytest must not go on in here
        os._exit(1)
    os._exit(0)


def check_nothing_is_left_over(home: Home) -> None:
    """The files are those of the rows, and nothing else."""
    named = {f"{it.ready}.flac" for it in home.library.segments() if it.ready}
    assert files(home) == named | {it.original for it in home.library.segments()}


def test_killed_while_new_content_is_taken(station: Path) -> None:
    seen = set()
    for home in killed_everywhere(station, lambda home: take(home, NEW, part(home, b"new"), NOW)):
        (usable,) = heard(home)
        assert usable.title == OLD.title
        here = present(home)[NEW.path]
        assert here in {OLD.digest, NEW.digest}
        seen.add(here)
        check_nothing_is_left_over(home)
        if here == OLD.digest:
            take(home, NEW, part(home, b"new"), NOW)
        list(take_in_waiting(home))
        assert [it.title for it in heard(home)] == [NEW.title]
        check_nothing_is_left_over(home)
    assert seen == {OLD.digest, NEW.digest}


def test_killed_while_new_content_is_levelled_and_approved(station: Path) -> None:
    before = open_home(places(station))
    take(before, NEW, part(before, b"new"), NOW)
    before.engine.dispose()
    seen = set()
    for home in killed_everywhere(station, lambda home: list(take_in_waiting(home))):
        (usable,) = heard(home)
        seen.add(usable.title)
        states = sorted(it.state for it in home.library.segments())
        assert states == ([State.APPROVED] if usable.title == NEW.title else [State.APPROVED, State.RECEIVED])
        check_nothing_is_left_over(home)
        assert present(home) == {NEW.path: NEW.digest}
        list(take_in_waiting(home))
        assert [it.title for it in heard(home)] == [NEW.title]
        check_nothing_is_left_over(home)
    assert seen == {OLD.title, NEW.title}


def test_killed_while_it_is_let_go(station: Path) -> None:
    seen = set()
    for home in killed_everywhere(station, lambda home: let_go(home, OLD.path, NOW)):
        seen.add(len(heard(home)))
        check_nothing_is_left_over(home)
        let_go(home, OLD.path, NOW)
        assert (heard(home), files(home)) == ([], set())
    assert seen == {0, 1}


def test_killed_while_a_schedule_is_replaced(station: Path) -> None:
    before = open_home(places(station))
    sent(before, SCHEDULE_OLD, "tinh/sang.toml")
    before.engine.dispose()
    seen = set()
    for home in killed_everywhere(station, lambda home: sent(home, SCHEDULE_NEW, "tinh/sang.toml")):
        text = (home.places.schedules / "province" / "sang.toml").read_bytes().partition(b"\n")[2]
        seen.add(text)
        made = sent(home, SCHEDULE_NEW, "tinh/sang.toml")
        assert present(home)[made.path] == made.digest
        assert [it.name for it in (home.places.schedules / "province").iterdir()] == ["sang.toml"]
    assert seen == {SCHEDULE_OLD, SCHEDULE_NEW}
