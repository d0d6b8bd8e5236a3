"""When it is calm."""

from station.rules.calm import FOR_SWITCH, is_calm
from station.rules.now import DAY, MINUTE


def test_it_is_calm_while_nothing_sounds_and_nothing_is_about_to():
    now = 5 * DAY
    assert is_calm(now, (), FOR_SWITCH)
    assert is_calm(now, [now + FOR_SWITCH], FOR_SWITCH)
    assert not is_calm(now, [now + DAY, now + FOR_SWITCH - 1], FOR_SWITCH)
    assert not is_calm(now, [now - MINUTE], FOR_SWITCH)
