"""Programmes from templates: a day's programme is three choices."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import asdict

from station.desk.schedules import Draft, draft_new
from station.desk.timetable import read_plan
from station.rules.approval import State
from station.rules.rundown import Item, Kind
from station.rules.template import Chosen, ProgrammeTemplate, arranged
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home
from station.stores.library import StoredSegment
from station.stores.search import Search
from station.stores.slug import slug
from station.stores.templates import Templates, read_templates
from station.stores.written import nearest

_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def list_templates(home: Home) -> Templates:
    """Every template, and what is wrong with some."""
    return read_templates(home.places.schedules)


def programme_template(home: Home, name: str) -> ProgrammeTemplate:
    """The template of that name. Raises `Refused`."""
    known = {it.name: it for it in list_templates(home).programmes}
    if name in known:
        return known[name]
    raise Refused(Trouble("", f"Không có mẫu chương trình “{name}”.", mend=nearest(name, list(known))))


def choices(home: Home, kind: Kind, now: int) -> tuple[StoredSegment, ...]:
    """What may be chosen of a kind at wall ms `now`, the newest first."""
    found = home.library.found(Search(kind=kind, states=(State.APPROVED,)))
    return tuple(it for it in found.segments if it.usable and it.usable.is_valid(now))


def draft_programme(  # noqa: PLR0913 - a day's programme has that many choices
    home: Home, template: ProgrammeTemplate, names: Iterable[str], *, day: dt.date, at: str, zones: tuple[str, ...]
) -> Draft:
    """The schedule that airs a template once, with the segments of these names. Raises `Refused`, `Unreadable`."""
    chosen: dict[Kind, list[Chosen]] = {}
    for name in names:
        segment = home.library.find(name)
        if segment is None or segment.usable is None:
            raise Refused(Trouble(name, "Mục này chưa được duyệt.", mend="Chọn mục khác, hoặc duyệt mục này."))
        chosen.setdefault(segment.kind, []).append(Chosen(segment.name, segment.title))
    known = {"station": read_plan(home).config.name, "day": f"{_DAYS[day.weekday()]}, ngày {day:%d/%m/%Y}"}
    rundown = arranged(template, chosen, known)
    fields = {
        "title": template.title,
        **({"zones": list(zones)} if zones else {}),
        "air": [{"days": [day.isoformat()], "at": at}],
        "rundown": [_written(item) for item in rundown],
    }
    return draft_new(home, slug(f"{template.name} {day:%Y-%m-%d} {at}"), fields)


def _written(item: Item) -> Mapping[str, Any]:
    return {key: value for key, value in asdict(item).items() if value not in (None, "")}
