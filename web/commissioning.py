"""The steps by which a new station is set up: each is done when the station is so, not when it was clicked."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from station.desk import people
from station.desk.commissioning import heard_zones
from station.desk.province import link, link_json
from station.rules.hours import iso
from web import here
from web.lights import clock_light, province_light, sound_light
from web.settings_form import written_now

Status = Mapping[str, Any] | None
Fact = tuple[bool, str]

_DOWN = (False, "máy phát không chạy nên chưa biết")


@frozen
class Step:
    """One of them: the endpoint of its page, what it is called, whether nothing is left to do, and how it is."""

    endpoint: str
    title: str
    done: bool
    said: str


def steps(status: Status) -> tuple[Step, ...]:
    """All of them in their order, by what the player says of itself."""
    return tuple(Step(f"commissioning.{name}", title, *tell(status)) for name, title, tell in _STEPS)


def _station(_: Status) -> Fact:
    written, _broken = written_now()
    return bool(written.words("name")), str(here.config().station.hours)


def _zones(_: Status) -> Fact:
    zones, heard = here.config().zones, heard_zones(here.home())
    wired = [name for name, zone in zones.items() if zone.pin is not None]
    if not wired:
        return False, "chưa có cụm loa thật nào"
    count = sum(name in heard for name in wired)
    return count == len(wired), f"{len(wired)} cụm loa, đã nghe thử đúng {count}"


def _sound(status: Status) -> Fact:
    if status is None:
        return _DOWN
    light = sound_light(status["sound"])
    return light.look == "on", light.said


def _clock(status: Status) -> Fact:
    return _DOWN if status is None else (bool(status["clock"]["trusted"]), clock_light(status["clock"]).said)


def _people(_: Status) -> Fact:
    count, codes = len(people.list_people(here.home())), len(people.open_codes(here.home(), here.now()))
    alone = count == 1 and not codes and not here.config().approval.one_person
    said = f"{count} người"
    return not alone, f"{said}, {codes} mã chưa dùng" if codes else said


def _province(_: Status) -> Fact:
    known = link(here.home(), here.now())
    light = province_light(link_json(known, here.zone()) if known else None, iso(here.now(), here.zone()))
    return known is not None, light.said


_STEPS: tuple[tuple[str, str, Callable[[Status], Fact]], ...] = (
    ("station", "Tên đài và giờ phát", _station),
    ("zones", "Cụm loa", _zones),
    ("sound", "Âm thanh", _sound),
    ("clock", "Đồng hồ", _clock),
    ("users", "Người dùng", _people),
    ("province", "Tỉnh", _province),
)
