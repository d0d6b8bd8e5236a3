"""Every amplifier off without the player: by what it noted, else by the configuration, whatever else is broken."""

from pathlib import Path

import pytest

from station.air.amplifiers import ZonePin
from station.air.off import note_lines, switch_off
from station.stores.places import Places, places
from tests.rig.pi import Pi

PIN, FAR_PIN, NEW_PIN = 17, 27, 22
CONFIG = """\
[zones.bac]
title = "Thôn Bắc"
pin = 22
active_high = false
"""


@pytest.fixture
def home(tmp_path: Path) -> Places:
    where = places(tmp_path)
    where.run.mkdir()
    return where


def test_what_the_player_drives_is_switched_off_whatever_the_configuration_says_by_now(
    pi: Pi, home: Places
) -> None:
    note_lines(home.run, [ZonePin("bac", PIN), ZonePin("dong", FAR_PIN, active_high=False), ZonePin("nam")])
    home.config.write_text(CONFIG)
    assert switch_off(home) == ()
    assert pi.lines == {PIN: 0, FAR_PIN: 1}
    assert [call[0] for call in pi.calls if call[0].startswith("claim")] == ["claim output"] * 2


@pytest.mark.parametrize("note", [None, "", "[{}]", '{"bac": 17}'])
def test_with_no_note_that_can_be_read_the_configuration_tells(pi: Pi, home: Places, note: str | None) -> None:
    home.config.write_text(CONFIG)
    if note is not None:
        (home.run / "amplifiers.json").write_text(note)
    assert switch_off(home) == ()
    assert pi.lines == {NEW_PIN: 1}


def test_a_broken_configuration_leaves_the_last_good_one_to_tell(pi: Pi, home: Places) -> None:
    (home.home / "station.last-good.toml").write_text(CONFIG)
    home.config.write_text("[zones.bac\n")
    assert switch_off(home) == ()
    assert pi.lines == {NEW_PIN: 1}


def test_where_nothing_tells_that_is_said(pi: Pi, home: Places) -> None:
    home.config.write_text("[zones.bac\n")
    assert any("station.toml" in sentence for sentence in switch_off(home))
    assert not pi.lines


def test_a_line_that_another_holds_is_told_and_the_others_are_off(pi: Pi, home: Places) -> None:
    note_lines(home.run, [ZonePin("bac", PIN), ZonePin("dong", FAR_PIN)])
    pi.refused = {PIN}
    (sentence,) = switch_off(home)
    assert "bac" in sentence
    assert "GPIO busy" in sentence
    assert pi.lines == {FAR_PIN: 0}


def test_a_folder_that_takes_no_note_leaves_no_old_one(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    note_lines(home.run, [ZonePin("bac", PIN)])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    note_lines(home.run, [ZonePin("bac", NEW_PIN)])
    assert not list(home.run.iterdir())
