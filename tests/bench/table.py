"""The figures as one Markdown table, with the reasons for what is missing."""

import os
import platform
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from tests.bench.studio import Figure

_NOTHING = 0.05  # a ratio to less means nothing


@frozen
class Column:
    """A contender's figures by their titles, and what it cannot do."""

    name: str
    figures: dict[str, Figure] = field(factory=dict)
    unable: list[str] = field(factory=list)


def table(columns: Sequence[Column]) -> str:
    """One row a figure, one column a contender; a peer's figure is followed by its ratio to the first one's."""
    titles = dict.fromkeys(title for column in columns for title in column.figures)
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}",
        "",
        f"| | {' | '.join(column.name for column in columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
        *(_row(title, [column.figures for column in columns]) for title in titles),
    ]
    reasons = [f"- {column.name}: {'; '.join(column.unable)}." for column in columns if column.unable]
    return "\n".join([*lines, "", *reasons])


def _row(title: str, figures: Sequence[Mapping[str, Figure]]) -> str:
    own = figures[0].get(title)
    cells = [_cell(it.get(title), own if number else None) for number, it in enumerate(figures)]
    return f"| {title} | {' | '.join(cells)} |"


def _cell(figure: Figure | None, own: Figure | None) -> str:
    if figure is None:
        return "–"
    shown = f"{figure.value:{figure.form}}"
    return f"{shown} (×{figure.value / own.value:.2g})" if own and own.value >= _NOTHING else shown
