"""A schedule as a person wants it, and the changes of its file's text that lead there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from station.stores.schedule_edit import Change, Setting
from station.stores.schedule_tables import Arrangement


@frozen
class Table:
    """One `[[air]]` or `[[rundown]]`: what of it changes, by key; None takes a key away.

    `was` is its number in the file; a new one has none.
    """

    values: Mapping[str, Any]
    was: int | None = None


@frozen
class Wanted:
    """What of a schedule changes, by key, and its tables in the order in which they shall stand.

    A key that is not named stays as it is.
    """

    values: Mapping[str, Any]
    air: Sequence[Table]
    rundown: Sequence[Table]

    def fields(self) -> dict[str, Any]:
        """All of it as a new file."""
        return {**_present(self.values), "air": _all(self.air), "rundown": _all(self.rundown)}

    def changes(self, data: Mapping[str, Any]) -> Iterator[Change]:
        """What leads there from `data`, the file's own."""
        yield from (Setting(key, value) for key, value in self.values.items() if data.get(key) != value)
        for key, tables in (("air", self.air), ("rundown", self.rundown)):
            yield from _arranged(key, tables, len(data.get(key, ())))
            for number, table in enumerate(tables, 1):
                if table.was is not None:
                    yield from (Setting(f"{key}.{number}.{name}", value) for name, value in table.values.items())


def _arranged(key: str, tables: Sequence[Table], count: int) -> Iterator[Arrangement]:
    wanted = tuple(_present(it.values) if it.was is None else it.was for it in tables)
    if wanted != tuple(range(1, count + 1)):
        yield Arrangement(key, wanted)


def _all(tables: Sequence[Table]) -> list[dict[str, Any]]:
    return [_present(it.values) for it in tables]


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
