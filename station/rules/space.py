"""Space: which originals go when there are too many."""

from collections.abc import Iterable, Iterator

from attrs import frozen


@frozen
class Kept:
    """An original that takes `size` bytes since wall ms `since`; `needed` while something may still ask for it."""

    key: str
    size: int
    since: int
    needed: bool


def to_let_go(originals: Iterable[Kept], quota: int) -> Iterator[str]:
    """The keys of those that must go so that `quota` bytes hold the rest: the oldest first, never a needed one."""
    kept = sorted(originals, key=lambda it: (it.since, it.key))
    excess = sum(it.size for it in kept) - quota
    for it in kept:
        if excess <= 0:
            return
        if not it.needed:
            excess -= it.size
            yield it.key
