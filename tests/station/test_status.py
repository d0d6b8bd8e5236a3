"""What the player says of itself: who vouches for its clock, how hot it is, what does not air and why."""

from types import SimpleNamespace

import attrs
import pytest

from station.clock import Clock, TimeKind, TimeSource
from station.rules.now import SECOND
from station.rules.schedule import Planned
from station.rules.step.broadcast import Cast
from station.rules.step.present import lasting, present
from station.rules.step.state import State
from station.status import Equipped, status
from station.stores.config import Config, ZoneConfig
from tests.rules import stations

CONFIG = Config(zones={"bac": ZoneConfig("Thôn Bắc"), "dong": ZoneConfig("Thôn Đông")})
EQUIPPED = Equipped(
    config=CONFIG,
    device="loa",
    silent=False,
    sound_missing="",
    amplifier_faults={},
    log_behind=False,
    disk=SimpleNamespace(free=1 << 34, total=1 << 35),
    time_source=TimeSource(TimeKind.NETWORK, -0.4),
    heat=41,
)
STATE = State(stations.station())
NOW = stations.now("17:00")


@pytest.mark.parametrize(
    ("heat", "told"), [(None, []), (79, []), (80, ["Máy nóng từ 80 °C nên tự chạy chậm lại."])]
)
def test_a_hot_machine_is_a_fault_with_what_to_do(heat: int | None, told: list[str]):
    said = status(STATE, NOW, attrs.evolve(EQUIPPED, heat=heat), ())
    assert said["heat"] == heat
    assert [it["what"] for it in said["faults"]] == told
    assert all(it["still"] and it["mend"] for it in said["faults"])


def test_the_clock_says_who_vouches_for_it():
    assert status(STATE, NOW, EQUIPPED, ())["clock"].items() >= {"source": "network", "off": -0.4}.items()
    assert Clock(always_trusted=True).source().kind is not TimeKind.NOBODY


def test_what_does_not_air_says_so_and_why():
    dropped = stations.broadcast(stations.at("18:00")).but(Planned.DROPPED, "Nhường giờ cho “Thời sự”.")
    (coming,) = status(attrs.evolve(STATE, casts={"a": Cast(dropped)}), NOW, EQUIPPED, ())["next"]
    assert (coming["airs"], coming["ready"], coming["reason"]) == (False, False, "Nhường giờ cho “Thời sự”.")


def test_what_moved_says_so_and_lacks_nothing_by_that():
    moved = stations.broadcast(stations.at("18:10")).but(Planned.MOVED, "Dời đến 18:10:00.")
    (coming,) = status(attrs.evolve(STATE, casts={"a": Cast(moved)}), NOW, EQUIPPED, ())["next"]
    assert (coming["airs"], coming["reason"], coming["moved"]) == (True, "", "Dời đến 18:10:00.")


def test_what_lasts_does_not_change_by_time_alone():
    coming = attrs.evolve(STATE, casts={"a": Cast(stations.broadcast(stations.at("18:00")))})
    later = attrs.evolve(NOW, wall=NOW.wall + SECOND, mono=NOW.mono + SECOND)
    assert lasting(present(coming, NOW)) == lasting(present(coming, later))
    assert lasting(present(coming, NOW)) != lasting(present(STATE, NOW))
