"""Who vouches for the wall clock, and when a person may set it."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from station.rules.clock import (
    EARLIEST,
    KEPT_BY_NETWORK,
    LATEST,
    ClockSeen,
    SetByHand,
    SettingWanted,
    TimeKind,
    alone_for_long,
    battery_vouches,
    is_odd,
    told,
    vouched,
    why_not_set,
)
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from tests.running import HANOI

NOON = 1_795_669_200_000  # 2026-11-26 12:00 in Hà Nội
walls = st.integers(EARLIEST, LATEST)
monos = st.integers(0, 400 * DAY)
hands = st.builds(SetByHand, st.just("Lan"), walls, walls, monos, st.none() | walls, st.booleans())
seens = st.builds(ClockSeen, walls, monos, st.none() | st.floats(-500, 500), st.none() | walls, st.none() | hands)
LAN = SetByHand("Lan", before=EARLIEST, at=NOON, mono=5 * MINUTE, heard_at=None, kept=False)


def after(passed: int, **more) -> ClockSeen:
    """The clock that Lan set, so much later."""
    return evolve(ClockSeen(NOON + passed, 5 * MINUTE + passed, hand=LAN), **more)


@given(seens)
def test_only_what_somebody_vouches_for_is_believed(seen: ClockSeen):
    kind = vouched(seen, by_config=False).kind
    by_hand = seen.hand is not None and kind is TimeKind.PERSON
    assert (kind is TimeKind.NETWORK) == (seen.off is not None or (seen.heard_at is not None and not by_hand))
    if seen.off is None and seen.heard_at is None and seen.hand is None:
        assert kind is TimeKind.NOBODY, "a time that was only restored from the card"
    assert vouched(seen, by_config=True).kind is not TimeKind.NOBODY


@given(st.integers(0, 400 * DAY))
def test_a_person_vouches_until_the_power_goes_however_long_that_is(passed: int):
    source = vouched(after(passed), by_config=False)
    assert (source.kind, source.by, source.since) == (TimeKind.PERSON, "Lan", NOON)
    assert alone_for_long(source, NOON + passed) == (passed >= 30 * DAY)


@given(st.integers(-(400 * DAY), 400 * DAY).filter(lambda leap: abs(leap) >= SECOND))
def test_nobody_vouches_for_what_somebody_else_made_of_the_clock(leap: int):
    seen = after(HOUR)
    assert vouched(evolve(seen, wall=seen.wall + leap), by_config=False).kind is TimeKind.NOBODY


def test_after_a_restart_of_the_machine_an_old_hand_vouches_for_nothing():
    assert vouched(ClockSeen(NOON, 2 * MINUTE, hand=LAN), by_config=False).kind is TimeKind.NOBODY


def test_who_came_last_vouches():
    assert vouched(after(HOUR, off=0.3), by_config=False).kind is TimeKind.NETWORK
    heard = vouched(after(HOUR, heard_at=NOON + MINUTE), by_config=False)
    assert (heard.kind, heard.since) == (TimeKind.NETWORK, NOON + MINUTE), "the network came, and went"
    old = evolve(LAN, heard_at=NOON + DAY)
    by_hand = vouched(after(HOUR, heard_at=NOON + DAY, hand=old), by_config=False)
    assert by_hand.kind is TimeKind.PERSON, "set back, after the network was lost"


def test_a_link_that_is_down_for_a_week_silences_nobody():
    source = vouched(ClockSeen(NOON + 7 * DAY, 8 * DAY, heard_at=NOON), by_config=False)
    assert source.kind is TimeKind.NETWORK
    assert told(source, HANOI) == "đúng giờ theo mạng đến 12:00 26/11/2026, từ đó chạy một mình"


@given(st.integers(0, 2**33).map(lambda second: second * SECOND), walls, st.none() | walls)
def test_a_battery_is_believed_only_where_everything_else_agrees(battery: int, wall: int, last_known: int | None):
    if battery_vouches(battery, wall, last_known):
        assert EARLIEST <= battery < LATEST
        assert abs(battery - wall) <= HOUR
        assert last_known is None or battery >= last_known - HOUR


def test_a_dead_battery_is_not_believed_though_the_system_went_on_from_the_card():
    assert battery_vouches(NOON - 20 * SECOND, NOON, NOON - 40 * MINUTE)
    assert not battery_vouches(9 * SECOND, NOON, None), "back in 1970, and the time was restored from the card"
    assert not battery_vouches(EARLIEST + DAY, EARLIEST + DAY, NOON), "plausible, but before what was known"
    assert battery_vouches(NOON, NOON, None)


@given(walls, monos, st.integers(-DAY, DAY), st.text(max_size=200), st.booleans())
def test_what_is_wanted_is_believed_only_as_far_as_it_can_be(at, mono, late, by, synchronised):
    wanted = SettingWanted(at, mono, by)
    refusal = why_not_set(wanted, Now(0, mono + late, trusted=False), synchronised=synchronised)
    if refusal is None:
        assert not synchronised
        assert 0 <= late <= MINUTE
        assert by.strip() and by.isprintable()
    assert (refusal is KEPT_BY_NETWORK) == synchronised


@given(st.integers() | st.sampled_from([EARLIEST - 1, LATEST, EARLIEST, LATEST - 1]))
def test_a_time_that_cannot_be_is_refused(at: int):
    refused = why_not_set(SettingWanted(at, 0, "Lan"), Now(0, 0, trusted=False), synchronised=False)
    assert (refused is None) == (EARLIEST <= at < LATEST)


def test_another_day_than_the_last_known_one_is_looked_at_twice():
    assert not is_odd(NOON, None)
    assert not is_odd(NOON, NOON - 20 * HOUR)
    assert is_odd(NOON, NOON - 2 * DAY)
    assert is_odd(NOON - 2 * DAY, NOON)
