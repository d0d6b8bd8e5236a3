"""The player, put together by hand: what `station run` starts, in order, and how it ends."""

import fcntl
import logging
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from station.air.amplifiers import GpioAmplifiers, ZonePin
from station.air.ledger import Ledger
from station.air.loop import Equipment, Loop
from station.air.players import open_player
from station.air.tapes import LibraryRenderer, TapeRoom
from station.clock import Clock
from station.control.client import ON_AIR
from station.control.messages import Answer, LookAgain, Play, Request, Status, Stop
from station.control.server import ControlServer
from station.desk.orders import by_hand
from station.desk.segments import take_in_waiting, target
from station.desk.timetable import broadcasts, read_plan
from station.rules.hours import local
from station.rules.now import DAY, HOUR
from station.rules.step import Past, State, recover
from station.rules.step.actions import Action
from station.rules.step.actions import Answer as Answered
from station.rules.step.events import PlayOrdered, ShutdownOrdered, StopOrdered, TimetablePlanned
from station.rules.step.recover import OpenRecordFound
from station.rules.trouble import Refused, Trouble
from station.status import Equipped, status
from station.stores.config import Config
from station.stores.home import Home

_UTC = ZoneInfo("UTC")
_LOOK_AT_FILES_S = 5
_AHEAD = 2 * DAY
_BACK = 7 * DAY

_log = logging.getLogger(__name__)


