"""What the documents say is what the program does."""

from pathlib import Path

import click

from station.cli import main
from tests.diagrams import DESIGN, drawn

ROOT = Path(__file__).parents[1]


def test_the_zone_table_in_the_design_is_the_code_s_own():
    assert DESIGN.read_text() == drawn()


def test_every_command_and_option_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    assert isinstance(main, click.Group)
    for name, command in main.commands.items():
        assert f"`station {name}" in readme, name
        line = next(line for line in readme.splitlines() if line.startswith(f"| `station {name}"))
        for option in command.params:
            if isinstance(option, click.Option):
                assert any(flag in line for flag in option.opts), (name, option.opts)


def test_every_room_is_in_the_design():
    design = DESIGN.read_text()
    for room in (ROOT / "station").iterdir():
        if room.is_dir() and (room / "__init__.py").exists():
            assert f"station/{room.name}/" in design, room.name
