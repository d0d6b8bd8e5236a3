"""Commissioning: a new station's zones get their pins, and each is heard by a person at its horn.

It keeps nothing of its own: settings are in `station.toml`, and what was heard is in the audit log.
"""

from collections.abc import Collection, Iterable, Iterator

from station.desk.permits import permit
from station.desk.settings import change_settings, settings_now
from station.rules.header import free_for_relays
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import subjects_of, write_audit
from station.stores.config import Config, ZoneConfig
from station.stores.config_edit import config_setting
from station.stores.home import Home
from station.stores.slug import slug
from station.stores.written import Unreadable

_HEARD = "nghe đúng cụm loa"
_WIRING = ("pi", "pin", "active_high", "feedback", "feedback_high")  # what follows the wire when two were swapped


def is_untouched(home: Home) -> bool:
    """Whether nobody gave the station a name or zones yet. A practice station, and a broken file, never are."""
    try:
        written = settings_now(home).data
    except Unreadable:
        return False
    return not {"name", "zones", "practice"} & written.keys()


def add_zones(home: Home, titles: Iterable[str], *, active_high: bool, by: str, now: int) -> None:
    """Make a zone of each title, on the best pins that are free. Raises `Refused`, or `Unreadable`."""
    config, known = home.config().config, set(settings_now(home).named("zones"))
    pins, settings = free_for_relays(pins_taken(config)), []
    for title in filter(None, map(str.strip, titles)):
        pin = next(pins, None)
        if pin is None:
            mend = "Bớt cụm loa, hoặc đặt chân bằng tay ở Hệ thống."
            raise Refused(Trouble("", "Hàng chân không còn đủ chân tốt cho ngần ấy cụm loa.", mend=mend))
        name = free_name(title, known)
        known.add(name)
        values = {"title": title, "pin": str(pin), "active_high": "" if active_high else "false"}
        settings += [config_setting(f"zones.{name}.{key}", it) for key, it in values.items()]
    if not settings:
        raise Refused(Trouble("", "Chưa có tên cụm loa nào.", mend="Viết mỗi dòng một tên, như bà con gọi."))
    change_settings(home, settings, by=by, now=now)


def free_name(title: str, known: Collection[str]) -> str:
    """The name of a new zone, stream or microphone, made of its title."""
    name = slug(title)
    return name if name not in {*known, "all"} else f"{name}-{len(known) + 1}"


def pins_taken(config: Config, but: str = "") -> dict[int, str]:
    """What each pin of this machine's own header is used for, in words, leaving out the relay of the zone `but`."""
    return dict(_uses(config, but))


def _uses(config: Config, but: str) -> Iterator[tuple[int, str]]:
    for name, zone in config.zones.items():
        if zone.pi:
            continue
        if zone.pin is not None and name != but:
            yield zone.pin, zone.title
        if zone.feedback is not None:
            yield zone.feedback, f"báo về: {zone.title}"
    panel = config.panel
    for pin, use in (
        (panel.led, "đèn báo"),
        (panel.stop_button, "nút dừng"),
        (panel.emergency_button, "nút khẩn cấp"),
        (panel.live_button, "nút nói"),
    ):
        if pin is not None:
            yield pin, use


def swap_wires(home: Home, one: str, other: str, *, by: str, now: int) -> None:
    """Let each of two zones have what the other was wired to. Raises `Refused`, or `Unreadable`."""
    written = settings_now(home)
    for name in (one, other):
        if name not in written.named("zones"):
            raise Refused(Trouble("", f"Không có cụm loa “{name}”.", mend="Tải lại trang rồi chọn lại."))
    pairs = ((one, other), (other, one))
    settings = [
        config_setting(f"zones.{into}.{key}", written.words(f"zones.{of}.{key}"))
        for into, of in pairs
        for key in _WIRING
    ]
    change_settings(home, settings, by=by, now=now)


def note_heard(home: Home, zone: str, *, by: str, now: int) -> None:
    """Note that a person heard the trial at that zone's horn. Raises `Refused`."""
    permit(Deed.SWITCH)
    known = home.config().config.zones
    if zone not in known:
        raise Refused(Trouble("", f"Không có cụm loa “{zone}”.", mend="Tải lại trang rồi chọn lại."))
    with home.engine.begin() as connection:
        write_audit(connection, now, by, _HEARD, _wired(zone, known[zone]))


def heard_zones(home: Home) -> frozenset[str]:
    """The zones that a person heard as they are wired now."""
    with home.engine.connect() as connection:
        heard = subjects_of(connection, _HEARD)
    return frozenset(name for name, zone in home.config().config.zones.items() if _wired(name, zone) in heard)


def _wired(name: str, zone: ZoneConfig) -> str:
    if zone.pin is None:
        return f"{name}: mô phỏng"
    return f"{name}: GPIO{zone.pin}, mức {'cao' if zone.active_high else 'thấp'}{zone.pi and f', {zone.pi}'}"
