"""Which originals go: the oldest, no more than must, never a needed one."""

from hypothesis import given
from hypothesis import strategies as st

from station.rules.space import Kept, to_let_go

KEPT = st.builds(Kept, st.uuids().map(str), st.integers(1, 100), st.integers(0, 9), st.booleans())


@given(st.lists(KEPT, unique_by=lambda it: it.key), st.integers(0, 500))
def test_the_oldest_go_and_no_more_than_must(originals: list[Kept], quota: int) -> None:
    gone = set(to_let_go(originals, quota))
    left = sum(it.size for it in originals if it.key not in gone)
    free_to_go = [it for it in originals if not it.needed]
    assert not any(it.needed for it in originals if it.key in gone)
    assert left <= quota or gone == {it.key for it in free_to_go}
    if gone:
        newest = max((it for it in originals if it.key in gone), key=lambda it: (it.since, it.key))
        assert left + newest.size > quota, "that one need not have gone"
        assert all(it.key in gone for it in free_to_go if (it.since, it.key) < (newest.since, newest.key))
