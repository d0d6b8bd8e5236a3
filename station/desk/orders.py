"""Orders to the running player: play, stop, and what is the matter."""

from contextlib import suppress
from typing import Any

from station.control.client import AT_ONCE, ON_AIR, PlayerDown, ask
from station.control.messages import (
    Answer,
    Emergency,
    Live,
    Mute,
    Play,
    Restart,
    SoundOutputs,
    Status,
    Stop,
    TryZone,
    Watch,
)
from station.desk.permits import permit
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.written import nearest


def play(  # noqa: PLR0913 - an order has that many facts
    home: Home, name: str, *, zones: tuple[str, ...] = (), override: str = "", by: str, now: int
) -> Answer:
    """Put a segment or a schedule on air now; the answer comes once it is heard. Raises `PlayerDown`.

    `override` is the reason for which it may sound outside allowed hours and daily limits; it is logged.
    """
    permit(Deed.SOUND)
    _audit(home, now, by, "phát ngoài khung giờ" if override else "phát ngay", f"{name} {override}".strip())
    return ask(home.places.socket, Play(name, by, zones, override.strip()), ON_AIR)


def emergency(  # noqa: PLR0913 - an order has that many facts
    home: Home,
    *,
    segment: str = "",
    text: str = "",
    zones: tuple[str, ...] = (),
    repeats: int | None = None,
    by: str,
    now: int,
) -> Answer:
    """Interrupt everything with a message; the answer comes once it is heard. Raises `PlayerDown`."""
    permit(Deed.SOUND)
    _audit(home, now, by, "phát khẩn cấp", segment or text)
    return ask(home.places.socket, Emergency(by, segment, text, zones, repeats), ON_AIR)


def live(  # noqa: PLR0913 - an order has that many facts
    home: Home,
    source: str,
    *,
    zones: tuple[str, ...] = (),
    urgent: bool = False,
    override: str = "",
    by: str,
    now: int,
) -> Answer:
    """Speak into a microphone; the answer comes once the chime is heard. Raises `PlayerDown`."""
    permit(Deed.SOUND)
    _audit(home, now, by, "phát trực tiếp khẩn cấp" if urgent else "phát trực tiếp", f"{source} {override}".strip())
    return ask(home.places.socket, Live(by, source, zones, urgent, override.strip()), ON_AIR)


def try_zone(home: Home, zone: str, *, override: str = "", by: str, now: int) -> Answer:
    """Sound a few seconds in one zone; the answer comes once it is heard. Raises `PlayerDown`."""
    permit(Deed.SWITCH)
    _audit(home, now, by, "thử loa", f"{zone} {override}".strip())
    return ask(home.places.socket, TryZone(by, zone, override.strip()), ON_AIR)


def mute(home: Home, zone: str, *, muted: bool, by: str, now: int) -> Answer:
    """Keep a zone's amplifier off whatever airs, or no longer; it holds over restarts. Raises `Refused`."""
    permit(Deed.SWITCH)
    zones = home.config().config.zones
    if zone not in zones:
        raise Refused(Trouble("", f"Không có cụm loa “{zone}”.", mend=nearest(zone, list(zones))))
    with home.engine.begin() as connection:
        home.muted.set(connection, zone, muted=muted, who=by, now=now)
        write_audit(connection, now, by, "tắt riêng cụm loa" if muted else "cho cụm loa phát lại", zone)
    with suppress(PlayerDown):  # it reads them when it starts
        ask(home.places.socket, Mute(by, zone, muted))
    title = zones[zone].title
    sentence = f"Đã tắt riêng cụm loa {title}." if muted else f"Cụm loa {title} phát lại từ bây giờ."
    return Answer(done=True, sentence=sentence)


def stop(home: Home, *, by: str, now: int) -> Answer:
    """Be silent now; the answer comes once it is. Raises `PlayerDown`."""
    permit(Deed.STOP)
    answer = ask(home.places.socket, Stop(by))
    _audit(home, now, by, "dừng phát", answer.sentence)
    return answer


def restart(home: Home, *, by: str, now: int) -> Answer:
    """Have the player begin anew by the files as they are now, unless something is on. Raises `PlayerDown`."""
    permit(Deed.MACHINE)
    answer = ask(home.places.socket, Restart(by))
    _audit(home, now, by, "khởi động lại máy phát", "" if answer.done else answer.sentence)
    return answer


def status(home: Home) -> dict[str, Any]:
    """What the player says of itself. Raises `PlayerDown`."""
    value = ask(home.places.socket, Status()).value
    return dict(value)


def sound_outputs(home: Home) -> list[dict[str, str]]:
    """Where sound could go: `device` as the settings name it, its `title`, and why it is `missing`, or nothing.

    Raises `PlayerDown`.
    """
    return list(ask(home.places.socket, SoundOutputs()).value)


def watch(home: Home, seen: int) -> tuple[int, dict[str, Any]]:
    """The same once something changed since `seen`, or a second later, and what to ask with next time.

    Raises `PlayerDown`.
    """
    value = ask(home.places.socket, Watch(seen), AT_ONCE).value
    return int(value["seen"]), dict(value["status"])


def _audit(home: Home, now: int, by: str, deed: str, subject: str) -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, subject)
