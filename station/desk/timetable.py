"""The timetable as it follows from the files and the library now, and all that is wrong with them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from attrs import Factory, evolve, frozen

from station.audio import speech
from station.rules.approval import State
from station.rules.compose import compose
from station.rules.days import UNCHANGED, Calendar
from station.rules.now import DAY
from station.rules.offer import PREFIX
from station.rules.rundown import Item, Play, Segment
from station.rules.schedule import Broadcast, Schedule
from station.rules.station import Station
from station.rules.timetable import timetable
from station.rules.trouble import Refused, Trouble
from station.rules.voice import NORTHERN, Speaker, Voice
from station.stores.config import Config
from station.stores.dictionary import NO_WORDS, read_dictionary
from station.stores.home import Home
from station.stores.order_file import USUAL, Order, read_order
from station.stores.swap_days import read_swap_days
from station.stores.templates import read_templates
from station.stores.written import Unreadable, nearest

T = TypeVar("T")


@frozen
class Plan:
    """What is intended: the station, its schedules, how it speaks, what is wrong with the files."""

    config: Config
    schedules: tuple[Schedule, ...]
    config_troubles: tuple[Trouble, ...]
    schedule_troubles: tuple[Trouble, ...]
    order: Order = USUAL
    calendar: Calendar = UNCHANGED
    dictionary: Mapping[str, str] = Factory(dict)
    voices: tuple[str, ...] = (NORTHERN,)
    speech_troubles: tuple[Trouble, ...] = ()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All of it."""
        return (*self.config_troubles, *self.schedule_troubles, *self.speech_troubles)

    @property
    def rundowns(self) -> tuple[tuple[Item, ...], ...]:
        """What its schedules ask for."""
        return tuple(it.rundown for it in self.schedules if it.enabled)

    @property
    def station(self) -> Station:
        """The station as its rules see it."""
        return evolve(
            self.config.station,
            goes_first=self.order.first,
            chosen=self.order.on,
            calendar=self.calendar,
            speaker=self.speaker(),
        )

    def speaker(self, voice: str | None = None) -> Speaker:
        """Who speaks: the voice that is set, or the one named; the usual one where it cannot."""
        wanted = voice or self.config.speech.voice
        return Speaker(
            Voice(wanted if wanted in self.voices else NORTHERN, self.config.speech.speed), self.dictionary
        )


def read_plan(home: Home) -> Plan:
    """Read the files as they are now; one that is broken is told, and the rest stands without it."""
    loaded = home.config()
    files = home.schedules(loaded.config.known)
    order, order_troubles = _read_or(read_order, home.places.order, USUAL)
    calendar, calendar_troubles = _read_or(read_swap_days, home.places.swap_days, UNCHANGED)
    dictionary, dictionary_troubles = _read_or(read_dictionary, home.places.dictionary, NO_WORDS)
    voice = speech.missing(loaded.config.speech.voice, home.places.voices)
    return Plan(
        config=loaded.config,
        schedules=files.schedules,
        config_troubles=loaded.troubles,
        schedule_troubles=(*files.troubles, *order_troubles, *calendar_troubles),
        order=order,
        calendar=calendar,
        dictionary=dictionary,
        voices=speech.voices_in(home.places.voices),
        speech_troubles=(*dictionary_troubles, *filter(None, [voice])),
    )


def _read_or(read: Callable[[Path], T], path: Path, usual: T) -> tuple[T, tuple[Trouble, ...]]:
    try:
        return read(path), ()
    except Unreadable as error:
        still = "Đài vẫn phát, như khi không có tệp này."
        return usual, tuple(evolve(trouble, still=still) for trouble in error.troubles)


def broadcasts(home: Home, plan: Plan, since: int, until: int) -> tuple[Broadcast, ...]:
    """Every broadcast that starts from `since` up to `until` (wall ms)."""
    return timetable(plan.schedules, plan.station, fit_for(home, plan, since), since, until)


def fit_for(home: Home, plan: Plan, since: int) -> tuple[Segment, ...]:
    """The segments that may be heard in broadcasts from wall ms `since` on."""
    return home.library.usable(plan.rundowns, since - 2 * DAY)  # the day before may still be on, or clash


def check(home: Home, now: int) -> tuple[Trouble, ...]:
    """All that is wrong with config, schedules and library, and what the schedules lack (`now` in wall ms)."""
    plan = read_plan(home)
    refused = _refused(broadcasts(home, plan, now, now + 7 * DAY))
    templates = read_templates(home.places.schedules).troubles
    return (*plan.troubles, *templates, *_missing(home, plan, now), *refused, *_damaged(home))


def _missing(home: Home, plan: Plan, now: int) -> Iterator[Trouble]:
    """What a rundown asks for and the library does not hold, or holds without approval."""
    kept = set(home.library.names())
    approved = fit_for(home, plan, now)
    fit = {segment.name for segment in approved}
    for schedule in plan.schedules:
        if not schedule.enabled:
            continue
        where = f"{schedule.name}.toml, rundown"
        for number, item in enumerate(schedule.rundown, 1):
            if isinstance(item, Play):
                if item.play not in fit:
                    yield evolve(_unfit(item.play, kept), where=f"{where} thứ {number}")
            elif gaps := compose([item], approved, now, plan.station.sources).gaps:
                yield evolve(gaps[0], where=f"{where} thứ {number}")


def _unfit(name: str, kept: set[str]) -> Trouble:
    """Why a segment that a rundown names cannot be heard."""
    if name.startswith(PREFIX):
        what = f"Chưa nhận được mục “{name}” từ tỉnh, hoặc xã đã từ chối."
        return Trouble("", what, mend="Đài tự nhận khi có đường truyền; gấp thì chọn mục khác.")
    if name in kept:
        return Trouble("", f"“{name}” chưa được duyệt nên chưa phát được.", mend="Nghe thử rồi duyệt mục này.")
    mend = nearest(name, sorted(kept)) if kept else "Tải lên."
    return Trouble("", f"Không có mục “{name}” trong thư viện.", mend=mend)


def _refused(week: tuple[Broadcast, ...]) -> Iterator[Trouble]:
    told = set()
    for broadcast in week:
        if not broadcast.airs and broadcast.schedule not in told:
            told.add(broadcast.schedule)
            yield Trouble(f"{broadcast.schedule}.toml", broadcast.reason, mend="Sửa giờ phát trong lịch.")


def _damaged(home: Home) -> Iterator[Trouble]:
    for segment in home.library.segments():
        if segment.state is State.APPROVED and segment.ready:
            try:
                home.library.verify(segment.ready, segment.title)
            except Refused as refusal:
                yield refusal.trouble
