"""On air: pins and sound on one time line, and what becomes of both when the player is killed or hangs."""

from collections.abc import Iterable

from tests.rig.recording import Recording
from tests.rig.waiting import wait_until
from tests.vm import stages
from tests.vm.pins import Edge, Pins
from tests.vm.sound import Listening, programme_in
from tests.vm.station import HIGH, LENGTH_S, LOW

_ON = {HIGH: 1, LOW: 0}
_WARM_UP = _LINGER = 5_000  # ms, as home/station.toml says
_LATE = 5_000  # ms that anything may take longer under emulation
_AUDIBLE = 0.95  # of a programme, at least: an emulated player may lack processor
_OFF_WITHIN = 30_000  # ms from a hang: 10 to 12 s on a Pi


def on_air() -> str:
    """A broadcast of the schedule: amplifiers on, warm-up, the whole programme, linger, amplifiers off."""
    with stages.ready() as station, Listening(station.machine) as listening:
        pins = Pins(station.machine)
        pins.watch()
        start = station.air_soon()
        record = station.wait_for_record(timeout=600)
        wait_until(lambda: pins.level(HIGH) == 0 and pins.level(LOW) == 1, 60, every=1)
        sound, edges = listening.end(), pins.edges(HIGH, LOW)
    assert record["result"] == "aired", record
    first, last = programme_in(sound)
    audible = sum(it.end - it.start for it in sound.intervals(20)) / (LENGTH_S * 1000)
    assert audible > _AUDIBLE, audible
    assert -100 < first - start < _LATE, first - start
    for pin, on in _ON.items():
        assert _levels(edges, pin)[-2:] == [on, 1 - on], edges
        warm_up, linger = first - _last(edges, pin, on).at, _last(edges, pin, 1 - on).at - last
        assert _WARM_UP - 100 < warm_up < _WARM_UP + 2 * _LATE, warm_up
        assert _LINGER - 1_000 < linger < _LINGER + _LATE, linger
    return (
        f"sound {first - start:+.0f} ms after its minute, {(last - first) / 1000:.2f} s of {LENGTH_S},"
        f" {audible:.1%} of it heard (longest pause {sound.between(first, last).longest_silence():.0f} ms);"
        f" pins on {warm_up / 1000:.1f} s before and off {linger / 1000:.1f} s after"
    )


def low_level_board() -> str:
    """A board that switches on by a low level sees no low level from power on, nor at restarts and kills."""
    with stages.station() as station:
        pins = Pins(station.machine)
        station.machine.run("systemctl restart station", timeout=300)
        station.wait_until_ready()
        station.machine.run("systemctl kill -s KILL station")
        station.wait_until_ready()
        edges, level = pins.edges(LOW), pins.level(LOW)
    assert level == 1
    assert len(edges) >= 3, edges  # it was claimed at each of these starts
    assert all(edge.level == 1 for edge in edges), edges
    return f"{len(edges)} times set since power on, each time high"


def killed() -> str:
    """kill -9 on air: the amplifiers are switched off, and the programme goes on where it should be."""
    return _broken("KILL")


def hung() -> str:
    """A player that hangs on air is ended by its watchdog; then as when it is killed."""
    return _broken("STOP")


def _broken(signal: str) -> str:
    with stages.ready() as station, Listening(station.machine) as listening:
        pins = Pins(station.machine)
        station.air_soon(late="join")
        wait_until(listening.hears, 400, every=1)
        pins.watch()
        broken = station.machine.wall_ms()
        station.machine.run(f"systemctl kill --kill-whom=main -s {signal} station")
        record = station.wait_for_record(timeout=600)
        sound, edges = listening.end(), pins.edges(HIGH, LOW)
    assert record["result"] == "aired", record
    assert record["reason"], record
    off = {pin: _first(edges, pin, 1 - on).at - broken for pin, on in _ON.items()}
    assert max(off.values()) < _OFF_WITHIN, off
    again = _again(sound, broken)
    for pin, on in _ON.items():
        assert _levels(edges, pin)[-2:] == [on, 1 - on], edges
        assert again - _last(edges, pin, on).at > _WARM_UP - 100, edges
    return (
        f"off {max(off.values()) / 1000:.1f} s after the signal, heard again after {(again - broken) / 1000:.1f} s"
    )


def _again(sound: Recording, broken: float) -> float:
    """When it sounded anew after it was broken."""
    return next(it.start for it in sound.intervals(2_000) if it.start > broken)


def _levels(edges: Iterable[Edge], pin: int) -> list[int | None]:
    """The levels that a pin was set to, without repetitions."""
    levels: list[int | None] = []
    for edge in edges:
        if edge.pin == pin and levels[-1:] != [edge.level]:
            levels.append(edge.level)
    return levels


def _first(edges: Iterable[Edge], pin: int, level: int) -> Edge:
    return next(it for it in edges if it.pin == pin and it.level == level)


def _last(edges: Iterable[Edge], pin: int, level: int) -> Edge:
    """The edge by which a pin came to a level for the last time."""
    found, before = None, None
    for edge in edges:
        if edge.pin == pin:
            if edge.level == level and before != level:
                found = edge
            before = edge.level
    assert found, (pin, level)
    return found
