"""A title is one line that can be read, whatever a file was called."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.title import LONGEST, one_line


@pytest.mark.parametrize(
    ("given_title", "expected"),
    [
        ("Lịch tiêm phòng", "Lịch tiêm phòng"),
        ("  dòng một\ndòng hai\t", "dòng một dòng hai"),
        ("Tie\u0302\u0301ng", "Tiếng"),
        ("\x1b[31mđỏ", "[31mđỏ"),
        ("tin\u202egnp", "tin gnp"),
        (os.fsdecode(b"tin \xff\xfe moi"), "tin moi"),
        ("tin 🎙", "tin 🎙"),
        ("a" * 300, "a" * 120),
        ("", "Không tên"),
        ("\n\udcff", "Không tên"),
    ],
)
def test_titles(given_title, expected):
    assert one_line(given_title) == expected


@given(st.text(st.characters(categories=None)) | st.binary().map(os.fsdecode))
def test_any_title_becomes_one_readable_line(title):
    line = one_line(title)
    assert line.encode()
    assert 0 < len(line) <= LONGEST
    assert line == line.strip() == one_line(line)
    assert not any(unicodedata.category(it) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for it in line)
