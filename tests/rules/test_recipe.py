"""Editing changes what is heard of originals, to the millisecond, and never more than was asked."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.recipe import Piece, Recipe, fade, from_json, join, split, to_json, trim, whole

ORIGINALS = ("a" * 64, "b" * 64, "c" * 64)


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    start = draw(st.integers(0, 5_000))
    return Piece(draw(st.sampled_from(ORIGINALS)), start, start + draw(st.integers(1, 5_000)))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    made = join([Recipe((piece,)) for piece in draw(st.lists(pieces(), min_size=1, max_size=6))])
    fade_in = draw(st.integers(0, made.length))
    return fade(made, fade_in, draw(st.integers(0, made.length - fade_in)))


@st.composite
def trims(draw: st.DrawFn, length: int) -> tuple[int, int]:
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


def heard(recipe: Recipe) -> list[tuple[str, int]]:
    """Each millisecond of it: of which original, and where there."""
    return [(it.original, at) for it in recipe.pieces for at in range(it.start, it.end or 0)]


@given(recipes(), st.data())
def test_trimming_leaves_exactly_what_is_between(recipe: Recipe, data: st.DataObject) -> None:
    start, end = data.draw(trims(recipe.length))
    trimmed = trim(recipe, start, end)
    assert trimmed.length == end - start
    assert heard(trimmed) == heard(recipe)[start:end]
    assert trimmed.fade_in + trimmed.fade_out <= trimmed.length


@given(recipes(), st.data())
def test_trims_compose(recipe: Recipe, data: st.DataObject) -> None:
    plain = evolve(recipe, fade_in=0, fade_out=0)
    start, end = data.draw(trims(plain.length))
    first, last = data.draw(trims(end - start))
    assert trim(trim(plain, start, end), first, last) == trim(plain, start + first, start + last)
    assert trim(recipe, 0, recipe.length) == recipe


@given(recipes().filter(lambda it: it.length > 1), st.data())
def test_what_is_split_and_joined_again_is_the_same(recipe: Recipe, data: st.DataObject) -> None:
    plain = evolve(recipe, fade_in=0, fade_out=0)
    first, second = split(plain, data.draw(st.integers(1, plain.length - 1)))
    assert first.length + second.length == plain.length
    assert join([first, second]) == plain


@given(st.lists(recipes(), min_size=1, max_size=4))
def test_joining_adds_up(listed: list[Recipe]) -> None:
    joined = join(listed)
    assert joined.length == sum(it.length for it in listed)
    assert heard(joined) == [ms for it in listed for ms in heard(it)]
    assert (joined.fade_in, joined.fade_out) == (listed[0].fade_in, listed[-1].fade_out)


@given(recipes())
def test_the_database_gives_back_what_it_got(recipe: Recipe) -> None:
    assert from_json(to_json(recipe)) == recipe
    assert from_json(to_json(recipe)).digest == recipe.digest


def test_a_split_keeps_the_fades_at_the_outer_ends() -> None:
    first, second = split(fade(whole("a").closed(10_000), 1_000, 2_000), 4_000)
    assert (first.fade_in, first.fade_out, second.fade_in, second.fade_out) == (1_000, 0, 0, 2_000)


def test_fading_leaves_the_other_end_as_it_is() -> None:
    faded = fade(fade(whole("a").closed(10_000), fade_in=1_000), fade_out=3_000)
    assert (faded.fade_in, faded.fade_out) == (1_000, 3_000)


def test_an_open_end_is_closed_once_by_the_length_that_it_turned_out_to_have() -> None:
    recipe = Recipe((Piece("a", 500, 1_500), Piece("b", 2_000)))
    with pytest.raises(ValueError, match="open end"):
        _ = recipe.length
    closed = recipe.closed(3_000)
    assert closed.pieces[-1] == Piece("b", 2_000, 4_000)
    assert closed.closed(9_000) == closed


def test_refuses_what_is_not_on_the_time_line() -> None:
    recipe = whole("a").closed(1_000)
    for start, end in ((-1, 500), (0, 1_001), (500, 500), (700, 600)):
        with pytest.raises(ValueError, match="time line"):
            trim(recipe, start, end)
    for at in (0, 1_000):
        with pytest.raises(ValueError, match="time line"):
            split(recipe, at)
    with pytest.raises(ValueError, match="longer"):
        fade(recipe, 600, 500)
    with pytest.raises(ValueError, match="fade_in"):
        fade(recipe, -1)
    with pytest.raises(ValueError, match="ends after"):
        Piece("a", 5, 5)
    with pytest.raises(ValueError, match="open end"):
        Recipe((Piece("a"), Piece("b")))
