"""The first day on a practice station: what a new official has truly done of it, as the logs tell."""

from enum import StrEnum

from station.rules.now import DAY
from station.rules.schedule import Priority, Trigger
from station.stores.asrun import AsRun
from station.stores.audit import deeds_of, write_audit
from station.stores.home import Home

_LATELY = 30 * DAY


class Lesson(StrEnum):
    """One thing to learn, in the order of a day."""

    ADD = "add"
    APPROVE = "approve"
    ARRANGE = "arrange"
    LISTEN = "listen"
    AIR = "air"
    STOP = "stop"
    EMERGENCY = "emergency"
    REPORT = "report"


# What the audit log says of whoever did it.
_DEEDS = {
    Lesson.ADD: {"thêm", "soạn"},
    Lesson.APPROVE: {"duyệt", "tự duyệt"},
    Lesson.ARRANGE: {"thêm lịch", "sửa lịch", "bật lịch"},
    Lesson.LISTEN: {"nghe thử"},
    Lesson.REPORT: {"xem nhật ký"},
}


def lessons_learnt(home: Home, by: str, now: int) -> frozenset[Lesson]:
    """What a person has done by wall ms `now`."""
    with home.engine.connect() as connection:
        deeds = deeds_of(connection, by)
    arranged = {subject.partition(" ")[0] for deed, subject in deeds if deed in _DEEDS[Lesson.ARRANGE]}
    learnt = {lesson for lesson, words in _DEEDS.items() if any(deed in words for deed, _ in deeds)}
    for record in home.log.between(now - _LATELY, now + 1):
        learnt |= _shown_by(record, by, arranged)
    return frozenset(learnt)


def note_practised(home: Home, lesson: Lesson, *, by: str, now: int) -> None:
    """Note, once, that a person has done what leaves no other trace: listened, or looked at the log."""
    (deed,) = _DEEDS[lesson]
    with home.engine.begin() as connection:
        if all(known != deed for known, _ in deeds_of(connection, by)):
            write_audit(connection, now, by, deed, "trạm tập")


def _shown_by(record: AsRun, by: str, arranged: set[str]) -> set[Lesson]:
    if record.actual_start is None:
        return set()
    shown = {Lesson.STOP} if f"{by} đã bấm Dừng phát." in record.reason else set()
    ordered = record.trigger == Trigger.HAND and record.who == by
    if ordered and record.priority == Priority.EMERGENCY:
        shown.add(Lesson.EMERGENCY)
    elif ordered or record.schedule in arranged:
        shown.add(Lesson.AIR)
    return shown
