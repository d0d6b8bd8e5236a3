"""Search in the library: words found with their marks when typed with them, and without when typed without."""

from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import ColumnElement, func

from station.rules.approval import State
from station.rules.facts import Field
from station.rules.letters import plain, spelled
from station.rules.origin import Origin
from station.rules.rundown import Kind
from station.stores.database import segments as table

PAGE = 50  # segments


@frozen
class Search:
    """What is looked for: each of `words` somewhere, in any of `states`, of a kind, a field, somebody's.

    A `page` is counted from 0.
    """

    words: str = ""
    states: tuple[State, ...] = ()
    kind: Kind | None = None
    field: Field | None = None
    origin: Origin | None = None
    page: int = 0


def conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    """What a row must meet."""
    for word in spelled(search.words).split():
        column = table.c.plain if word == plain(word) else table.c.spelled
        yield func.instr(column, word) > 0
    if search.states:
        yield table.c.state.in_(search.states)
    if search.kind:
        yield table.c.kind == search.kind
    if search.field:
        yield table.c.field == search.field
    if search.origin:
        yield table.c.origin == search.origin
