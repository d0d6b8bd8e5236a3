"""Two people at one schedule: what one typed, and what the other one saved meanwhile, in one form."""

from attrs import evolve, fields

from web.schedule_form import Airing, Form, Item

_TOGETHER = (
    ("title",),
    ("zones",),
    ("priority",),
    ("late", "late_within"),
    ("clash", "clash_within"),
    ("crossfade",),
)
_OF_AIRING = tuple(it.name for it in fields(Airing) if it.name not in {"id", "was"})


def merged(mine: Form, before: Form, theirs: Form) -> Form:
    """`mine` where it differs from what was there `before`, and `theirs` wherever I changed nothing."""
    left = {name: getattr(theirs, name) for names in _TOGETHER if _same(mine, before, names) for name in names}
    return evolve(
        mine,
        **left,
        base=theirs.base,
        airings=_airings(mine.airings, before.airings, theirs.airings),
        items=_items(mine.items, before.items, theirs.items),
    )


def _same(one: Form | Airing, other: Form | Airing, names: tuple[str, ...]) -> bool:
    return all(_plain(getattr(one, name)) == _plain(getattr(other, name)) for name in names)


def _plain(value: str | tuple[str, ...]) -> str | frozenset[str]:
    """The same for the same choice, whatever its order."""
    return value if isinstance(value, str) else frozenset(value)


def _airings(
    mine: tuple[Airing, ...], before: tuple[Airing, ...], theirs: tuple[Airing, ...]
) -> tuple[Airing, ...]:
    if [it.was for it in mine] == [it.was for it in before] == [it.was for it in theirs]:
        return tuple(map(_airing, mine, before, theirs))
    return tuple(evolve(it, was="") for it in mine)


def _airing(mine: Airing, before: Airing, theirs: Airing) -> Airing:
    left = {name: getattr(theirs, name) for name in _OF_AIRING if _same(mine, before, (name,))}
    return evolve(mine, **left)


def _items(mine: tuple[Item, ...], before: tuple[Item, ...], theirs: tuple[Item, ...]) -> tuple[Item, ...]:
    if mine == before:
        return theirs
    return mine if before == theirs else tuple(evolve(it, was="") for it in mine)
