"""What the player says of itself when asked, as JSON values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

from station.care.disk import Disk
from station.care.power import Power
from station.desk.province import Link, link_json
from station.rules.clock import TimeSource, alone_for_long, told
from station.rules.hours import iso
from station.rules.now import Now
from station.rules.schedule import Broadcast
from station.rules.step import State
from station.rules.step.present import Coming, OnAir, Present, present
from station.rules.trouble import Trouble
from station.stores.config import Config
from station.stores.listening import Listening, listening_json

_HOT = 80  # °C: from here on a Pi slows itself down
_LITTLE_DISK = 500 * 1024 * 1024  # bytes: about three half-hour tapes
_WORN = 80  # % of its life
_GOOD_SUPPLY = "Dùng bộ nguồn chính hãng 5,1 V – 3 A (Pi 5: 5 A), dây ngắn."
_COOL = "Cho máy thoáng gió, tránh nắng."


@frozen
class Equipped:
    """The equipment as it is now; `heat` is in °C where it is known.

    `unheard` are Snapcast's clients that are not heard. `link` and `listening` are None for a station that is not
    enrolled with a province. `feeds` is what is wrong with the feeds that it watches.
    """

    config: Config
    device: str
    silent: bool
    sound_missing: str
    amplifier_faults: dict[str, str]
    log_behind: bool
    disk: Disk
    time_source: TimeSource
    heat: int | None
    power: Power | None = None
    link: Link | None = None
    listening: Listening | None = None
    feeds: tuple[Trouble, ...] = ()
    unheard: tuple[Trouble, ...] = ()


def status(state: State, now: Now, equipped: Equipped, troubles: tuple[Trouble, ...]) -> dict[str, Any]:
    """The value of the `status` answer; instants in ISO 8601, lengths in s."""
    zone = equipped.config.time_zone
    seen = present(state, now)
    return {
        "station": equipped.config.name,
        "practice": equipped.config.practice,
        "on_air": _on_air(seen.on_air, equipped.config) if seen.on_air else None,
        "next": [_coming(coming, zone) for coming in seen.coming],
        "zones": _zones(seen, equipped),
        "clock": {
            "now": iso(now.wall, zone),
            "trusted": now.trusted,
            "source": equipped.time_source.kind,
            "off": equipped.time_source.off,
            "said": told(equipped.time_source, zone),
        },
        "sound": {
            "device": equipped.device,
            "simulated": equipped.silent,
            "missing": equipped.sound_missing,
        },
        "faults": [attrs.asdict(it) for it in (*troubles, *faults(seen, now, equipped))],
        "sync": equipped.link and link_json(equipped.link, zone),
        "listening": equipped.listening and listening_json(equipped.listening, zone),
        "disk": attrs.asdict(equipped.disk),
        "heat": equipped.heat,
        "power": equipped.power and attrs.asdict(equipped.power),
    }


def _on_air(on_air: OnAir, config: Config) -> dict[str, Any]:
    return {
        **_broadcast(on_air.broadcast, on_air.end, config.time_zone),
        **(_tape(on_air) if config.practice else {}),
        "item": on_air.item,
        "number": on_air.number,
        "items": on_air.items,
        "phase": on_air.phase,
        "position": on_air.position / 1000,
        "duration": on_air.duration / 1000,
        "level": on_air.level,
        "feed": on_air.feed,
    }


def _tape(on_air: OnAir) -> dict[str, Any]:
    """What a practice station's page lets people hear, since nothing else does."""
    return {"tape": Path(on_air.tape).name, "heard": on_air.heard / 1000}


def _coming(coming: Coming, zone: ZoneInfo) -> dict[str, Any]:
    broadcast = coming.broadcast
    return {
        **_broadcast(broadcast, coming.end, zone),
        "airs": broadcast.airs,
        "ready": coming.ready,
        "reason": coming.reason,
        "moved": broadcast.reason if broadcast.airs else "",
    }


def _broadcast(broadcast: Broadcast, end: int, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": broadcast.key,
        "title": broadcast.title,
        "start": iso(broadcast.start, zone),
        "end": iso(end, zone),
        "zones": list(broadcast.zones),
        "priority": broadcast.priority,
        "origin": broadcast.origin,
        "trigger": broadcast.trigger,
        "who": broadcast.who,
        "live": broadcast.live,
    }


def _zones(seen: Present, equipped: Equipped) -> list[dict[str, Any]]:
    return [
        {
            "name": zone.name,
            "title": zone.title,
            "on": zone.on,
            "phase": zone.phase,
            "fault": equipped.amplifier_faults.get(zone.name) or zone.fault,
            "muted": zone.muted,
            "simulated": equipped.config.zones[zone.name].pin is None,
        }
        for zone in seen.zones
    ]


