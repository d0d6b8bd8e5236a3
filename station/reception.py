"""Reception: what people ask of the player, by the socket or a push button, becomes an order to its loop."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import attrs

from station.air.devices import choices
from station.air.loop import Loop
from station.clock import Clock
from station.control.changes import Changes
from station.control.client import ON_AIR
from station.control.messages import (
    AirAlert,
    Answer,
    Emergency,
    Live,
    LookAgain,
    Mute,
    Play,
    Request,
    Restart,
    SoundOutputs,
    Status,
    Stop,
    Sync,
    TryZone,
    Watch,
    WithdrawAlert,
)
from station.desk.alerting import alert_broadcast
from station.desk.ordered import by_hand, emergency_broadcast, live_broadcast, trial_broadcast
from station.desk.timetable import read_plan
from station.rules.alerting.aired import schedule_of
from station.rules.alerting.judging import clears
from station.rules.schedule import Broadcast
from station.rules.step.actions import Answer as Answered
from station.rules.step.events import MuteOrdered, PlayOrdered, RestartOrdered, StopOrdered, WithdrawOrdered
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.config import Config
from station.stores.home import Home

_BY_BUTTON = "Nút bấm"
_WATCHED = 60.0  # s after which any watcher is answered though nothing changed

NOT_APPLIED = Trouble(
    "station.toml",
    "Cấu hình đã được sửa nhưng chưa áp dụng.",
    "Đài vẫn chạy theo cấu hình cũ.",
    "Khởi động lại máy phát.",
)

_log = logging.getLogger(__name__)


class Reception:
    """Takes requests from any thread; an answer comes when it is true."""

    def __init__(  # noqa: PLR0913 - it stands between that many
        self,
        home: Home,
        loop: Loop,
        clock: Clock,
        in_force: Config,
        *,
        status: Callable[[], Any],
        changes: Changes,
        look_again: Callable[[], None],
        synchronise: Callable[[], Answer],
    ) -> None:
        self._home = home
        self._loop = loop
        self._clock = clock
        self._in_force = in_force
        self._status = status
        self._changes = changes
        self._look_again = look_again
        self._synchronise = synchronise
        self._alerts = threading.Lock()

    def answer(self, request: Request) -> Answer:
        """Do what is asked, and say what truly happened."""
        try:
            return self._answer(request)
        except Refused as refusal:
            return Answer(done=False, sentence=str(refusal.trouble))
        except TimeoutError:
            return Answer(done=False, sentence="Máy phát chưa làm xong lệnh này. Xem lại trang Hôm nay.")

    def _answer(self, request: Request) -> Answer:
        match request:
            case Status():
                return Answer(done=True, value=self._status())
            case Watch(seen, longest):
                number = self._changes.wait(seen, min(longest, _WATCHED))  # in the watcher's own thread
                return Answer(done=True, value={"seen": number, "status": self._status()})
            case Play() | Emergency() | Live() | TryZone():
                return self._play(self._broadcast(request))
            case AirAlert(alert, who):
                return _told(self._air(alert, who).result(ON_AIR))
            case WithdrawAlert(alert, reason):
                return _told(self._withdraw(alert, reason).result(ON_AIR))
            case Stop(who):
                return _told(self._loop.order(lambda number: StopOrdered(number, who)).result(ON_AIR))
            case Mute():
                muted = self._home.muted.all()
                return _told(self._loop.order(lambda number: MuteOrdered(number, muted)).result(ON_AIR))
            case Restart(who):
                return _told(self._loop.order(lambda number: RestartOrdered(number, who)).result(ON_AIR))
            case SoundOutputs():
                found = choices(busy=self._loop.state.holder is not None)
                return Answer(done=True, value=[attrs.asdict(it) for it in found])
            case Sync():
                return self._synchronise()
            case LookAgain():
                self._look_again()
                return Answer(done=True)

    def _broadcast(self, request: Play | Emergency | Live | TryZone) -> Broadcast:
        plan, now = read_plan(self._home), self._clock.now().wall
        match request:
            case Play():
                return by_hand(self._home, plan, request, now)
            case Emergency():
                return emergency_broadcast(self._home, plan, request, now)
            case Live():
                return live_broadcast(plan, request, now)
            case TryZone():
                if plan.config.zones.get(request.zone) != self._in_force.zones.get(request.zone):
                    raise Refused(NOT_APPLIED)  # it would sound by the pin that was
                return trial_broadcast(self._home, plan, request, now)

    def _play(self, broadcast: Broadcast) -> Answer:
        return _told(self._loop.order(lambda number: PlayOrdered(number, broadcast)).result(ON_AIR))

    # Alerts: one at a time, so that what was withdrawn meanwhile is not aired after that

    def _air(self, alert: str, who: str) -> Future[Answered]:
        with self._alerts:
            kept = self._home.alerts.find(alert)
            if kept is None:
                raise Refused(Trouble("", "Đài không có tin khẩn này.", mend="Xem trang Cảnh báo."))
            broadcast = alert_broadcast(self._home, read_plan(self._home), kept, self._clock.now(), who)
            waits = kept.alert is not None and clears(kept.alert)
            return self._loop.order(lambda number: PlayOrdered(number, broadcast, waits))

    def _withdraw(self, alert: str, reason: str) -> Future[Answered]:
        with self._alerts:
            return self._loop.order(lambda number: WithdrawOrdered(number, schedule_of(alert), reason))

    # Push buttons

    def press_stop(self) -> None:
        """Be silent now."""
        self._loop.order(lambda number: StopOrdered(number, _BY_BUTTON))
        self._note("dừng phát")

    def press_emergency(self) -> None:
        """Speak the station's own emergency message."""
        self._note("phát khẩn cấp")
        self._press(Emergency(_BY_BUTTON, text=self._home.config().config.emergency.message))

    def press_live(self) -> None:
        """Begin to speak into the station's microphone, or end it."""
        holder = self._loop.state.holder
        if holder and holder.broadcast.live:
            self.press_stop()
        elif microphones := self._home.config().config.microphones:
            self._note("phát trực tiếp")
            self._press(Live(_BY_BUTTON, f"microphone:{next(iter(microphones))}"))
        else:
            _log.error("Nút phát trực tiếp: chưa khai báo micro nào trong station.toml.")

    def _press(self, request: Emergency | Live) -> None:
        answer = self.answer(request)
        _log.info("%s: %s", _BY_BUTTON, answer.sentence)

    def _note(self, deed: str) -> None:
        with self._home.engine.begin() as connection:
            write_audit(connection, self._clock.now().wall, _BY_BUTTON, deed, "")


def _told(answered: Answered) -> Answer:
    return Answer(answered.done, answered.sentence)
