"""Words that only who shares the secret can say, each once, in their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.sealed import Forged, opened, sealed, session

said = st.dictionaries(st.text().filter(lambda it: it != "n"), st.integers() | st.text() | st.booleans())
nonces = st.binary(min_size=32, max_size=32)


@given(st.binary(min_size=1), nonces, nonces, said, st.integers(0, 99))
def test_what_was_sealed_is_opened_as_that_word_and_no_other(secret, station, satellite, words, number):
    keys = session(secret, station, satellite)
    line = sealed(keys.station, number, words)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert opened(keys.station, number, line) == words
    with pytest.raises(Forged):
        opened(keys.station, number + 1, line)
    with pytest.raises(Forged):
        opened(keys.satellite, number, line)


@given(st.binary(), st.binary(), nonces, nonces, nonces)
def test_another_secret_or_another_session_opens_nothing(one, other, station, satellite, later):
    line = sealed(session(one, station, satellite).station, 0, {"on": []})
    strange = [session(one, later, satellite), session(one, station, later), session(other, station, satellite)]
    for keys, same in zip(strange, (later == station, later == satellite, one == other), strict=True):
        if not same and keys.station != session(one, station, satellite).station:
            with pytest.raises(Forged):
                opened(keys.station, 0, line)


@given(said, st.data())
def test_a_line_that_was_changed_anywhere_is_forged(words, data):
    key = session(b"secret", bytes(32), bytes(32)).station
    line = bytearray(sealed(key, 3, words))
    at = data.draw(st.integers(0, len(line) - 2))
    line[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Forged):
        opened(key, 3, bytes(line))


@given(st.binary())
def test_noise_is_forged(line):
    with pytest.raises(Forged):
        opened(session(b"secret", bytes(32), bytes(32)).station, 0, line)
