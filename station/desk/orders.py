"""Orders to the running player: play, stop, and what is the matter."""

from typing import Any

from attrs import evolve

from station.control.client import ON_AIR, ask
from station.control.messages import Answer, Play, Status, Stop
from station.desk.timetable import Plan
from station.rules.compose import compose
from station.rules.now import MINUTE
from station.rules.rundown import Item
from station.rules.rundown import Play as PlayItem
from station.rules.schedule import Broadcast, Late, Trigger
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.written import nearest

_BY_HAND_WITHIN = 2 * MINUTE  # rendering and warm-up may take that long; later it would be a surprise


def play(  # noqa: PLR0913 - an order has that many facts
    home: Home, name: str, *, zones: tuple[str, ...] = (), override: str = "", by: str, now: int
) -> Answer:
    """Put a segment or a schedule on air now; the answer comes once it is heard. Raises `PlayerDown`.

    `override` is the reason for which it may sound outside allowed hours and daily limits; it is logged.
    """
    _audit(home, now, by, "phát ngoài khung giờ" if override else "phát ngay", f"{name} {override}".strip())
    return ask(home.places.socket, Play(name, by, zones, override.strip()), ON_AIR)


def stop(home: Home, *, by: str, now: int) -> Answer:
    """Be silent now; the answer comes once it is. Raises `PlayerDown`."""
    answer = ask(home.places.socket, Stop(by))
    _audit(home, now, by, "dừng phát", answer.sentence)
    return answer


def status(home: Home) -> dict[str, Any]:
    """What the player says of itself. Raises `PlayerDown`."""
    value = ask(home.places.socket, Status()).value
    return dict(value)


def by_hand(home: Home, plan: Plan, order: Play, now: int) -> Broadcast:
    """The broadcast that an order to play means at wall ms `now`. Raises `Refused`."""
    title, rundown = _what(home, plan, order.name)
    for name in order.zones:
        if name not in plan.station.zones:
            mend = nearest(name, list(plan.station.zones))
            raise Refused(Trouble("", f"Không có cụm loa “{name}”.", mend=mend))
    composed = compose(rundown, home.library.usable(), now)
    programme = evolve(composed, gain=plan.station.gain(now))
    return Broadcast(
        schedule=f"phat-ngay/{order.name}",
        title=title,
        start=now,
        end=now + programme.length,
        zones=order.zones or tuple(plan.station.zones),
        programme=programme,
        trigger=Trigger.HAND,
        who=order.who,
        late=Late(within=_BY_HAND_WITHIN),
        override=order.override,
    )


def _what(home: Home, plan: Plan, name: str) -> tuple[str, tuple[Item, ...]]:
    """The title and rundown of the segment or else the schedule of that name."""
    segment = home.library.find(name)
    if segment is not None:
        if segment.usable is None:
            what = f"“{segment.title}” chưa được duyệt nên chưa phát được."
            raise Refused(Trouble("", what, mend="Nghe thử rồi duyệt mục này."))
        return segment.title, (PlayItem(segment.name),)
    for schedule in plan.schedules:
        if schedule.name == name:
            return schedule.title, schedule.rundown
    names = [it.name for it in home.library.segments()] + [it.name for it in plan.schedules]
    mend = nearest(name, names) if names else "Tải một bản tin lên trước."
    raise Refused(Trouble("", f"Không có mục hay chương trình nào tên “{name}”.", mend=mend))


def _audit(home: Home, now: int, by: str, deed: str, subject: str) -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, subject)
