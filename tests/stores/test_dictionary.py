"""The station's own readings: a file that people write, and commands that change one line of it."""

import unicodedata
from pathlib import Path

import pytest

from station.rules.trouble import Refused
from station.stores.dictionary import add_reading, read_dictionary, remove_reading
from station.stores.written import Unreadable

FILE = """\
# tên làng
"Krông Pắc" = "cơ rông pắc"   # tên cũ

THADS       = "thi hành án dân sự"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cach-doc.toml"
    path.write_text(FILE)
    return path


def test_no_file_has_no_words(tmp_path: Path) -> None:
    assert read_dictionary(tmp_path / "cach-doc.toml") == {}


def test_words_and_their_readings(file: Path) -> None:
    assert read_dictionary(file) == {"Krông Pắc": "cơ rông pắc", "THADS": "thi hành án dân sự"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Loa = 5", ("cach-doc.toml, Loa", "dấu nháy")),
        ('Loa = "loa 5"', ("cach-doc.toml, Loa", "không dùng chữ số")),
        ('Loa = ""', ("cach-doc.toml, Loa", "không phải là cách đọc")),
        ('" " = "loa"', ("cach-doc.toml", "không dùng làm từ")),
        ('[Loa]\na = "b"', ("cach-doc.toml, Loa", "phải là chữ")),
        ('Loa = "loa', ("cach-doc.toml", "TOML")),
        ('THADS = "lần nữa"', ("cach-doc.toml", "TOML")),
    ],
)
def test_each_mistake_is_told_with_its_word_and_mend(file: Path, line: str, told: tuple[str, ...]) -> None:
    file.write_text(f"{FILE}{line}\n")
    with pytest.raises(Unreadable) as refused:
        read_dictionary(file)
    (trouble,) = refused.value.troubles
    assert all(it in str(trouble) for it in told), str(trouble)
    assert trouble.mend


def test_a_change_leaves_the_rest_of_the_file_as_it_was(file: Path) -> None:
    add_reading(file, "THADS", "thi hành án")
    assert file.read_text() == FILE.replace("thi hành án dân sự", "thi hành án")
    add_reading(file, "P.N. Mai", "phường ngọc mai")
    assert file.read_text().startswith(FILE.replace("thi hành án dân sự", "thi hành án"))
    remove_reading(file, "P.N. Mai")
    remove_reading(file, "THADS")
    assert file.read_text() == FILE.partition("THADS")[0]


def test_the_first_word_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cach-doc.toml"
    add_reading(file, unicodedata.normalize("NFD", " Krông Pắc "), "cơ rông pắc")
    assert read_dictionary(file) == {"Krông Pắc": "cơ rông pắc"}
    remove_reading(file, unicodedata.normalize("NFD", "Krông Pắc"))
    assert read_dictionary(file) == {}


@pytest.mark.parametrize(
    ("word", "reading"), [("", "a"), ("Loa", ""), ("Loa", "l0a"), ("Loa", "[[loa]]"), ("a" * 201, "a")]
)
def test_what_cannot_be_read_is_refused_and_nothing_changes(file: Path, word: str, reading: str) -> None:
    with pytest.raises(Refused):
        add_reading(file, word, reading)
    assert file.read_text() == FILE


def test_an_unknown_word_and_a_broken_file_are_not_touched(file: Path) -> None:
    with pytest.raises(Refused, match="Không có cách đọc riêng cho “Loa”"):
        remove_reading(file, "Loa")
    file.write_text("hỏng")
    for change in (lambda: add_reading(file, "Loa", "loa"), lambda: remove_reading(file, "Loa")):
        with pytest.raises(Unreadable):
            change()
    assert file.read_text() == "hỏng"
