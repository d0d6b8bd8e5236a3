"""The player, put together by hand: what `station run` starts, in order, and how it ends."""

import faulthandler
import fcntl
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from station.air.amplifiers import GpioAmplifiers
from station.air.far_zones import AllAmplifiers, Satellite
from station.air.ledger import Ledger
from station.air.loop import Equipment, Loop
from station.air.off import note_lines, own_lines, zone_pin
from station.air.panel import Panel, PanelLight, PanelPins
from station.air.past import read_past, span_to_plan
from station.air.players import open_player
from station.air.precedence import Precedence, take
from station.air.snapcast import control_port
from station.air.snapcast_watch import SnapcastWatch
from station.air.tapes import LibraryRenderer, TapeRoom
from station.alerts.keeper import Keeper
from station.care.disk import read_disk
from station.care.fault_watch import FaultWatch
from station.care.heat import heat
from station.care.power import Power, PowerWatch
from station.control.changes import Changes
from station.control.messages import Answer
from station.control.server import ControlServer
from station.desk.alerts import path_state
from station.desk.backup_stick import backup_trouble, chosen_at, last_backup
from station.desk.database import database_trouble
from station.desk.province import NOT_ENROLLED, link
from station.desk.replay import share_replays
from station.desk.segments import take_in_waiting, target
from station.desk.space import let_originals_go
from station.desk.timetable import broadcasts, read_plan
from station.desk.updates import note_update
from station.desk.vault import last_sent, vault_chosen_at, vault_trouble
from station.notify import Notifier
from station.province.errand import Errand
from station.province.mounts import Mounts
from station.reception import NOT_APPLIED, Reception
from station.rules.backup import is_due
from station.rules.calm import FOR_BACKUP, is_calm
from station.rules.hours import local
from station.rules.now import HOUR, MINUTE, Now
from station.rules.offer import PREFIX
from station.rules.rundown import BROWSER
from station.rules.step import State, recover
from station.rules.step.actions import Action
from station.rules.step.events import ShutdownOrdered, TimetablePlanned
from station.rules.step.present import lasting, present
from station.rules.trouble import Refused, Trouble
from station.status import Equipped, faults, status
from station.stores.config import Config
from station.stores.enrolment import load_enrolment
from station.stores.feed_states import FeedStates
from station.stores.home import Home
from station.stores.listening import ListeningFile
from station.stores.schedule_files import schedule_paths

_UTC = ZoneInfo("UTC")
_LOOK_AT_FILES_S = 5
_LOOK_AT_QUEUE_S = 30
_LOOK_AT_SOUND_MIN = 15  # it starts a process
_LOOK_AT_POWER_S = 60  # this too
_SHARE_MIN = 5
_SYNC_MIN = 15
_SYNC_SOON = 2 * MINUTE  # ms after the start
_SYNC_JITTER_S = 100  # of hundreds of stations that got their power back at once no two come together
_LOOK_FOR_STICK_S = 60
_NOTE_UPDATE_S = 10
_NOTE_FAULTS_S = 10
_LOOK_AFTER_BACKUP_S = 10
_BACKUP_LONGEST_S = 4 * 3_600
_BACKUP_AGAIN = 20 * HOUR  # ms after one that failed
_VAULT_AGAIN = HOUR  # the link may be better then, and what went is kept

_log = logging.getLogger(__name__)


