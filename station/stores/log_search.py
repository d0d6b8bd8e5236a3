"""Search in the as-run log: by its days, what became of a broadcast, whose it was, where, how urgent, and words."""

from collections.abc import Iterator

from attrs import frozen
from sqlalchemy import ColumnElement, func, literal

from station.rules.letters import plain, spelled
from station.rules.origin import Origin
from station.rules.schedule import Priority
from station.rules.step.actions import Result
from station.stores.database import as_run as table

PAGE = 50  # records


@frozen
class LogSearch:
    """What is looked for: planned from wall ms `since` up to `until`, each of `words` in it; a `page` from 0."""

    since: int | None = None
    until: int | None = None
    result: Result | None = None
    origin: Origin | None = None
    zone: str = ""
    priority: Priority | None = None
    words: str = ""
    page: int = 0


def conditions(search: LogSearch) -> Iterator[ColumnElement[bool]]:
    """What a record must meet."""
    if search.since is not None:
        yield table.c.planned_start >= search.since
    if search.until is not None:
        yield table.c.planned_start < search.until
    if search.result:
        yield table.c.result == search.result
    if search.origin:
        yield table.c.origin == search.origin
    if search.priority:
        yield table.c.priority == search.priority
    if search.zone:
        yield func.instr(literal(" ") + table.c.zones + " ", f" {search.zone} ") > 0
    for word in spelled(search.words).split():
        column = table.c.plain if word == plain(word) else table.c.spelled
        yield func.instr(column, word) > 0
