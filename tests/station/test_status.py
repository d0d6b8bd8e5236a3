"""What the player says of itself: who vouches for its clock, how hot it is, what does not air and why."""

import attrs
import pytest

from station.care.disk import Disk
from station.care.power import Power, decoded
from station.clock import Clock, TimeKind, TimeSource
from station.desk.province import Link
from station.rules.enrolment import Enrolment
from station.rules.now import SECOND
from station.rules.schedule import Planned
from station.rules.step.broadcast import Cast
from station.rules.step.present import lasting, present
from station.rules.step.state import State
from station.rules.trouble import Trouble
from station.status import Equipped, status
from station.stores.config import Config, ZoneConfig
from station.stores.contact import Arriving, Contact
from tests.rules import stations

CONFIG = Config(zones={"bac": ZoneConfig("Thôn Bắc"), "dong": ZoneConfig("Thôn Đông")})
EQUIPPED = Equipped(
    config=CONFIG,
    device="loa",
    silent=False,
    sound_missing="",
    amplifier_faults={},
    log_behind=False,
    disk=Disk(total=1 << 35, free=1 << 34),
    time_source=TimeSource(TimeKind.NETWORK, -0.4),
    heat=41,
)
STATE = State(stations.station())
NOW = stations.now("17:00")
LOW = "Nguồn điện của máy đang yếu: máy có thể tự khởi động lại, thẻ nhớ có thể hỏng."


@pytest.mark.parametrize(
    ("heat", "told"), [(None, []), (79, []), (80, ["Máy nóng từ 80 °C nên tự chạy chậm lại."])]
)
def test_a_hot_machine_is_a_fault_with_what_to_do(heat: int | None, told: list[str]):
    said = status(STATE, NOW, attrs.evolve(EQUIPPED, heat=heat), ())
    assert said["heat"] == heat
    assert [it["what"] for it in said["faults"]] == told
    assert all(it["still"] and it["mend"] for it in said["faults"])


@pytest.mark.parametrize(
    ("power", "heat", "told"),
    [
        (None, 41, []),
        (Power(low=False), 41, []),
        (decoded(0), 41, []),
        (decoded(0xE0000), 41, []),
        (decoded(0x10000), 41, ["Nguồn điện của máy đã có lúc yếu từ khi bật máy."]),
        (decoded(0x50005), 41, [LOW]),
        (Power(low=True), 41, [LOW]),
        (decoded(0x60006), 79, ["Máy đang tự chạy chậm lại để khỏi quá nóng."]),
        (decoded(0x60006), 80, ["Máy nóng từ 80 °C nên tự chạy chậm lại."]),
        (decoded(0x50005), 80, [LOW, "Máy nóng từ 80 °C nên tự chạy chậm lại."]),
    ],
)
def test_a_starved_machine_is_a_fault_now_and_otherwise_since_the_start(
    power: Power | None, heat: int, told: list[str]
):
    said = status(STATE, NOW, attrs.evolve(EQUIPPED, power=power, heat=heat), ())
    assert said["power"] == (power and attrs.asdict(power))
    assert [it["what"] for it in said["faults"]] == told
    assert all(it["still"] and it["mend"] for it in said["faults"])
    assert all("5,1 V" in it["mend"] for it in said["faults"] if it["where"] == "Nguồn điện")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, []),
        ({"written": 1 << 40, "errors": 0, "worn": 70}, []),
        ({"errors": 3}, ["Máy đã gặp lỗi khi đọc ghi thẻ nhớ: thẻ có thể sắp hỏng."]),
        ({"errors": 3, "read_only": True}, ["Thẻ nhớ không cho ghi nữa."]),
        ({"worn": 80}, ["Bộ nhớ đã mòn từ 80 % tuổi thọ."]),
        ({"worn": 100, "free": 1 << 28}, ["Bộ nhớ đã mòn từ 80 % tuổi thọ.", "Thẻ nhớ gần đầy."]),
    ],
)
def test_a_failing_card_is_a_fault_with_what_to_do(more: dict[str, int], told: list[str]):
    disk = attrs.evolve(EQUIPPED.disk, **more)
    said = status(STATE, NOW, attrs.evolve(EQUIPPED, disk=disk), ())
    assert said["disk"] == attrs.asdict(disk)
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


def test_the_link_to_the_province_is_told_or_that_there_is_none():
    assert status(STATE, NOW, EQUIPPED, ())["sync"] is None
    enrolment = Enrolment("Tỉnh Thử", "00001", "ab" * 32, 1, ("https://tinh.example/",), token="bi-mat")
    trouble = Trouble("https://tinh.example/", "Đường truyền bị ngắt giữa chừng.")
    come = (Arriving("a", 1, 2),)
    contact = Contact(NOW.wall, NOW.wall - SECOND, "https://tinh.example/", trouble=trouble, arriving=come)
    told = status(STATE, NOW, attrs.evolve(EQUIPPED, link=Link(enrolment, contact, None)), ())["sync"]
    assert told == {
        "province": "Tỉnh Thử",
        "tried_at": "2026-11-23T17:00:00+07:00",
        "good_at": "2026-11-23T16:59:59+07:00",
        "source": "https://tinh.example/",
        "trouble": attrs.asdict(trouble),
        "loud": False,
        "arriving": [{"title": "a", "come": 1, "length": 2}],
        "signed_until": None,
    }
