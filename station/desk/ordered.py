"""What an order means: the broadcast that the player makes of it."""

from attrs import evolve

from station.control.messages import Emergency, Live, Play, TryZone
from station.desk.timetable import Plan
from station.rules.compose import compose
from station.rules.now import MINUTE
from station.rules.rundown import BROWSER, Feed, Item, Programme, Say, Signal, Tone
from station.rules.rundown import Play as PlayItem
from station.rules.schedule import Broadcast, Late, Priority, Trigger
from station.rules.template import filled
from station.rules.trouble import Refused, Trouble
from station.stores.config import MOST_REPEATS
from station.stores.home import Home
from station.stores.written import nearest

_TITLE = 40  # characters of a text that name it
_LONGEST_TEXT = 2_000  # characters
_EMERGENCY_WITHIN = 10 * MINUTE  # it is tried that long
_BY_HAND_WITHIN = 2 * MINUTE  # rendering and warm-up may take that long; later it would be a surprise


def by_hand(home: Home, plan: Plan, order: Play, now: int) -> Broadcast:
    """The broadcast that an order to play means at wall ms `now`. Raises `Refused`."""
    title, rundown = segment_or_schedule(home, plan, order.name)
    programme = composed(home, plan, rundown, now)
    schedule = f"phat-ngay/{order.name}"
    ordered = _ordered(plan, order, now, schedule=schedule, title=title, programme=programme, zones=order.zones)
    return evolve(ordered, override=order.override)


def emergency_broadcast(home: Home, plan: Plan, order: Emergency, now: int) -> Broadcast:
    """The broadcast that an emergency means at wall ms `now`: attention, then the message. Raises `Refused`."""
    title, rundown = _message(home, plan, order)
    message = composed(home, plan, rundown, now)
    repeats = plan.config.emergency.repeats if order.repeats is None else order.repeats
    heard = (Tone(Signal.ATTENTION), *message.parts * repeats) if message.parts else ()
    urgent = _ordered(
        plan,
        order,
        now,
        schedule="khan-cap",
        title=f"Khẩn cấp: {_shortened(title)}",
        programme=evolve(message, parts=heard),
        zones=order.zones,
        priority=Priority.EMERGENCY,
    )
    return evolve(urgent, late=Late(within=_EMERGENCY_WITHIN))


def live_broadcast(plan: Plan, order: Live, now: int) -> Broadcast:
    """The broadcast that an order to speak live means at wall ms `now`. Raises `Refused`."""
    title = _microphone(plan, order.source)
    signal = Signal.ATTENTION if order.emergency else Signal.CHIME
    programme = Programme((Tone(signal), Feed(order.source, title, plan.config.live.longest)))
    priority = Priority.EMERGENCY if order.emergency else Priority.NORMAL
    name = "Khẩn cấp: phát trực tiếp" if order.emergency else "Phát trực tiếp"
    ordered = _ordered(
        plan,
        order,
        now,
        schedule="truc-tiep",
        title=name,
        programme=programme,
        zones=order.zones,
        priority=priority,
    )
    return evolve(ordered, override=order.override)


def trial_broadcast(home: Home, plan: Plan, order: TryZone, now: int) -> Broadcast:
    """The broadcast that trying a zone means at wall ms `now`: a chime, and its name spoken. Raises `Refused`."""
    zone = plan.station.zones.get(order.zone)
    if zone is None:
        raise _no_such_zone(plan, order.zone)
    if order.zone in home.muted.all():
        mend = "Cho cụm loa phát lại ở trang Hôm nay, rồi thử."
        raise Refused(Trouble("", f"Cụm loa {zone.title} đang tắt riêng nên thử cũng không có tiếng.", mend=mend))
    spoken = composed(home, plan, (Say(f"Thử loa. Cụm loa {zone.title}."),), now)
    programme = evolve(spoken, parts=(Tone(Signal.CHIME), *spoken.parts))
    title = f"Thử loa: {zone.title}"
    ordered = _ordered(plan, order, now, schedule="thu-loa", title=title, programme=programme, zones=(order.zone,))
    return evolve(ordered, override=order.override)


def composed(home: Home, plan: Plan, rundown: tuple[Item, ...], now: int) -> Programme:
    """What a rundown becomes at wall ms `now`."""
    station = plan.station
    return compose(rundown, home.library.usable([rundown], now), now, station.sources, station.speaker)


def _ordered(  # noqa: PLR0913 - a broadcast has that many facts
    plan: Plan,
    order: Play | Emergency | Live | TryZone,
    now: int,
    *,
    schedule: str,
    title: str,
    programme: Programme,
    zones: tuple[str, ...],
    priority: Priority = Priority.NORMAL,
) -> Broadcast:
    for name in zones:
        if name not in plan.station.zones:
            raise _no_such_zone(plan, name)
    return Broadcast(
        schedule=schedule,
        title=title,
        start=now,
        end=now + programme.length,
        zones=zones or tuple(plan.station.zones),
        programme=evolve(programme, gain=plan.station.gain(now, priority)),
        priority=priority,
        trigger=Trigger.HAND,
        who=order.who,
        late=Late(within=_BY_HAND_WITHIN),
    )


def _no_such_zone(plan: Plan, name: str) -> Refused:
    mend = nearest(name, list(plan.station.zones))
    return Refused(Trouble("", f"Không có cụm loa “{name}”.", mend=mend))


def _message(home: Home, plan: Plan, order: Emergency) -> tuple[str, tuple[Item, ...]]:
    """The title and rundown of what an emergency says, once."""
    text = filled(order.text.strip(), {})
    if bool(text) == bool(order.segment):
        raise Refused(Trouble("", "Chưa rõ phát gì.", mend="Chọn một mục đã duyệt, hoặc nhập nội dung cần đọc."))
    if len(text) > _LONGEST_TEXT:
        raise Refused(Trouble("", f"Nội dung dài hơn {_LONGEST_TEXT} chữ.", mend="Viết ngắn lại."))
    if order.repeats is not None and not 1 <= order.repeats <= MOST_REPEATS:
        raise Refused(
            Trouble("", f"Không phát {order.repeats} lần được.", mend=f"Chọn từ 1 đến {MOST_REPEATS} lần.")
        )
    return (text, (Say(text),)) if text else segment_or_schedule(home, plan, order.segment)


def _microphone(plan: Plan, source: str) -> str:
    """What people call a live source."""
    if source == BROWSER:
        return "Micro của trình duyệt"
    name = source.removeprefix("microphone:")
    if microphone := plan.config.microphones.get(name):
        return microphone.title
    mend = "Khai báo micro trong station.toml, mục [microphones]."
    raise Refused(Trouble("", f"Đài không có micro “{name}”.", mend=mend))


def _shortened(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[:_TITLE]}…"


def segment_or_schedule(home: Home, plan: Plan, name: str) -> tuple[str, tuple[Item, ...]]:
    """The title and rundown of the segment or else the schedule of that name. Raises `Refused`."""
    segment = home.library.find(name)
    if segment is not None:
        if segment.usable is None:
            what = f"“{segment.title}” chưa được duyệt nên chưa phát được."
            raise Refused(Trouble("", what, mend="Nghe thử rồi duyệt mục này."))
        return segment.title, (PlayItem(segment.name),)
    for schedule in plan.schedules:
        if schedule.name == name:
            return schedule.title, schedule.rundown
    names = [*home.library.names(), *(it.name for it in plan.schedules)]
    mend = nearest(name, names) if names else "Tải một bản tin lên trước."
    raise Refused(Trouble("", f"Không có mục hay chương trình nào tên “{name}”.", mend=mend))