class Service:
    """One player, from start to end."""

    def __init__(self, home: Home, station: Sequence[str]) -> None:
        """`station` is the command line by which another process calls this same station."""
        self._home = home
        loaded = home.config()
        self._config = loaded.config
        self._clock = home.clock()
        self._lines = own_lines(self._config.zones)
        self._amplifiers = AllAmplifiers(GpioAmplifiers(self._lines), _satellites(self._config, home))
        audio = self._config.audio
        self._player = open_player(
            audio.device,
            self._clock,
            sources=_sources(self._config, home),
            monitor=audio.monitor,
            delay=audio.delay,
        )
        port = control_port(audio.device)
        self._snapcast = SnapcastWatch(port) if port else None
        self._ledger = Ledger(home.log, home.heartbeat)
        self._renderer = LibraryRenderer(
            home.library,
            home.places.tapes,
            home.places.voices,
            target(self._config.audio),
            self._clock.now().wall,
        )
        equipment = Equipment(
            clock=self._clock,
            player=self._player,
            amplifiers=self._amplifiers,
            tapes=lambda post: TapeRoom(self._renderer, post),
            ledger=self._ledger,
        )
        self._loop = Loop(equipment, on_clock_step=self._follow_clock, on_turn=self._after_turn)
        self._changes = Changes()
        self._reception = Reception(
            home,
            self._loop,
            self._clock,
            self._config,
            status=self._status,
            changes=self._changes,
            look_again=self._look_again,
            synchronise=self._synchronise,
        )
        self._panel = _open_panel(self._config, self._reception)
        self._errand = Errand([*station, "sync", "--json"], after=self._look_again)
        self._backup = Errand(
            [*station, "stick", "backup"], self._plan_soon, _BACKUP_LONGEST_S, about="Sao lưu vào USB"
        )
        self._backup_begun: Now | None = None
        self._vault = Errand(
            [*station, "vault", "backup"], self._plan_soon, _BACKUP_LONGEST_S, about="Sao lưu về tỉnh"
        )
        self._vault_begun: Now | None = None
        self._keeper = Keeper([*station, "listen"], self._somebody_to_hear, self._clock)
        self._mounts = Mounts()
        self._systemd = Notifier()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1), "slow": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True},  # late is late, never dropped
            timezone=_UTC,
        )
        self._fault_watch = FaultWatch(home.faults)
        self._power_watch = PowerWatch()
        self._something_to_take_in = threading.Event()
        self._troubles: tuple[Trouble, ...] = loaded.troubles
        self._seen: tuple[object, ...] = ()
        self._planned_at = 0
        self._plan_waits = False
        self._sound_missed = ""
        self._power: Power | None = None

    def run(self) -> bool:
        """Run until SIGTERM or SIGINT; then fall silent, switch off and close the log.

        Gives whether it is to begin anew, since a person wants that.
        """
        with _alone(self._home.places.run):
            # An abort by the watchdog tells where this thread, the loop's, hangs. The others run on meanwhile:
            # to walk their stacks as well may crash before a word is written.
            faulthandler.enable(all_threads=False)
            note_lines(self._home.places.run, self._lines)
            state, righting = self._recovered()
            self._say_what_is_simulated()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._loop.post(ShutdownOrdered()))
            self._loop.begin(state, righting)
            self._plan()
            self._amplifiers.begin(self._loop.post)
            control = ControlServer(self._home.places.socket, self._reception.answer)
            threading.Thread(target=self._take_in, name="intake", daemon=True).start()
            self._errand.begin()
            self._backup.begin()
            self._vault.begin()
            self._keeper.begin()
            self._start_jobs()
            self._systemd.ready()
            take(Precedence.LOOP)
            try:
                self._loop.run()
            finally:
                self._systemd.stopping()
                self._amplifiers.close()
                self._panel.close()
                self._scheduler.shutdown(wait=False)
                self._errand.close()
                self._backup.close()
                self._vault.close()
                self._keeper.close()
                control.close()
                self._player.close()
            return self._loop.state.begins_anew

    def _recovered(self) -> tuple[State, tuple[Action, ...]]:
        now = self._clock.now()
        past = read_past(self._home.log, self._home.heartbeat.last(), self._home.muted.all(), now)
        self._planned_at = now.wall if past.alive_at is None else past.alive_at
        return recover(self._config.station, past, now)

    def _say_what_is_simulated(self) -> None:
        if self._amplifiers.simulated:
            _log.warning("Không có chân GPIO nào trong cấu hình: tăng âm chỉ là mô phỏng.")
        if self._config.practice:
            _log.warning("Đây là trạm tập: phát được mọi giờ, không phải đài thật.")

    # Planning

    def _start_jobs(self) -> None:
        self._scheduler.add_job(self._plan_if_changed, "interval", seconds=_LOOK_AT_FILES_S)
        self._scheduler.add_job(self._plan, "interval", hours=1)
        self._scheduler.add_job(self._make_room, "interval", hours=1)
        self._scheduler.add_job(self._renew_copy, "interval", hours=1, executor="slow")
        self._scheduler.add_job(self._renderer.make_signals, executor="slow")
        self._scheduler.add_job(self._share, executor="slow")
        self._scheduler.add_job(self._share, "interval", minutes=_SHARE_MIN, executor="slow")
        soon = local(self._clock.now().wall + _SYNC_SOON, _UTC)
        every = {"minutes": _SYNC_MIN, "jitter": _SYNC_JITTER_S, "start_date": soon}
        self._scheduler.add_job(self._synchronise, "interval", **every)
        self._scheduler.add_job(self._look_for_stick, "interval", seconds=_LOOK_FOR_STICK_S)
        self._scheduler.add_job(self._look_after_backup, "interval", seconds=_LOOK_AFTER_BACKUP_S)
        self._scheduler.add_job(self._look_at_sound)  # it takes a second, and what was on must go on now
        self._scheduler.add_job(self._look_at_sound, "interval", minutes=_LOOK_AT_SOUND_MIN)
        self._scheduler.add_job(self._look_at_power)
        self._scheduler.add_job(self._look_at_power, "interval", seconds=_LOOK_AT_POWER_S)
        self._scheduler.add_job(self._note_faults, "interval", seconds=_NOTE_FAULTS_S)
        self._scheduler.add_job(self._note_update, "interval", seconds=_NOTE_UPDATE_S)
        self._scheduler.start()

    def _after_turn(self, state: State, now: Now) -> None:
        """Say that the loop works, to systemd, by the lamp and to who watches."""
        self._systemd.feed(now.mono)
        seen = lasting(present(state, now))
        self._changes.notice((seen, now.trusted, *self._wrong()))
        if state.holder is not None and self._backs_up and self._scheduler.running:
            self._scheduler.add_job(self._break_off_backup)  # this thread waits for nobody
        self._panel.show(_light(state, wrong=bool(self._troubles or self._sound_missing or self._unheard)))

    def _wrong(self) -> tuple[object, ...]:
        """What is wrong besides, as far as it is known without asking anything that may hang."""
        sound = (self._sound_missing, self._unheard)
        return self._troubles, sound, dict(self._amplifiers.faults), self._ledger.behind, self._power

    @property
    def _sound_missing(self) -> str:
        return self._snapcast.missing if self._snapcast else self._sound_missed

    @property
    def _unheard(self) -> tuple[Trouble, ...]:
        """Which of Snapcast's clients are not heard."""
        return self._snapcast.troubles if self._snapcast else ()

    def _look_at_sound(self) -> None:
        """Notice a sound card that went while nothing was on."""
        if self._loop.state.holder is not None:
            return
        silent, self._sound_missed = self._player.simulated, self._player.missing()
        if self._player.simulated and not silent:
            _log.warning("Không có thiết bị âm thanh: chương trình chạy đúng giờ nhưng không có tiếng.")

    def _look_at_power(self) -> None:
        self._power = self._power_watch.look()

    def _synchronise(self) -> Answer:
        """Ask the province for its news, in a process of its own; what that brings is planned when it ends."""
        if not self._enrolled():
            return Answer(done=False, sentence=str(NOT_ENROLLED))
        if self._errand.busy:
            return Answer(done=False, sentence="Đài đang đồng bộ với tỉnh rồi.")
        self._errand.want()
        return Answer(done=True, sentence="Đài đang đồng bộ với tỉnh; có gì mới sẽ vào lịch phát ngay.")

    def _note_update(self) -> None:
        note_update(self._home, self._clock.now().wall)

    def _look_for_stick(self) -> None:
        if not self._mounts.plugged_in():
            return
        self._backup_begun = None  # what failed on a stick may be mended
        if self._enrolled():
            self._errand.want()

    def _look_after_backup(self) -> None:
        """Have a backup while nothing is on or about to be, and break it off as soon as something is."""
        now, state = self._clock.now(), self._loop.state
        starts = (it.broadcast.start for it in state.casts.values() if it.broadcast.airs)
        if state.holder is not None or not is_calm(now.wall, starts, FOR_BACKUP):
            if self._backs_up:
                self._break_off_backup()
        elif now.trusted and self._backup_wanted(now):
            self._backup_begun = now
            self._backup.want()
        elif now.trusted and self._vault_wanted(now):
            self._vault_begun = now
            self._vault.want()

    @property
    def _backs_up(self) -> bool:
        return self._backup.busy or self._vault.busy

    def _break_off_backup(self) -> None:
        for errand in (self._backup, self._vault):
            errand.stop()
        self._backup_begun = self._vault_begun = None  # so that it is made up for

    def _vault_wanted(self, now: Now) -> bool:
        """Whether to send a backup to the province: after its news and reports, and never beside the stick's."""
        if self._backs_up or self._errand.busy:
            return False
        return self._is_wanted(
            now, vault_chosen_at(self._home), last_sent(self._home).good_at, self._vault_begun, _VAULT_AGAIN
        )

    def _backup_wanted(self, now: Now) -> bool:
        if self._backup.busy:
            return False
        wanted = self._is_wanted(
            now, chosen_at(self._home), last_backup(self._home).good_at, self._backup_begun, _BACKUP_AGAIN
        )
        return wanted and self._mounts.any_stick()

    def _is_wanted(self, now: Now, chosen: int | None, good_at: int | None, begun: Now | None, again: int) -> bool:
        """Whether a backup of a way that a person chose is due, and was not begun in the last `again` ms."""
        if chosen is None or (begun and now.mono - begun.mono < again and begun.wall >= chosen):
            return False
        return is_due(now.wall, good_at, self._config.station.hours)

    def _enrolled(self) -> bool:
        return load_enrolment(self._home.places.province) is not None

    def _somebody_to_hear(self) -> bool:
        return bool(self._config.feeds) or self._enrolled()

    def _look_again(self) -> None:
        self._something_to_take_in.set()
        self._plan_soon()

    def _plan_soon(self) -> None:
        """Plan once for however many changes come until then."""
        if self._scheduler.running and not self._plan_waits:
            self._plan_waits = True
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
        self._plan_waits = False  # what changes from now on is not seen by this one
        self._seen = self._files()
        now = self._clock.now()
        plan = read_plan(self._home)
        in_force = attrs.evolve(plan, config=self._config)  # pins and hours change with a restart, not in mid-air
        to_plan = span_to_plan(self._planned_at, now)
        planned = broadcasts(self._home, in_force, to_plan.since, to_plan.until)
        restart = () if plan.config == self._config or plan.config_troubles else (NOT_APPLIED,)
        province = link(self._home, now.wall)
        wrong = (
            province.wrong if province else None,
            path_state(self._home, now).trouble,
            backup_trouble(self._home, now.wall),
            database_trouble(self._home),
            vault_trouble(self._home, now.wall),
        )
        self._report((*plan.troubles, *restart, *self._panel.troubles, *filter(None, wrong)))
        self._loop.post(TimetablePlanned(planned))
        self._planned_at = to_plan.around

    def _make_room(self) -> None:
        let_originals_go(self._home, read_plan(self._home), self._clock.now().wall)

    def _renew_copy(self) -> None:
        """Have a new copy of the database, while nothing is on."""
        if self._loop.state.holder is None:
            self._home.renew_copy()

    def _share(self) -> None:
        """Make ready what anybody may hear again, while nothing is on."""
        if self._loop.state.holder is None:
            share_replays(self._home, self._clock.now().wall)

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
            places.dictionary,
            places.voices,
            places.schedules,
            places.schedules / PREFIX,
            *schedule_paths(places.schedules).values(),
        ]
        return tuple((path, _modified(path)) for path in paths)

    def _take_in(self) -> None:
        """Take in what waits, now and whenever something new does; who was killed before it could say so too."""
        while True:
            try:
                for segment in take_in_waiting(self._home):
                    _log.info("taken in: %s (%s)", segment.title, segment.state)
                    self._plan_soon()
            except Exception:  # noqa: BLE001 - one recording must not stop the intake of the next
                _log.exception("intake failed; it goes on with the next upload")
            self._something_to_take_in.wait(_LOOK_AT_QUEUE_S)
            self._something_to_take_in.clear()

    # What the player says of itself

    def _status(self) -> dict[str, Any]:
        return status(self._loop.state, self._clock.now(), self._equipped(), self._troubles)

    def _note_faults(self) -> None:
        """Have all that the page shows as wrong kept with its times."""
        now = self._clock.now()
        found = faults(present(self._loop.state, now), now, self._equipped())
        self._fault_watch.look((*self._troubles, *found), now)

    def _equipped(self) -> Equipped:
        return Equipped(
            config=self._config,
            device=self._player.device,
            silent=self._player.simulated,
            sound_missing=self._sound_missing,
            amplifier_faults=dict(self._amplifiers.faults),
            unheard=self._unheard,
            log_behind=self._ledger.behind,
            disk=read_disk(self._home.places.home),
            time_source=self._clock.source(),
            heat=heat(),
            power=self._power,
            link=link(self._home, self._clock.now().wall),
            listening=ListeningFile(self._home.places.run).last() if self._enrolled() else None,
            feeds=FeedStates(self._home.places.run).troubles(self._config.feeds),
        )


