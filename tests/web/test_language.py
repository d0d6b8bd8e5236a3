"""Two languages: what a person chose, everywhere, and no text that was forgotten."""

import re

import pytest
from flask import Flask

from tests.catalogue import DOMAINS, ENGLISH, compiled, gathered, kept
from tests.web.asking import post
from web.language import said


@pytest.fixture
def english(app: Flask):
    with app.test_request_context(headers={"Cookie": "ngon-ngu=en"}):
        yield


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_is_in_its_catalogue_and_translated(domain: str):
    """`python -m tests.catalogue` gathers what is missing and names it."""
    catalog = kept(domain)
    known = {str(it.id): str(it.string) for it in catalog if it.id}
    assert known.keys() == {str(it.id) for it in gathered(DOMAINS[domain]()) if it.id}
    assert [it for it, translated in known.items() if not translated] == []
    assert [it for it, translated in known.items() if holes(it) != holes(translated)] == []
    assert not any(it.fuzzy for it in catalog)
    assert (ENGLISH / f"{domain}.mo").read_bytes() == compiled(catalog)


def holes(text: str) -> list[str]:
    """What values go into a text: names, or how many places."""
    named = re.findall(r"%\((\w+)\)", text)
    return sorted(named) or ["{}"] * len(re.findall(r"\{\d?\}", text))


@pytest.mark.usefixtures("english")
def test_a_sentence_of_the_stations_is_said_with_its_values():
    assert said("Không có mục này trong thư viện.") == "This item is not in the library."
    assert said("Lịch “Sáng” đang dùng mục này.") == "The schedule “Sáng” uses this item."
    assert said("Quá 45 phút một ngày.") == "More than 45 minutes a day."


@pytest.mark.usefixtures("english")
def test_sentences_one_after_another_are_each_said():
    together = "Tin sáng: Lịch “Sáng” đang dùng mục này. Chưa xóa gì. Bỏ mục này khỏi lịch trước, rồi xóa."
    assert said(together) == (
        "Tin sáng: The schedule “Sáng” uses this item. Nothing was removed. "
        "Take this item out of the schedule first, then remove it."
    )


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("text", ["", "Tin của tôi", "12:30", "Nguyễn Thị Lan", "a: b: c. d", "{} {0} %(x)s"])
def test_what_is_nobodys_sentence_stays_as_it_is(text: str):
    assert said(text) == text


def test_a_person_chooses_and_is_led_back_to_the_same_page(client):
    assert 'lang="vi"' in client.get("/nhat-ky").text
    answer = post(client, "/ngon-ngu", language="en", back="/nhat-ky", at="/nhat-ky")
    assert answer.location == "/nhat-ky"
    assert 'lang="en"' in client.get("/nhat-ky").text
    post(client, "/ngon-ngu", language="vi", back="/", at="/")
    assert 'lang="vi"' in client.get("/").text


@pytest.mark.parametrize("back", ["//nguoi.la", "https://nguoi.la/", "/\\\\nguoi.la", "", "nhat-ky"])
def test_nobody_is_led_away_from_the_station(client, back: str):
    assert post(client, "/ngon-ngu", language="en", back=back, at="/").location == "/"


def test_an_unknown_language_changes_nothing(client):
    post(client, "/ngon-ngu", language="xx", back="/", at="/")
    assert 'lang="vi"' in client.get("/").text
