"""The schedule files: one schedule each, in `schedules/*.toml`."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from cattrs.gen import make_dict_structure_fn, override

from station.rules.days import Days, read_days
from station.rules.now import SECOND
from station.rules.offer import PREFIX
from station.rules.origin import Origin
from station.rules.rundown import Item, Kind, Live, Newest, Play, Rebroadcast, Say
from station.rules.schedule import DROP, SKIP, Airing, Clash, Late, Priority, Schedule
from station.rules.trouble import Refused, Trouble
from station.stores.known import Known
from station.stores.late_and_clash import read_clash, read_late
from station.stores.province_schedules import of_province
from station.stores.swap_days import read_date
from station.stores.written import (
    Unreadable,
    nearest,
    one_of,
    read_clock,
    read_duration,
    read_text,
    read_toml_text,
    strict_converter,
)

_LONGEST_CYCLE = 53  # weeks
_LONGEST_CROSSFADE = 10 * SECOND
_ITEMS: Mapping[str, type[Item]] = {
    "play": Play,
    "newest": Newest,
    "say": Say,
    "rebroadcast": Rebroadcast,
    "live": Live,
}


@frozen
class _File:
    """A schedule as its file writes it; the file's own name is the schedule's."""

    title: str
    air: tuple[Airing, ...]
    rundown: tuple[Item, ...]
    priority: Priority = Priority.NORMAL
    zones: tuple[str, ...] = ("all",)
    enabled: bool = True
    late: Late = SKIP
    clash: Clash = DROP
    crossfade: int = 0


@frozen
class ScheduleFiles:
    """What a folder of schedules holds: those that are right, and what is wrong with the others."""

    schedules: tuple[Schedule, ...]
    troubles: tuple[Trouble, ...] = field(default=())


def read_schedules(folder: Path, known: Known) -> ScheduleFiles:
    """Read every schedule of a folder; a broken one is told and left out, the others stand."""
    schedules: list[Schedule] = []
    troubles: list[Trouble] = []
    for name, path in schedule_paths(folder).items():
        try:
            schedules.append(read_schedule(read_text(path), name, known))
        except Unreadable as error:
            still = "Các lịch khác vẫn phát bình thường."
            troubles += [evolve(trouble, still=still) for trouble in error.troubles]
    return ScheduleFiles(tuple(schedules), tuple(troubles))


def schedule_paths(folder: Path) -> Mapping[str, Path]:
    """The schedules of a folder by their names, the commune's own first; the province's have its folder's name."""
    found = chain(sorted(folder.glob("*.toml")), sorted(folder.glob(f"{PREFIX}*.toml")))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}


def whose(name: str) -> Origin:
    """Whose the schedule of that name is."""
    return Origin.PROVINCE if name.startswith(PREFIX) else Origin.COMMUNE


def read_schedule(text: str, name: str, known: Known) -> Schedule:
    """Read the text of the schedule `name`, or raise `Unreadable` with all that is wrong."""
    if whose(name) is Origin.COMMUNE:
        return _read_schedule(text, name, known)
    try:
        return of_province(_read_schedule(text, name, known))
    except Unreadable as error:
        raise Unreadable([evolve(trouble, mend="Báo cho tỉnh.") for trouble in error.troubles]) from None


def _read_schedule(text: str, name: str, known: Known) -> Schedule:
    file = f"{name}.toml"
    written = read_toml_text(text, _File, _CONVERTER, file)
    chosen = () if "all" in written.zones else written.zones
    unknown = [name for name in chosen if name not in known.zones]
    if unknown:
        mend = nearest(unknown[0], [*known.zones, "all"])
        raise Unreadable([Trouble(f"{file}, zones", f"Không có cụm loa “{unknown[0]}”.", mend=mend)])
    if wrong_names := list(_unknown_sources(written.rundown, known, file)):
        raise Unreadable(wrong_names)
    for number, airing in enumerate(written.air, 1):
        if airing.every > 1 and airing.since is None:
            wrong = "Có “every” nhưng thiếu “from”, nên không biết đếm từ tuần nào."
            raise Unreadable([Trouble(f"{file}, air thứ {number}", wrong, mend="Thêm from = “năm-tháng-ngày”.")])
    return Schedule(
        name=name,
        title=written.title,
        air=written.air,
        rundown=written.rundown,
        priority=written.priority,
        zones=chosen,
        enabled=written.enabled,
        late=written.late,
        clash=written.clash,
        crossfade=written.crossfade,
    )


