"""Draws the zone table of docs/design.md from the code: `python -m tests.diagrams` rewrites it there."""

import re
from pathlib import Path

from station.rules.station import Zone
from station.rules.step.zone import Phase, Want, ZoneState, advance, due

DESIGN = Path(__file__).parents[1] / "docs" / "design.md"

_BLOCK = re.compile(r"(?<=tests\.diagrams` from station/rules/step/zone\.py -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ZONE = Zone("", "")
_CAUSES = {"warming": "warm_up", "lingering": "linger", "resting": "rest", "on": "longest"}


def zone_table() -> str:
    """Every transition of the table, found by trying each phase with each want, at once and when time is up."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> off"]
    seen = set()
    for phase in Phase:
        for want in Want:
            for late in (False, True):
                state = ZoneState(phase, since=0, switched_on=0)
                mono = (due(state, _ZONE) or 0) if late else 0
                after = advance(state, _ZONE, want, mono).phase
                cause = f"{_CAUSES.get(phase, '')} over" if late else f"wanted {want}"
                if after is not phase and (phase, after) not in seen:
                    seen.add((phase, after))
                    lines.append(f"    {phase} --> {after} : {cause}")
    return "\n".join([*lines, "```\n"])


def drawn() -> str:
    """The design with the table as the code has it."""
    return _BLOCK.sub(lambda _: zone_table(), DESIGN.read_text())


if __name__ == "__main__":
    DESIGN.write_text(drawn())
