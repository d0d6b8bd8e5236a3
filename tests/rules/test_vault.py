"""The list of a backup's pieces: whoever has not the secret can make none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.vault import (
    Forged,
    Manifest,
    grouped,
    opened,
    other_slot,
    piece_name,
    seal_secret,
    sealed,
    ungrouped,
)

KEY = "AGE-SECRET-KEY-1XERLZ9TMGLH9334SX7L47D8E268H90K7SVSZWY4UJ5QC6ZXAZ74QWGYQSK"
SECRET = seal_secret(KEY)
MANIFEST = Manifest(1_764_000_000_000, 300_000, ("ab" * 32, "cd" * 32))


def test_what_was_sealed_is_opened() -> None:
    assert opened(sealed(MANIFEST, SECRET), SECRET) == MANIFEST


@given(st.data())
def test_one_changed_byte_is_found(data: st.DataObject) -> None:
    content = bytearray(sealed(MANIFEST, SECRET))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Forged):
        opened(bytes(content), SECRET)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Forged):
        opened(sealed(MANIFEST, SECRET), seal_secret(KEY[:-1] + "Q"))


@given(st.binary())
def test_rubbish_is_no_list(content: bytes) -> None:
    with pytest.raises(Forged):
        opened(content, SECRET)


def test_a_key_survives_paper() -> None:
    shown = grouped(KEY)
    assert shown.split()[:3] == ["AGE-SECRET-KEY-1", "XERL", "Z9TM"]
    assert "".join(shown.split()) == KEY
    for typed in (shown, shown.lower(), f" {KEY}\n", shown.removeprefix("AGE-SECRET-KEY-1")):
        assert ungrouped(typed) == KEY


def test_the_last_whole_one_is_never_written_over() -> None:
    assert [other_slot(it) for it in ("", "a", "b")] == ["a", "b", "a"]
    assert [piece_name(it) for it in (0, 999)] == ["000", "999"]