def _unknown_sources(rundown: tuple[Item, ...], known: Known, file: str) -> Iterator[Trouble]:
    """Each stream or microphone that the station does not have."""
    for number, item in enumerate(rundown, 1):
        where = f"{file}, rundown thứ {number}"
        if isinstance(item, Rebroadcast) and item.rebroadcast not in known.streams:
            mend = _or_declare(item.rebroadcast, known.streams, "streams")
            yield Trouble(f"{where}.rebroadcast", f"Không có luồng “{item.rebroadcast}”.", mend=mend)
        if isinstance(item, Live) and item.live not in known.microphones:
            mend = _or_declare(item.live, known.microphones, "microphones")
            yield Trouble(f"{where}.live", f"Không có micro “{item.live}”.", mend=mend)


def _or_declare(name: str, names: Collection[str], table: str) -> str:
    return nearest(name, names) if names else f"Khai báo trong station.toml, mục [{table}.{name}]."


def _read_days(value: Any, _kind: Any = None) -> Days:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words) or not words:
        raise Refused(Trouble("", f"“{value}” không phải là ngày.", mend='Viết như “mon-sat” hoặc ["2026-09-02"].'))
    return read_days(value)


def _read_every(value: Any, _kind: Any = None) -> int:
    if type(value) is not int or not 1 <= value <= _LONGEST_CYCLE:
        raise Refused(Trouble("", f"“{value}” không phải là số tuần.", mend="Viết một số như 2: hai tuần một lần."))
    return value


def _read_crossfade(value: Any, _kind: Any = None) -> int:
    crossfade = read_duration(value)
    if crossfade > _LONGEST_CROSSFADE:
        raise Refused(Trouble("", f"“{value}” quá dài.", mend="Viết nhiều nhất “10s”."))
    return crossfade


def read_item(value: Any, _kind: Any = None) -> Item:
    """Read one [[rundown]] table; raises `Refused`."""
    if not isinstance(value, dict):
        raise Refused(
            Trouble("", "Mục này phải là một bảng [[rundown]].", mend="Xem ví dụ trong thư mục schedules.")
        )
    for key, item in _ITEMS.items():
        if key in value:
            return _CONVERTER.structure(value, item)
    key = next(iter(value), "")
    raise Refused(Trouble("", f"Không hiểu mục “{key}”.", mend=nearest(key, list(_ITEMS))))


def _some(kind: type) -> Any:
    """A hook for a list that must not be empty."""

    def hook(value: Any, _kind: Any = None) -> Any:
        if not isinstance(value, list) or not value:
            raise Refused(Trouble("", "Cần ít nhất một mục.", mend="Xem ví dụ trong thư mục schedules."))
        return _CONVERTER.structure(value, tuple[kind, ...])  # type: ignore[valid-type]

    return hook


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(Item, read_item)
_CONVERTER.register_structure_hook(Kind, lambda value, _: Kind(one_of([*Kind], "một loại tin")(value, _)))
_CONVERTER.register_structure_hook(
    Priority, lambda value, _: Priority(one_of([*Priority], "một mức ưu tiên")(value, _))
)
_CONVERTER.register_structure_hook(
    Airing,
    make_dict_structure_fn(
        Airing,
        _CONVERTER,
        days=override(struct_hook=_read_days),
        at=override(struct_hook=read_clock),
        skip=override(rename="except", struct_hook=_read_days),
        since=override(rename="from", struct_hook=read_date),
        until=override(struct_hook=read_date),
        every=override(struct_hook=_read_every),
        hard_end=override(struct_hook=read_clock),
    ),
)
_CONVERTER.register_structure_hook(
    Play,
    make_dict_structure_fn(Play, _CONVERTER, lasting=override(rename="for", struct_hook=read_duration)),
)
_CONVERTER.register_structure_hook(
    Newest,
    make_dict_structure_fn(
        Newest,
        _CONVERTER,
        within=override(struct_hook=read_duration),
        limit=override(struct_hook=read_duration),
        origin=override(
            struct_hook=lambda value, _: Origin(one_of([*Origin], "một nguồn (xã, tỉnh, trung ương)")(value, _))
        ),
    ),
)
for _item in (Rebroadcast, Live):
    _CONVERTER.register_structure_hook(
        _item,
        make_dict_structure_fn(_item, _CONVERTER, lasting=override(rename="for", struct_hook=read_duration)),
    )
_CONVERTER.register_structure_hook(
    _File,
    make_dict_structure_fn(
        _File,
        _CONVERTER,
        air=override(struct_hook=_some(Airing)),
        rundown=override(struct_hook=_some(Item)),  # type: ignore[arg-type]
        zones=override(struct_hook=_some(str)),
        late=override(struct_hook=read_late),
        clash=override(struct_hook=read_clash),
        crossfade=override(struct_hook=_read_crossfade),
    ),
)
