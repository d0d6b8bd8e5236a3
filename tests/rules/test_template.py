"""Templates: what is chosen comes to its place, and no blank is ever read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.rundown import Kind, Newest, Play, Say
from station.rules.template import Choose, Chosen, Headlines, ProgrammeTemplate, TextTemplate, arranged, filled
from station.rules.trouble import Refused

DAILY = ProgrammeTemplate(
    "hang-ngay",
    "Bản tin hằng ngày",
    (
        Play("nhac-hieu"),
        Say("Đây là {station}."),
        Headlines(Kind.NEWS),
        Choose(Kind.NEWS),
        Choose(Kind.MUSIC),
        Newest(Kind.NOTICE, 3_600_000),
    ),
)
KNOWN = {"station": "Đài xã"}


def test_a_programme_is_arranged_as_its_template_says() -> None:
    chosen = {
        Kind.NEWS: [Chosen("tin-a", "Tin A."), Chosen("tin-b", "Tin B")],
        Kind.MUSIC: [Chosen("nhac", "Nhạc")],
    }
    assert arranged(DAILY, chosen, KNOWN) == (
        Play("nhac-hieu"),
        Say("Đây là Đài xã."),
        Say("Sau đây là các tin chính. Tin A. Tin B."),
        Play("tin-a"),
        Play("tin-b"),
        Play("nhac"),
        Newest(Kind.NOTICE, 3_600_000),
    )
    assert DAILY.kinds == (Kind.NEWS, Kind.MUSIC)


def test_no_headlines_without_news_and_nothing_without_a_choice() -> None:
    arranged_ = arranged(DAILY, {Kind.MUSIC: [Chosen("nhac", "Nhạc")]}, KNOWN)
    assert not any("tin chính" in it.say for it in arranged_ if isinstance(it, Say))
    with pytest.raises(Refused, match="Chưa chọn mục nào"):
        arranged(DAILY, {}, KNOWN)


def test_blanks_are_told_once_and_must_be_filled() -> None:
    flood = TextTemplate("lu", "Lũ", "Nước ở {nơi} lên. Tránh {nơi}, đến {chỗ tránh}.", urgent=True)
    assert flood.blanks == ("nơi", "chỗ tránh")
    assert filled(flood.text, {"nơi": "suối", "chỗ tránh": "trường"}) == "Nước ở suối lên. Tránh suối, đến trường."
    with pytest.raises(Refused, match="Chưa điền “chỗ tránh”"):
        filled(flood.text, {"nơi": "suối", "chỗ tránh": " "})


@given(st.text(st.characters(exclude_characters="{}")))
def test_a_text_without_blanks_is_as_it_was(text: str) -> None:
    assert filled(text, {}) == text
