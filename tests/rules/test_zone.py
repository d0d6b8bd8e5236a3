"""A zone's amplifier: what it says of itself, when it is muted in the middle, and when the player wakes for it."""

from attrs import evolve

from station.rules.now import SECOND
from station.rules.station import Zone
from station.rules.step import Past, actions, events, recover, step
from station.rules.step.rehearse import Rehearsal
from tests.rules.stations import at, broadcast, now, station

SLOW = evolve(station(Zone("bac", "Thôn Bắc", warm_up=8 * SECOND), Zone("dong", "Thôn Đông")), stagger=SECOND)


def on_air() -> Rehearsal:
    """A broadcast from 05:00 to 05:10 in both zones, planned at 04:50."""
    state, _ = recover(SLOW, Past(), now("04:50"))
    shell = Rehearsal(state, now("04:50"))
    shell.post(events.TimetablePlanned((broadcast(at("05:00")),)))
    return shell


def run_until_powered(shell: Rehearsal, zone: str) -> None:
    while zone not in shell.state.energised():
        shell.run(shell.now.wall + 100)


def switched(shell: Rehearsal, zone: str, *, on: bool) -> list[int]:
    return [it.now.mono for it in shell.taken if it.action == actions.SwitchZone(zone, on=on)]


def test_an_amplifier_has_its_warm_up_to_say_that_it_is_up():
    shell = on_air()
    shell.post(events.AmplifierReported("bac", up=False))
    run_until_powered(shell, "bac")
    shell.run(shell.now.wall + 7 * SECOND)
    assert not shell.state.zones["bac"].doubt
    shell.run(shell.now.wall + SECOND)
    assert "không báo là đã chạy" in shell.state.zones["bac"].doubt


def test_an_amplifier_that_came_up_by_then_and_goes_down_soon_is_never_doubted():
    shell = on_air()
    shell.post(events.AmplifierReported("bac", up=False))
    run_until_powered(shell, "bac")
    shell.run(shell.now.wall + 6 * SECOND)
    shell.post(events.AmplifierReported("bac", up=True))
    while "bac" in shell.state.energised():
        shell.run(shell.now.wall + 100)
    shell.run(shell.now.wall + SECOND)
    assert not shell.state.zones["bac"].doubt
    shell.post(events.AmplifierReported("bac", up=False))
    shell.run(shell.now.wall + 10 * SECOND)
    assert not shell.state.zones["bac"].doubt


def test_an_amplifier_that_goes_down_by_itself_on_air_is_doubted_at_once():
    shell = on_air()
    shell.post(events.AmplifierReported("bac", up=True))
    shell.run(at("05:05"))
    shell.post(events.AmplifierReported("bac", up=False))
    assert "không báo là đã chạy" in shell.state.zones["bac"].doubt


def test_a_zone_that_may_sound_again_in_mid_broadcast_rests_and_warms_and_is_heard_from_then_on():
    shell = on_air()
    shell.run(at("05:03"))
    muted = shell.now.mono
    shell.post(events.MuteOrdered(1, frozenset({"bac"})))
    assert switched(shell, "bac", on=False)[-1] == muted, "off at once"
    shell.run(shell.now.wall + SECOND)
    shell.post(events.MuteOrdered(2, frozenset()))
    shell.run(shell.now.wall + 20 * SECOND)
    again = switched(shell, "bac", on=True)[-1]
    assert again == muted + SLOW.zones["bac"].rest
    assert shell.state.zones["bac"].phase == "on"
    assert switched(shell, "dong", on=False) == [], "the other one never noticed"
    shell.run(at("05:12"))
    assert [it.action.result for it in shell.taken if isinstance(it.action, actions.CloseRecord)] == ["aired"]


def test_while_it_falls_silent_nothing_is_due_for_zones_that_waited_to_go_on():
    shell = on_air()
    run_until_powered(shell, "bac")
    state, _, _ = step(shell.state, shell.now, events.StopOrdered(1, "An"))  # and the player does not answer yet
    later = evolve(shell.now, wall=shell.now.wall + 1_500, mono=shell.now.mono + 1_500)
    _, _, wake_in = step(state, later, events.Tick())
    assert wake_in is None or wake_in > 0
