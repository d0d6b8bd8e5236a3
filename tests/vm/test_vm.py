"""The parts of the rig that need no machine: `tests/run --vm` runs the rest."""

from pathlib import Path

from tests.vm.image import packages_of_the_station
from tests.vm.pins import Edge, read_edges
from tests.vm.results import PAGE, Outcome, write
from tests.vm.scenarios import SCENARIOS

_TRACE = """\
# tracer: nop
          python-1101    [000] .....    40.000500: gpio_value: 1013 set 1
          python-1101    [000] .....    40.000700: gpio_direction: 1013 out (0)
           lgpio-1101    [001] .....    41.250000: gpio_value: 1013 get 1
           lgpio-1101    [001] .....    42.000000: gpio_direction: 1004  in (0)
"""


def test_edges_are_read_from_the_kernels_trace() -> None:
    edges = read_edges(_TRACE, base=996, offset=1_000_000)
    assert edges == [Edge(1_040_000.5, 17, 1), Edge(1_042_000.0, 8, None)]


def test_a_row_stays_until_its_scenario_runs_again(tmp_path: Path) -> None:
    page = tmp_path / "vm.md"
    page.write_text(PAGE.read_text())
    write([Outcome("boot", True, "first", 1), Outcome("hung", False, "a|b\nc", 2)], list(SCENARIOS), page)
    write([Outcome("boot", True, "second", 1)], list(SCENARIOS), page)
    rows = [
        line.split(" | ")[:3] for line in page.read_text().splitlines() if line.startswith(("| boot", "| hung"))
    ]
    assert rows == [["| boot", "passed", "second"], ["| hung", "**failed**", "a/b c"]]


def test_each_scenario_says_what_it_shows() -> None:
    assert all(scenario.__doc__ for scenario in SCENARIOS.values())


def test_the_stocked_card_has_what_install_sh_would_install() -> None:
    assert {"ffmpeg", "libvlc5", "nginx-light"} <= set(packages_of_the_station())
