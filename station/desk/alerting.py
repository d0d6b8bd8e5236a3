"""What a kept alert means on air: the broadcast that the player makes of it."""

from attrs import evolve

from station.desk.ordered import composed, segment_or_schedule
from station.desk.timetable import Plan
from station.rules.alerting.aired import is_done, is_on, schedule_of
from station.rules.alerting.alert import Alert, Status
from station.rules.alerting.policy import Decision, rule_for
from station.rules.alerting.spoken import Wanted, framed, heard, name
from station.rules.now import MINUTE, Now
from station.rules.origin import Origin
from station.rules.rundown import Clip, Item, Programme, Say
from station.rules.schedule import Broadcast, Late, Priority, Trigger
from station.rules.trouble import Refused, Trouble
from station.stores.alerts import PROVINCE, Kept
from station.stores.config import MOST_REPEATS
from station.stores.home import Home

_WITHIN = 10 * MINUTE  # it is tried that long; the listener orders it again later


def alert_broadcast(home: Home, plan: Plan, kept: Kept, now: Now, who: str) -> Broadcast:
    """The broadcast that an alert means at `now`. Raises `Refused` for one that is not to be heard (any more).

    The same order again is the same broadcast, so that it is heard once: what the rules let air is known by when it
    came, and by how often the player failed at it.
    """
    alert = kept.alert
    if alert is None or not kept.let_air or kept.ended:
        raise _refused("Tin này không được phát hoặc đã kết thúc.")
    if now.trusted and now.wall >= kept.expires:
        raise _refused("Tin này đã hết hạn.")
    records = home.log.of_schedule(schedule_of(kept.id))
    if is_on(records) or is_done(records):
        raise _refused("Tin này đang phát, hoặc đã phát hay bị dừng rồi.")
    priority = Priority.PRIORITY if alert.status is Status.EXERCISE else Priority.EMERGENCY
    programme = evolve(_programme(home, plan, kept, alert, now), gain=plan.station.gain(now.wall, priority))
    ordered_at = kept.received_at if kept.decision is Decision.AIR else now.wall
    start = min(ordered_at, now.wall) + len(records)
    return Broadcast(
        schedule=schedule_of(kept.id),
        title=name(alert),
        start=start,
        end=start + programme.length,
        zones=tuple(plan.station.zones),
        programme=programme,
        priority=priority,
        origin=Origin.PROVINCE if kept.origin == PROVINCE else Origin.COMMUNE,
        trigger=Trigger.HAND,
        who=who,
        late=Late(within=now.wall - start + _WITHIN),
    )


def _programme(home: Home, plan: Plan, kept: Kept, alert: Alert, now: Now) -> Programme:
    repeats = Wanted(plan.config.emergency.repeats, MOST_REPEATS)
    speaker = plan.station.speaker
    if kept.origin == PROVINCE or kept.aired_by:
        return heard(alert, kept.sender_title, _sound(home, kept), speaker, repeats)
    rule = rule_for(plan.config.alerts.rule, kept.origin, alert.severity, plan.station.hours, now)
    rundown: tuple[Item, ...] = (Say(rule.say),) if rule.say else segment_or_schedule(home, plan, rule.play)[1]
    return framed(alert, composed(home, plan, rundown, now.wall).parts, speaker, repeats)


def _sound(home: Home, kept: Kept) -> Clip | None:
    """The message's own sound, while its file is whole; a voice reads the words otherwise."""
    if kept.sound is None or kept.sound_length is None:
        return None
    try:
        home.library.verify(kept.sound, kept.sender_title)
    except Refused:
        return None
    return Clip(kept.id, f"Bản đọc của {kept.sender_title}", kept.sound, kept.sound_length)


def _refused(what: str) -> Refused:
    return Refused(Trouble("", what, "Chương trình vẫn theo lịch.", "Xem trang Cảnh báo."))