class Service:
    """One player, from start to end."""

    def __init__(self, home: Home) -> None:
        self._home = home
        loaded = home.config()
        self._config = loaded.config
        self._clock = Clock(always_trusted=self._config.trust_clock)
        self._amplifiers = _open_amplifiers(self._config)
        self._player = open_player(self._config.audio.device, self._clock)
        self._ledger = Ledger(home.log)
        renderer = LibraryRenderer(home.library, home.places.tapes, target(self._config.audio))
        equipment = Equipment(
            clock=self._clock,
            player=self._player,
            amplifiers=self._amplifiers,
            tapes=lambda post: TapeRoom(renderer, post),
            ledger=self._ledger,
        )
        self._loop = Loop(equipment, on_clock_step=self._follow_clock)
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True},  # late is late, never dropped
            timezone=_UTC,
        )
        self._something_to_take_in = threading.Event()
        self._troubles: tuple[Trouble, ...] = loaded.troubles
        self._seen: tuple[object, ...] = ()
        self._planned_at = 0

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; then fall silent, switch off and close the log."""
        with _alone(self._home.places.run):
            state, righting = self._recovered()
            self._say_what_is_simulated()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._loop.post(ShutdownOrdered()))
            self._loop.begin(state, righting)
            self._plan()
            control = ControlServer(self._home.places.socket, self._answer)
            threading.Thread(target=self._take_in, name="intake", daemon=True).start()
            self._start_jobs()
            try:
                self._loop.run()
            finally:
                self._amplifiers.close()
                self._scheduler.shutdown(wait=False)
                control.close()
                self._player.close()

    def _recovered(self) -> tuple[State, tuple[Action, ...]]:
        now = self._clock.now()
        log = self._home.log
        self._planned_at = log.last_beat() or now.wall
        lately = log.between(now.wall - _BACK - DAY, now.wall + _AHEAD)
        past = Past(
            open_records=tuple(
                OpenRecordFound(it.key, it.planned_start, it.actual_start) for it in log.still_open()
            ),
            closed={it.key: it.planned_start for it in lately},
            alive_at=log.last_beat(),
            sounded=tuple(
                (it.actual_start, it.actual_end)
                for it in lately
                if it.counts and it.actual_start and it.actual_end and it.actual_start > now.wall - DAY
            ),
        )
        return recover(self._config.station, past, now)

    def _say_what_is_simulated(self) -> None:
        if self._amplifiers.simulated:
            _log.warning("Không có chân GPIO nào trong cấu hình: tăng âm chỉ là mô phỏng.")
        if self._player.simulated:
            _log.warning("Không có thiết bị âm thanh: chương trình chạy đúng giờ nhưng không có tiếng.")
        if self._config.practice:
            _log.warning("Đây là trạm tập: phát được mọi giờ, không phải đài thật.")

    # Planning

    def _start_jobs(self) -> None:
        self._scheduler.add_job(self._plan_if_changed, "interval", seconds=_LOOK_AT_FILES_S)
        self._scheduler.add_job(self._plan, "interval", hours=1)
        self._scheduler.start()

    def _plan_soon(self) -> None:
        if self._scheduler.running:
            self._scheduler.add_job(self._plan)

    def _follow_clock(self) -> None:
        """Run every job anew by a clock that stepped: back, it would wait until the old time comes again."""
        if self._scheduler.running:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=local(self._clock.now().wall, _UTC))

    def _plan_if_changed(self) -> None:
        if self._files() != self._seen:
            self._plan()

    def _plan(self) -> None:
        self._seen = self._files()
        now = self._clock.now()
        plan = read_plan(self._home)
        in_force = attrs.evolve(plan, config=self._config)  # pins and hours change with a restart, not in mid-air
        since = max(min(self._planned_at, now.wall) - HOUR, now.wall - _BACK)
        planned = broadcasts(self._home, in_force, since, now.wall + _AHEAD)
        restart = () if plan.config == self._config or plan.config_troubles else (_RESTART,)
        self._report((*plan.troubles, *restart))
        self._loop.post(TimetablePlanned(planned))
        self._planned_at = now.wall

    def _report(self, troubles: tuple[Trouble, ...]) -> None:
        for trouble in troubles:
            if trouble not in self._troubles:
                _log.error("%s", trouble)
        self._troubles = troubles

    def _files(self) -> tuple[object, ...]:
        places = self._home.places
        paths = [
            places.config,
            places.order,
            places.swap_days,
            places.schedules,
            *sorted(places.schedules.glob("*.toml")),
        ]
        return tuple((path, _modified(path)) for path in paths)

    def _take_in(self) -> None:
        """Take in what waits, now and whenever something new does."""
        while True:
            try:
                for segment in take_in_waiting(self._home):
                    _log.info("taken in: %s (%s)", segment.title, segment.state)
                    self._plan_soon()
            except Exception:  # noqa: BLE001 - one recording must not stop the intake of the next
                _log.exception("intake failed; it goes on with the next upload")
            self._something_to_take_in.wait()
            self._something_to_take_in.clear()

    # Answering

    def _answer(self, request: Request) -> Answer:
        try:
            match request:
                case Status():
                    return Answer(done=True, value=self._status())
                case Play():
                    return self._play(request)
                case Stop(who):
                    return _answer(self._loop.order(lambda number: StopOrdered(number, who)).result(ON_AIR))
                case LookAgain():
                    self._something_to_take_in.set()
                    self._plan_soon()
                    return Answer(done=True)
        except Refused as refusal:
            return Answer(done=False, sentence=str(refusal.trouble))
        except TimeoutError:
            return Answer(done=False, sentence="Máy phát chưa làm xong lệnh này. Xem lại trang Hôm nay.")

    def _play(self, request: Play) -> Answer:
        now = self._clock.now()
        broadcast = by_hand(self._home, read_plan(self._home), request, now.wall)
        return _answer(self._loop.order(lambda number: PlayOrdered(number, broadcast)).result(ON_AIR))

    def _status(self) -> dict[str, Any]:
        equipped = Equipped(
            config=self._config,
            device=self._player.device,
            silent=self._player.simulated,
            amplifier_faults=dict(self._amplifiers.faults),
            log_behind=self._ledger.behind,
            disk=shutil.disk_usage(self._home.places.home),
        )
        return status(self._loop.state, self._clock.now(), equipped, self._troubles)


def amplifiers_off(home: Home) -> None:
    """Switch every amplifier off and leave its line so: for when the player cannot do it any more."""
    _open_amplifiers(home.config().config).close()


_RESTART = Trouble(
    "station.toml",
    "Cấu hình đã được sửa nhưng chưa áp dụng.",
    "Đài vẫn chạy theo cấu hình cũ.",
    "Khởi động lại máy phát.",
)


def _open_amplifiers(config: Config) -> GpioAmplifiers:
    return GpioAmplifiers([ZonePin(name, zone.pin, zone.active_high) for name, zone in config.zones.items()])


def _answer(answered: Answered) -> Answer:
    return Answer(answered.done, answered.sentence)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Hold the player's lock, which ends with its process; raises `Refused` when another holds it."""
    with (run / "station.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wrong = Trouble("", "Máy phát đã chạy rồi.", mend="Không cần chạy thêm; xem “station status”.")
            raise Refused(wrong) from None
        yield
