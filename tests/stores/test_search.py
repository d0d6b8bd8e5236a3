"""Found as it was typed: without marks by their letters, with marks by those."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.approval import State
from station.rules.facts import Facts
from station.rules.letters import plain, spelled
from station.rules.rundown import Kind
from station.stores.library import Library
from station.stores.opening import open_database
from station.stores.search import PAGE, Search

TITLES = ("Đường đê bị sạt", "Lịch tiêm phòng", "Dương lịch", "ĐẠI HỘI XÃ", "100% hộ dân", "Thu gom rác_thải")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    engine = open_database(tmp_path / "station.db")
    kept = Library(engine, tmp_path / "library")
    for number, title in enumerate(TITLES):
        sound = io.BytesIO(bytes([number]))
        with kept.arriving(sound, title) as arrived, engine.begin() as connection:
            told = {"title": title, "kind": [*Kind][number % 3], "author": "Nguyễn Văn Bảy", "now": number}
            facts = Facts(source="Công văn số 7" if number == 1 else "")
            kept.receive(connection, arrived, facts=facts, **told)
    return kept


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("duong", ["Dương lịch", "Đường đê bị sạt"]),
        ("đường", ["Đường đê bị sạt"]),
        ("DUONG DE", ["Đường đê bị sạt"]),
        ("lich phong", ["Lịch tiêm phòng"]),
        ("dai hoi", ["ĐẠI HỘI XÃ"]),
        ("cong van", ["Lịch tiêm phòng"]),
        ("nguyen bay tiem", ["Lịch tiêm phòng"]),
        ("100%", ["100% hộ dân"]),
        ("rác_", ["Thu gom rác_thải"]),
        ("khong co gi", []),
        ("  ", list(reversed(TITLES))),
    ],
)
def test_words_are_found_as_typed(library: Library, typed: str, found: list[str]) -> None:
    assert [it.title for it in library.all_found(Search(typed))] == found


def test_kinds_and_states_narrow_it(library: Library) -> None:
    assert {it.kind for it in library.all_found(Search(kind=Kind.NEWS))} == {Kind.NEWS}
    assert library.all_found(Search(states=(State.APPROVED,))) == ()
    assert len(library.all_found(Search(states=(State.RECEIVED, State.DRAFT)))) == len(TITLES)


def test_pages_give_each_once(library: Library) -> None:
    first = library.found(Search())
    assert (len(first.segments), first.more) == (len(TITLES), False)
    assert len(TITLES) < PAGE
    assert library.found(Search(page=1)).segments == ()


@given(st.text())
def test_letters_are_the_same_however_they_are_composed(text: str) -> None:
    assert plain(text) == plain(spelled(text))
    assert plain(plain(text)) == plain(text)
