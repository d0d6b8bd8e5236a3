"""Alerts from outside: what came and what became of it, and what a person decides about a proposal."""

from enum import StrEnum

from attrs import frozen

from station.control.client import ON_AIR, ask
from station.control.messages import AirAlert, Answer
from station.desk.permits import permit
from station.rules.alerting.aired import schedule_of, was_heard
from station.rules.alerting.alert import Alert, Status
from station.rules.alerting.judging import Ended
from station.rules.alerting.policy import Decision
from station.rules.alerting.sender import sends_tests
from station.rules.as_run import AsRun
from station.rules.hours import HANOI, local
from station.rules.now import HOUR, Now
from station.rules.roles import Deed
from station.rules.step.actions import Result
from station.rules.trouble import Refused, Trouble
from station.stores.alerts import Kept
from station.stores.audit import write_audit
from station.stores.enrolment import enrolled_at, signed_fields
from station.stores.home import Home
from station.stores.listening import PATH

_TESTED_WITHIN = 36 * HOUR  # the province tests each day


class Became(StrEnum):
    """What became of an alert."""

    AIRING = "airing"
    AIRED = "aired"
    CUT = "cut"
    FAILED = "failed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    DISMISSED = "dismissed"
    REFUSED = "refused"
    NOTED = "noted"
    EXPIRED = "expired"


@frozen
class Shown:
    """An alert, what became of it, and the records of its broadcasts, the oldest first."""

    kept: Kept
    became: Became
    records: tuple[AsRun, ...]

    @property
    def proposed(self) -> bool:
        """Whether a person may let it be aired, or dismiss it."""
        return self.became is Became.WAITING and self.kept.decision is Decision.PROPOSE


@frozen
class PathState:
    """How the way from the province is: when a silent test was heard last (wall ms), and what is wrong with it."""

    tested_at: int | None
    trouble: Trouble | None


def alerts(home: Home, now: int, limit: int = 50) -> tuple[Shown, ...]:
    """The newest alerts at wall ms `now`, the newest first."""
    return tuple(_shown(home, it, now) for it in home.alerts.newest(limit))


def believed(home: Home, now: int, limit: int, skipped: int = 0) -> tuple[Shown, ...]:
    """So many of those that were believed, at wall ms `now`, the newest first, without the first `skipped`."""
    return tuple(_shown(home, it, now) for it in home.alerts.believed(limit, skipped))


def refused(home: Home, now: int) -> tuple[Shown, ...]:
    """Those that were refused lately, the newest first."""
    return tuple(_shown(home, it, now) for it in home.alerts.refused())


def proposals(home: Home, now: int) -> tuple[Shown, ...]:
    """What waits for a person to decide at wall ms `now`: what is meant before exercises, the worst first."""
    asked = (it for it in home.alerts.in_force(now) if it.decision is Decision.PROPOSE and not it.ended)
    waiting = (it for kept in asked if (it := _shown(home, kept, now)).proposed)
    return tuple(sorted(waiting, key=lambda it: _weight(it.kept.alert), reverse=True))


def alert(home: Home, id: str, now: int) -> Shown:  # noqa: A002 - what it is called everywhere
    """The alert of that id. Raises `Refused`."""
    kept = home.alerts.find(id)
    if kept is None:
        raise Refused(Trouble("", f"Không có tin nào mã “{id}”.", mend="Xem lại danh sách cảnh báo."))
    return _shown(home, kept, now)


def air(home: Home, id: str, *, by: str, now: int) -> Answer:  # noqa: A002 - as above
    """Let a proposal be aired; the answer comes once it is heard. Raises `Refused` and `PlayerDown`."""
    permit(Deed.SOUND)
    proposal = _proposal(home, id, now)
    with home.engine.begin() as connection:
        home.alerts.let_air(connection, id, by=by)
        write_audit(connection, now, by, "cho phát cảnh báo", _subject(proposal))
    return ask(home.places.socket, AirAlert(id, by), ON_AIR)


def dismiss(home: Home, id: str, *, by: str, now: int) -> None:  # noqa: A002 - as above
    """Let a proposal be. Raises `Refused`."""
    permit(Deed.SOUND)
    proposal = _proposal(home, id, now)
    with home.engine.begin() as connection:
        home.alerts.end(connection, id, Ended.DISMISSED, by=by, at=now)
        write_audit(connection, now, by, "bỏ qua cảnh báo", _subject(proposal))


def path_state(home: Home, now: Now) -> PathState:
    """How the way from the province is at `now`; what was never tested is no trouble while nobody would test it."""
    tested_at = home.alerts.last_test()
    since = max(filter(None, (tested_at, enrolled_at(home.places.province))), default=now.wall)
    late = now.trusted and now.wall - since > _TESTED_WITHIN
    wondered_at = late and sends_tests(signed_fields(home.places.province))
    return PathState(tested_at, _untested(tested_at) if wondered_at else None)


def _untested(tested_at: int | None) -> Trouble:
    never = "Chưa lần nào nhận được tin thử đường truyền của tỉnh."
    return Trouble(
        PATH,
        never if tested_at is None else f"Không nhận được tin thử đường truyền của tỉnh từ {_hour(tested_at)}.",
        "Chương trình vẫn phát; tin khẩn của tỉnh có thể không đến.",
        "Kiểm tra mạng của đài, rồi gọi tỉnh.",
    )


def _hour(wall: int) -> str:
    return f"{local(wall, HANOI):%H:%M %d/%m/%Y}"


def _weight(alert: Alert | None) -> tuple[bool, int]:
    return (alert.status is Status.ACTUAL, alert.severity.rank) if alert else (False, 0)


def _proposal(home: Home, id: str, now: int) -> Shown:  # noqa: A002 - as above
    shown = alert(home, id, now)
    if not shown.proposed:
        raise Refused(Trouble("", "Tin này không còn chờ quyết định.", mend="Xem lại danh sách cảnh báo."))
    return shown


def _shown(home: Home, kept: Kept, now: int) -> Shown:
    records = home.log.of_schedule(schedule_of(kept.id)) if kept.let_air else ()
    return Shown(kept, _became(kept, records, now), records)


def _became(kept: Kept, records: tuple[AsRun, ...], now: int) -> Became:
    if kept.decision is Decision.REFUSE:
        return Became.REFUSED
    last = records[-1] if records else None
    if last and last.result is None:
        return Became.AIRING
    if last and was_heard(records):
        return Became.AIRED if last.result == Result.AIRED else Became.CUT
    if kept.ended:
        return Became(kept.ended)
    if kept.decision is Decision.NOTE:
        return Became.NOTED
    if now >= kept.expires:
        return Became.EXPIRED if last is None else Became.FAILED
    return Became.WAITING if last is None else Became.FAILED


def _subject(shown: Shown) -> str:
    told = shown.kept.alert
    return f"{shown.kept.id} {told.headline if told else ''}".strip()
