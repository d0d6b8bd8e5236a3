"""What the documents say is what the program does."""

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import click
import pytest

from station.cli import main
from station.rules import header
from station.stores import config
from station.stores.schedule_files import read_schedule
from tests import wiring_drawings
from tests.diagrams import DESIGN, drawn

ROOT = Path(__file__).parents[1]
SCHEDULE, SWAP_DAYS, STATION = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_zone_table_in_the_design_is_the_code_s_own():
    assert DESIGN.read_text() == drawn()


def commands(group: click.Command, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Each command by what is typed for it, those of groups too."""
    assert isinstance(group, click.Group)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            assert command
            yield before + name, command


def test_every_command_and_option_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for name, command in commands(main):
        assert f"`station {name}" in readme, name
        line = next(line for line in readme.splitlines() if line.startswith(f"| `station {name}"))
        for option in command.params:
            if isinstance(option, click.Option):
                assert any(flag in line for flag in option.opts), (name, option.opts)


def test_every_figure_is_in_the_page_about_them_and_the_rules_ask_for_no_other():
    told = {
        name
        for module in ("station/desk/metrics.py", "station/centre/live_metrics.py")
        for name in re.findall(r'"(loaxa_[a-z_]+)"', (ROOT / module).read_text())
    }
    page, rules = (ROOT / "docs/monitoring.md").read_text(), (ROOT / "systemd/prometheus-rules.yml").read_text()
    assert {it.removesuffix("_total") for it in re.findall(r"^\| `(loaxa_[a-z_]+)`", page, re.MULTILINE)} == told
    assert {it.removesuffix("_total") for it in re.findall(r"loaxa_[a-z_]+", rules)} < told


def test_every_room_is_in_the_design():
    design = DESIGN.read_text()
    for room in (ROOT / "station").iterdir():
        if room.is_dir() and (room / "__init__.py").exists():
            assert f"station/{room.name}/" in design, room.name


def test_the_examples_of_the_readme_are_what_the_program_reads(tmp_path):
    (tmp_path / "station.toml").write_text(STATION)
    loaded = config.read_config(tmp_path / "station.toml", tmp_path / "last-good.toml")
    assert loaded.troubles == ()
    assert len(read_schedule(SCHEDULE, "ban-tin-sang", loaded.config.known).rundown) > 3


@pytest.mark.parametrize("settings", [it for it in vars(config).values() if attrs.has(it) and "Config" in str(it)])
def test_every_setting_is_in_the_readme(settings):
    for setting in attrs.fields(settings):
        assert re.search(rf"^\[*([a-z]+\.)?{setting.name}\b", STATION, re.MULTILINE), setting.name


def test_the_wiring_drawings_are_what_is_drawn_and_the_guide_shows_each():
    guide = (ROOT / "docs/wiring.md").read_text()
    assert {it for it in wiring_drawings.drawn() if it.parent == wiring_drawings.WIRING} == set(
        wiring_drawings.WIRING.iterdir()
    )
    for file, svg in wiring_drawings.drawn().items():
        assert file.read_text() == svg, file
        assert f"({file.relative_to(ROOT / 'docs')})" in guide, file


def test_the_zones_of_the_wiring_guide_are_those_of_its_drawings(tmp_path):
    guide = (ROOT / "docs/wiring.md").read_text()
    (tmp_path / "station.toml").write_text(re.search(r"```toml\n(.*?)```", guide, re.DOTALL)[1])
    loaded = config.read_config(tmp_path / "station.toml", tmp_path / "last-good.toml")
    assert loaded.troubles == ()
    zones, panel = loaded.config.zones.values(), loaded.config.panel
    assert tuple(it.pin for it in zones) == header.RELAYS
    assert tuple(it.feedback for it in zones) == wiring_drawings.FEEDBACKS
    assert list(attrs.astuple(panel)) == list(wiring_drawings.PANEL)
    rows = re.findall(r"^\| \d \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", guide, re.MULTILINE)
    pins = zip(header.RELAYS, wiring_drawings.FEEDBACKS, strict=True)
    assert rows == [tuple(str(it) for it in (a, header.pin(a), b, header.pin(b))) for a, b in pins]


def test_no_relay_of_the_wiring_guide_is_high_at_boot_or_has_another_duty():
    others = {*header.HIGH_AT_BOOT, *header.SPARED, *header.I2S}
    assert others.isdisjoint(header.RELAYS)
    assert {it for it in header.HEADER if isinstance(it, int)} == set(range(28))
