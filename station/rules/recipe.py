"""Recipes: what is heard of which originals. Editing changes a recipe and never audio that is kept."""

import hashlib
import json
from collections.abc import Iterable
from itertools import accumulate
from typing import Self

from attrs import evolve, field, frozen
from attrs.validators import ge, min_len


@frozen
class Piece:
    """A stretch of the original with that sha256, from `start` ms to `end` ms, or to wherever it ends."""

    original: str
    start: int = field(default=0, validator=ge(0))
    end: int | None = None

    def __attrs_post_init__(self) -> None:
        """A piece is not empty."""
        if self.end is not None and self.end <= self.start:
            raise ValueError("a piece ends after it begins")

    @property
    def length(self) -> int:
        """Milliseconds; raises `ValueError` while its end is open."""
        if self.end is None:
            raise ValueError("this piece has an open end")
        return self.end - self.start


@frozen
class Recipe:
    """Pieces, one after the other, that fade in and out over so many ms at the very beginning and end.

    What edits it counts in ms on the edited time line, and raises `ValueError` for what is not on it; only the last
    piece may have an open end, and only until it is `closed`.
    """

    pieces: tuple[Piece, ...] = field(validator=min_len(1))
    fade_in: int = field(default=0, validator=ge(0))
    fade_out: int = field(default=0, validator=ge(0))

    def __attrs_post_init__(self) -> None:
        """No open end but the last."""
        if any(piece.end is None for piece in self.pieces[:-1]):
            raise ValueError("only the last piece may have an open end")

    @property
    def length(self) -> int:
        """Milliseconds; raises `ValueError` while its end is open."""
        return sum(piece.length for piece in self.pieces)

    @property
    def digest(self) -> str:
        """The same for the same recipe: sha256 of its JSON form, in hex."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()

    def closed(self, length: int) -> Self:
        """The same where it turned out to be `length` ms long; one that is closed already stays as it is."""
        *before, last = self.pieces
        if last.end is not None:
            return self
        end = last.start + length - sum(piece.length for piece in before)
        return evolve(self, pieces=(*before, evolve(last, end=end)))


def whole(original: str) -> Recipe:
    """All of one original."""
    return Recipe((Piece(original),))


def trim(recipe: Recipe, start: int, end: int) -> Recipe:
    """What is heard of it from `start` to `end`."""
    if not 0 <= start < end <= recipe.length:
        raise ValueError("nothing is left, or it is not on the time line")
    begins = accumulate((piece.length for piece in recipe.pieces), initial=0)
    placed = zip(begins, recipe.pieces, strict=False)
    kept = tuple(
        evolve(
            piece,
            start=piece.start + max(0, start - begin),
            end=piece.start + min(piece.length, end - begin),
        )
        for begin, piece in placed
        if begin < end and start < begin + piece.length
    )
    return _within(evolve(recipe, pieces=kept))


def split(recipe: Recipe, at: int) -> tuple[Recipe, Recipe]:
    """Its two parts; the fades stay at the outer ends."""
    first, second = trim(recipe, 0, at), trim(recipe, at, recipe.length)
    return evolve(first, fade_out=0), evolve(second, fade_in=0)


def join(recipes: Iterable[Recipe]) -> Recipe:
    """One after the other; only the outer fades stay, and what follows itself is one piece again."""
    listed = tuple(recipes)
    pieces: list[Piece] = []
    for piece in (piece for recipe in listed for piece in recipe.pieces):
        if pieces and (pieces[-1].original, pieces[-1].end) == (piece.original, piece.start):
            pieces[-1] = evolve(pieces[-1], end=piece.end)
        else:
            pieces.append(piece)
    return Recipe(tuple(pieces), fade_in=listed[0].fade_in, fade_out=listed[-1].fade_out)


def fade(recipe: Recipe, fade_in: int | None = None, fade_out: int | None = None) -> Recipe:
    """Fading in and out over so many ms, together no longer than it is; `None` leaves a fade as it is."""
    asked = evolve(
        recipe,
        fade_in=recipe.fade_in if fade_in is None else fade_in,
        fade_out=recipe.fade_out if fade_out is None else fade_out,
    )
    if asked.fade_in + asked.fade_out > asked.length:
        raise ValueError("the fades are longer than what is heard")
    return asked


def to_json(recipe: Recipe) -> str:
    """Its form in the database."""
    pieces = [{"original": it.original, "start": it.start, "end": it.end} for it in recipe.pieces]
    written = {"pieces": pieces, "fade_in": recipe.fade_in, "fade_out": recipe.fade_out}
    return json.dumps(written, separators=(",", ":"))


def from_json(written: str) -> Recipe:
    """Read its form in the database."""
    read = json.loads(written)
    return Recipe(tuple(Piece(**piece) for piece in read["pieces"]), read["fade_in"], read["fade_out"])


def _within(recipe: Recipe) -> Recipe:
    """The same with fades that fit into what is left."""
    fade_in = min(recipe.fade_in, recipe.length)
    return evolve(recipe, fade_in=fade_in, fade_out=min(recipe.fade_out, recipe.length - fade_in))