def _satellites(config: Config, home: Home) -> tuple[Satellite, ...]:
    """Each satellite that `station.toml` names, with its zones."""
    far = {name: zone for name, zone in config.zones.items() if zone.pi}
    return tuple(
        Satellite(
            pi,
            tuple(zone_pin(name, zone) for name, zone in far.items() if zone.pi == pi),
            {name: zone.longest for name, zone in far.items() if zone.pi == pi},
            home.places.satellites,
        )
        for pi in dict.fromkeys(zone.pi for zone in far.values())
    )


def _open_panel(config: Config, reception: Reception) -> Panel:
    panel = config.panel
    return Panel(
        PanelPins(panel.led, panel.stop_button, panel.emergency_button, panel.live_button),
        on_stop=reception.press_stop,
        on_emergency=reception.press_emergency,
        on_live=reception.press_live,
    )


def _light(state: State, *, wrong: bool) -> PanelLight:
    if state.holder is not None:
        return PanelLight.ON_AIR
    wrong = wrong or any(zone.fault or zone.doubt for zone in state.zones.values())
    return PanelLight.FAULT if wrong else PanelLight.READY


def _sources(config: Config, home: Home) -> dict[str, str]:
    """Where each live source is: an address, a sound device, or a socket."""
    return {
        **{f"stream:{name}": stream.address for name, stream in config.streams.items()},
        **{f"microphone:{name}": microphone.device for name, microphone in config.microphones.items()},
        BROWSER: str(home.places.live),
    }


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
