"""How hot the machine is, where it tells."""

from pathlib import Path

import pytest

from station.care.heat import heat


@pytest.mark.parametrize(("told", "degrees"), [("41234\n", 41), ("80500", 80), ("", None), ("warm", None)])
def test_it_is_told_in_degrees_or_not_at_all(tmp_path: Path, told: str, degrees: int | None):
    (tmp_path / "temp").write_text(told)
    assert heat(tmp_path / "temp") == degrees


def test_a_machine_that_does_not_tell_has_none(tmp_path: Path):
    assert heat(tmp_path / "temp") is None
