"""The last results, as a table of docs/vm.md: what ran keeps its row until it runs again."""

import datetime as dt
import re
from pathlib import Path

from attrs import frozen

from tests.rig.waiting import wall_ms
from tests.vm.image import CHECKOUT

PAGE = CHECKOUT / "docs/vm.md"
_BEGIN = "<!-- last results: made by `tests/run --vm` -->\n"
_END = "<!-- end -->"
_HEAD = ("| scenario | result | figures | minutes | on |", "| --- | --- | --- | --- | --- |")


@frozen
class Outcome:
    """How a scenario went."""

    name: str
    passed: bool
    told: str
    minutes: float

    @property
    def row(self) -> str:
        """Its row of the table."""
        day = dt.datetime.fromtimestamp(wall_ms() / 1e3, dt.UTC).date()
        told = re.sub(r"\s+", " ", self.told).replace("|", "/")[:600]
        return (
            f"| {self.name} | {'passed' if self.passed else '**failed**'} | {told} | {self.minutes:.1f} | {day} |"
        )


def write(outcomes: list[Outcome], order: list[str], page: Path = PAGE) -> None:
    """Put results into the table, in the order of the scenarios."""
    before, rest = page.read_text().split(_BEGIN)
    table, after = rest.split(_END, 1)
    rows = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("|")}
    rows |= {it.name: it.row for it in outcomes}
    lines = (*_HEAD, *(rows[name] for name in order if name in rows))
    page.write_text(f"{before}{_BEGIN}" + "".join(f"{line}\n" for line in lines) + f"{_END}{after}")