def _mend_of_zone(name: str, equipped: Equipped) -> str:
    if equipped.config.zones[name].pi:
        return "Kiểm tra nguồn điện và mạng ở cụm ấy; có lại là tự phát tiếp. Chưa được thì gọi kỹ thuật."
    return "Gọi kỹ thuật kiểm tra tăng âm."


def faults(seen: Present, now: Now, equipped: Equipped) -> list[Trouble]:
    """What is wrong with the equipment, in sentences that stay the same for as long as it is."""
    found = [
        Trouble(zone["title"], zone["fault"], "Các cụm loa khác vẫn phát.", _mend_of_zone(zone["name"], equipped))
        for zone in _zones(seen, equipped)
        if zone["fault"]
    ]
    found += equipped.unheard
    if equipped.sound_missing:
        still = "Các buổi tới vẫn được chuẩn bị; có lại âm thanh là phát được ngay."
        mend = "Kiểm tra dây và card âm thanh."
        found.append(Trouble("Âm thanh", equipped.sound_missing, still, mend))
    if not now.trusted:
        still = "Thư viện và lịch phát vẫn sửa được; tin khẩn cấp vẫn phát."
        mend = "Kiểm tra mạng; chưa có mạng thì đặt giờ ở Hệ thống › Đồng hồ."
        found.append(Trouble("Đồng hồ", "Máy chưa chắc giờ đúng nên chưa phát theo lịch.", still, mend))
    if alone_for_long(equipped.time_source, now.wall):
        what = "Đã hơn 30 ngày đồng hồ chạy một mình nên có thể lệch vài phút."
        found.append(Trouble("Đồng hồ", what, "Đài vẫn phát.", "Nối mạng, hoặc đặt lại giờ ở Hệ thống › Đồng hồ."))
    if equipped.log_behind:
        what, mend = "Chưa ghi được nhật ký phát sóng vào thẻ nhớ.", "Kiểm tra thẻ nhớ."
        found.append(Trouble("Nhật ký", what, "Đài vẫn phát; nhật ký sẽ được ghi bù.", mend))
    found += [*_of_power(equipped.heat, equipped.power), *_of_disk(equipped.disk)]
    if equipped.listening is not None:
        found += equipped.listening.wrong(now.wall, equipped.config.time_zone)
    return [*found, *equipped.feeds]


def _of_power(heat: int | None, power: Power | None) -> Iterator[Trouble]:
    """What makes a Pi slow itself down: it is hot, or starved."""
    if power and power.low:
        what = "Nguồn điện của máy đang yếu: máy có thể tự khởi động lại, thẻ nhớ có thể hỏng."
        yield Trouble("Nguồn điện", what, "Đài vẫn phát.", _GOOD_SUPPLY)
    elif power and power.was_low:
        what = "Nguồn điện của máy đã có lúc yếu từ khi bật máy."
        yield Trouble("Nguồn điện", what, "Lúc này điện đủ, đài vẫn phát.", _GOOD_SUPPLY)
    if heat is not None and heat >= _HOT:
        yield Trouble("Nhiệt độ", f"Máy nóng từ {_HOT} °C nên tự chạy chậm lại.", "Đài vẫn phát.", _COOL)
    elif power and power.slowed and not power.low:
        yield Trouble("Nhiệt độ", "Máy đang tự chạy chậm lại để khỏi quá nóng.", "Đài vẫn phát.", _COOL)


def _of_disk(disk: Disk) -> Iterator[Trouble]:
    if disk.read_only:
        what, still = "Thẻ nhớ không cho ghi nữa.", "Các buổi đã chuẩn bị vẫn phát; việc mới làm không giữ được."
        mend = "Gọi kỹ thuật thay thẻ nhớ, rồi khôi phục từ bản sao lưu gần nhất."
        yield Trouble("Thẻ nhớ", what, still, mend)
    elif disk.errors:
        what = "Máy đã gặp lỗi khi đọc ghi thẻ nhớ: thẻ có thể sắp hỏng."
        mend = "Sao lưu ngay ở Hệ thống, rồi thay thẻ nhớ."
        yield Trouble("Thẻ nhớ", what, "Đài vẫn phát.", mend)
    if disk.worn is not None and disk.worn >= _WORN:
        what, mend = f"Bộ nhớ đã mòn từ {_WORN} % tuổi thọ.", "Sao lưu ở Hệ thống, và chuẩn bị thay bộ nhớ."
        yield Trouble("Thẻ nhớ", what, "Đài vẫn phát.", mend)
    if disk.free < _LITTLE_DISK:
        yield Trouble("Thẻ nhớ", "Thẻ nhớ gần đầy.", "Các buổi đã chuẩn bị vẫn phát.", "Xóa bớt tệp không dùng.")
