"""The lights of the machine: quiet while all is right, loud and in words when not."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import frozen

from station.stores.listening import PATH
from web import words

Look = Literal["on", "off", "wrong"]

_LITTLE_DISK = 500 * 1024**2  # bytes
_HOT = 80  # °C


@frozen
class Light:
    """One of them: what it is of, and what is said of that."""

    look: Look
    name: str
    said: str


def lights(status: Mapping[str, Any] | None) -> tuple[Light, ...]:
    """All there are by what the player says of itself."""
    if status is None:
        return (Light("wrong", "Máy phát", "không chạy"),)
    return (
        Light("on", "Máy phát", "đang chạy"),
        clock_light(status["clock"]),
        sound_light(status["sound"]),
        province_light(status["sync"], status["clock"]["now"]),
        *_alerts(status),
        *_machine(status),
    )


def clock_light(clock: Mapping[str, Any]) -> Light:
    """The one of the clock, by what the player says of it."""
    said, off = clock["said"], clock["off"]
    look: Look = "on" if clock["trusted"] else "wrong"
    return Light(look, "Đồng hồ", said if off is None else f"{said}, lệch {words.off(off)}")


def sound_light(sound: Mapping[str, Any]) -> Light:
    """The one of the sound."""
    if sound["missing"]:
        return Light("wrong", "Âm thanh", "không có")
    if sound["simulated"]:
        return Light("off", "Âm thanh", "mô phỏng, không có tiếng ra loa")
    return Light("on", "Âm thanh", sound["device"])


def province_light(link: Mapping[str, Any] | None, now: str) -> Light:
    """The one of the province at an ISO 8601 instant, by what the player says of the link to it."""
    if link is None:
        return Light("off", "Tỉnh", "chưa ghi danh")
    seen, good = dt.datetime.fromisoformat(now), link["good_at"] and dt.datetime.fromisoformat(link["good_at"])
    if link["loud"]:
        return Light("wrong", "Tỉnh", link["trouble"]["what"])
    if good is None:
        return Light("off", "Tỉnh", "chưa liên lạc lần nào")
    today = seen.date() == good.date()
    return Light("on", "Tỉnh", f"liên lạc lúc {good:%H:%M}" if today else f"liên lạc lúc {good:%H:%M} {good:%d/%m}")


def _alerts(status: Mapping[str, Any]) -> Iterator[Light]:
    """How emergencies of the province would come; of a station that is not enrolled nothing is said."""
    way, wrong = status["listening"], next((it for it in status["faults"] if it["where"] == PATH), None)
    if wrong:
        yield Light("wrong", PATH, wrong["what"])
    elif way:
        yield Light("on", PATH, "nối thẳng với tỉnh" if way["connected"] else "đài tự hỏi tỉnh mỗi phút")


def _machine(status: Mapping[str, Any]) -> Iterator[Light]:
    disk, heat, power = status["disk"], status["heat"], status["power"]
    if disk["read_only"] or disk["errors"]:
        yield Light("wrong", "Thẻ nhớ", "đang hỏng")
    else:
        yield Light("on" if disk["free"] > _LITTLE_DISK else "wrong", "Thẻ nhớ", f"còn {words.room(disk['free'])}")
    if heat is not None:
        yield Light("on" if heat < _HOT else "wrong", "Nhiệt độ", f"{heat} °C")
    if power is not None:
        said = "đang yếu" if power["low"] else "đã từng yếu" if power["was_low"] else "đủ"
        yield Light("on" if said == "đủ" else "wrong", "Nguồn điện", said)
