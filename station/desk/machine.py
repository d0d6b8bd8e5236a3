"""The machine, as its technician asks for it."""

from zoneinfo import ZoneInfo

from attrs import frozen

from station.care.machine import Link, Machine, read_machine
from station.care.power import Power
from station.clock import Discipline, discipline
from station.rules.clock import TimeSource, told
from station.stores.home import Home

_TOO_HOT = 80  # °C, from which a Raspberry Pi slows down


@frozen
class Seen:
    """The machine, its clock and who vouches for that; `power` where the machine tells of it."""

    machine: Machine
    power: Power | None
    clock: Discipline
    time_source: TimeSource
    zone: ZoneInfo


def look_at_machine(home: Home, power: Power | None) -> Seen:
    """Everything that is known of it now; of its power what the caller knows, who may be the one allowed to ask."""
    source, zone = home.clock().source(), home.config().config.time_zone
    return Seen(read_machine(home.places.home), power, discipline(), source, zone)


def machine_facts(seen: Seen) -> tuple[tuple[str, str], ...]:
    """What a technician wants to know of it, each with its name; what this machine does not tell is left out."""
    machine, disk = seen.machine, seen.machine.disk
    told = [
        ("Máy", " · ".join(filter(None, (machine.host, machine.model)))),
        *((_name(link), _link(link)) for link in machine.links),
        ("Đồng hồ", _clock(seen)),
        ("Máy chủ giờ", machine.time.server),
        ("Nhiệt độ", "" if machine.heat is None else _heat(machine.heat)),
        ("Nguồn điện", "" if seen.power is None else _power(seen.power)),
        ("Bộ nhớ", f"trống {_size(machine.memory_free)} / {_size(machine.memory)}"),
        ("Thẻ nhớ", f"trống {_size(disk.free)} / {_size(disk.total)}"),
        ("Đã ghi vào thẻ", "" if disk.written is None else f"{_size(disk.written)} từ lúc bật máy"),
        ("Hao mòn", "" if disk.worn is None else f"đã dùng từ {disk.worn} % tuổi thọ"),
        ("Lỗi thẻ nhớ", f"{disk.errors} lỗi đọc ghi từ lần sửa gần nhất" if disk.errors else ""),
        ("Chạy liên tục", _lasting(machine.up_s)),
        ("Hệ điều hành", machine.system),
        ("Phiên bản", " · ".join(f"{name} {version}" for name, version in machine.versions.items())),
    ]
    return tuple((name, words) for name, words in told if words)


def _name(link: Link) -> str:
    return f"Wi-Fi {link.name}" if link.wireless else f"Mạng dây {link.name}"


def _link(link: Link) -> str:
    return (link.address or "chưa có địa chỉ") if link.up else "không nối"


def _clock(seen: Seen) -> str:
    clock = seen.clock
    if clock.synchronised:
        return f"đã đồng bộ, lệch {abs(clock.off):.1f} ms, sai số nhiều nhất {clock.error:.0f} ms"
    return f"chưa đồng bộ, {told(seen.time_source, seen.zone)}"


def _heat(heat: int) -> str:
    return f"{heat} °C, quá nóng: máy tự chạy chậm lại" if heat >= _TOO_HOT else f"{heat} °C"


def _power(power: Power) -> str:
    if power.low:
        return "đang yếu: thay bộ nguồn hoặc dây nguồn"
    return "đã từng yếu từ lúc bật máy: thay bộ nguồn hoặc dây nguồn" if power.was_low else "đủ"


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GB".replace(".", ",") if size >= 1024**3 else f"{size / 1024**2:.0f} MB"


def _lasting(seconds: int) -> str:
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    return f"{days} ngày {hours} giờ" if days else f"{hours} giờ {minutes} phút"
